//===- Options.h - The plugin's options -------------------------*- C++ -*-===//
//
// Every option is -fastir-NAME with the environment variable FASTIR_NAME as
// its twin, for hosts such as lld that take no options of a plugin. The option
// wins.
//
//===----------------------------------------------------------------------===//

#ifndef FASTIR_HOST_OPTIONS_H
#define FASTIR_HOST_OPTIONS_H

#include "inline/AdvisorConfig.h"

#include "llvm/IR/Module.h"
#include "llvm/Support/Error.h"

#include <string>

namespace fastir {

/// The folder of -fastir-collect; empty if nothing is collected.
std::string collectDirectory();

/// The folder of -fastir-replay; empty if nothing is replayed.
std::string replayDirectory();

/// The file of -fastir-profile, empty if there is none, and whether it must
/// fit.
struct ProfileSettings {
  std::string Path;
  bool Strict;
};
ProfileSettings profileSettings();

/// What the options ask of the advisor of \p M. Fails where something that the
/// user named cannot be used. A default model that is missing is a warning,
/// and LLVM decides.
llvm::Expected<AdvisorConfig> configFromOptions(llvm::Module &M);

} // namespace fastir

#endif // FASTIR_HOST_OPTIONS_H
