//===- BuildPhase.h - Where in a build a module is compiled -----*- C++ -*-===//

#ifndef FASTIR_IR_BUILDPHASE_H
#define FASTIR_IR_BUILDPHASE_H

#include "llvm/Pass.h"
#include "llvm/Support/Error.h"

#include <optional>

namespace fastir {

/// The phase of that name: compile (without LTO), thin-pre-link, thin-link,
/// full-pre-link or full-link.
llvm::Expected<llvm::ThinOrFullLTOPhase> parsePhase(llvm::StringRef Name);

llvm::StringRef phaseName(llvm::ThinOrFullLTOPhase Phase);

/// The phase in which a linker compiles what was compiled in \p Phase; none
/// where it compiles nothing.
std::optional<llvm::ThinOrFullLTOPhase>
linkAfter(llvm::ThinOrFullLTOPhase Phase);

/// Whether the linker compiles modules in that phase.
bool isAtLink(llvm::ThinOrFullLTOPhase Phase);

} // namespace fastir

#endif // FASTIR_IR_BUILDPHASE_H
