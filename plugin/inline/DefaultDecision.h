//===- DefaultDecision.h - What LLVM's heuristic decides --------*- C++ -*-===//

#ifndef FASTIR_INLINE_DEFAULTDECISION_H
#define FASTIR_INLINE_DEFAULTDECISION_H

#include "llvm/Analysis/InlineCost.h"

#include <cstdint>
#include <optional>

namespace fastir {

/// The cost of a call that must not be inlined; its negative, of one that must.
constexpr int64_t CostSentinel = 100000;

/// What LLVM's heuristic decides on one call, whatever the policy.
struct DefaultDecision {
  bool Inlines = false;
  bool IsForced = false; ///< whatever the cost
  /// The cost as far as LLVM counts, which stops beyond the threshold;
  /// +-CostSentinel where it is forced.
  int64_t CostMinusThreshold = 0;
  /// The cost of the whole callee, where LLVM has counted that far;
  /// +-CostSentinel likewise.
  int64_t FullCost = 0;
  /// The cost of the whole callee is FullCost or more, or it must not be
  /// inlined at all.
  bool IsCapped = false;
  /// As llvm::shouldInline returns it: of a call that LLVM would inline.
  std::optional<llvm::InlineCost> Cost;
};

} // namespace fastir

#endif // FASTIR_INLINE_DEFAULTDECISION_H
