//===- ModelDecider.h - Asking the model for a caller -----------*- C++ -*-===//

#ifndef FASTIR_INLINE_MODELDECIDER_H
#define FASTIR_INLINE_MODELDECIDER_H

#include "inline/AdvisorConfig.h"
#include "inline/Remarks.h"
#include "model/FastirModelRunner.h"

namespace fastir {

/// Asks the models of a configuration about the calls of one module.
class ModelDecider {
public:
  explicit ModelDecider(const AdvisorConfig &Config) : Config(Config) {}

  /// What the model for \p Caller says of the call whose features \p Runner
  /// holds, and sets in \p Why that it said so. LLVM's verdict, which \p Why
  /// has already, where there is no model, or it cannot be used: that is
  /// reported once.
  bool decide(const llvm::Function &Caller, FastirModelRunner &Runner,
              Reason &Why);

private:
  const AdvisorConfig &Config;
  bool HasFailed = false;
};

} // namespace fastir

#endif // FASTIR_INLINE_MODELDECIDER_H
