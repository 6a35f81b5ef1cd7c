//===- AdvisorConfig.h - What an advisor is asked to do ---------*- C++ -*-===//
//
// The plugin fills this from its options, the engine from its caller. The
// advisor knows neither.
//
//===----------------------------------------------------------------------===//

#ifndef FASTIR_INLINE_ADVISORCONFIG_H
#define FASTIR_INLINE_ADVISORCONFIG_H

#include "decision/Decision.h"
#include "decision/Policy.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/IR/Function.h"

#include <memory>

namespace fastir {

class Model;

struct AdvisorConfig {
  Policy Who = Policy::Model;
  /// Needed by Policy::Model only; the first whose domain a function is in
  /// decides on the calls in it.
  llvm::SmallVector<Model *, 2> Models;
  std::shared_ptr<DecisionObserver> Observer; ///< may be null
  /// For tests: see InlineSession::verify().
  bool VerifyFacts = false;

  /// The model for calls in \p Caller; null if there is none.
  Model *modelFor(const llvm::Function &Caller) const;

  /// Whether a policy other than LLVM's heuristic decides on calls in
  /// \p Caller.
  bool decidesIn(const llvm::Function &Caller) const;
};

} // namespace fastir

#endif // FASTIR_INLINE_ADVISORCONFIG_H
