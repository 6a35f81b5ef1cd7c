//===- Policy.cpp - Who decides -------------------------------------------===//

#include "decision/Policy.h"

#include "llvm/ADT/StringSwitch.h"

#include <optional>

using namespace llvm;

namespace fastir {

Expected<Policy> parsePolicy(StringRef Name) {
  auto Result = StringSwitch<std::optional<Policy>>(Name)
                    .Case("model", Policy::Model)
                    .Case("llvm", Policy::Llvm)
                    .Case("always", Policy::Always)
                    .Case("never", Policy::Never)
                    .Default(std::nullopt);
  if (Result)
    return *Result;
  return createStringError("unknown policy '" + Name +
                           "'; it is one of model, llvm, always, never");
}

} // namespace fastir
