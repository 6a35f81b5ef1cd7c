//===- FullCosts.h - Whole costs of calls, kept by callee -------*- C++ -*-===//
//
// LLVM's cost model stops at the threshold; a model asks for the cost of the
// whole callee. Where that is large and called from everywhere, computing it
// for each call would take longer than the rest of the compile. Two calls of
// one callee have the same cost if the cost model sees the same of them; and
// from the greatest cost on that a model compares with, all are one to it.
//
//===----------------------------------------------------------------------===//

#ifndef FASTIR_INLINE_FULLCOSTS_H
#define FASTIR_INLINE_FULLCOSTS_H

#include "inline/LlvmHeuristic.h"
#include "inline/features/ModuleFacts.h"

#include "llvm/ADT/StringMap.h"

namespace fastir {

class FullCosts {
public:
  FullCosts(LlvmHeuristic &Heuristic, ModuleFacts &Facts)
      : Heuristic(Heuristic), Facts(Facts) {}

  /// What the cost model sees of one call beside the body of its callee.
  using Key = llvm::SmallString<128>;

  struct FullCost {
    int64_t Value;
    bool IsCapped = false; ///< the cost is Value or more, or inlining forbidden
  };

  /// What LLVM's heuristic says of \p CB, with the whole cost: in one walk over
  /// the callee if its cost is not kept and another for the threshold gives the
  /// same. None if two are needed.
  std::optional<DefaultDecision> decideAtOnce(llvm::CallBase &CB);

  /// The cost of \p CB, past the threshold; none if it must not be inlined.
  /// With \p Cap, all costs from that on may be reported as that.
  std::optional<FullCost> of(llvm::CallBase &CB, std::optional<int> Cap);

  /// The same, by a walk over the whole callee in any case.
  std::optional<int64_t> compute(llvm::CallBase &CB);

private:
  struct CostsOfCallee {
    uint64_t Version = 0; ///< ModuleFacts::versionOf()
    llvm::StringMap<FullCost> ByKey;
  };

  std::optional<Key> keyOf(const llvm::CallBase &CB);
  llvm::StringMap<FullCost> &costsOf(const llvm::Function &Callee);
  std::optional<FullCost> computeTo(llvm::CallBase &CB, std::optional<int> Cap);

  LlvmHeuristic &Heuristic;
  ModuleFacts &Facts;
  llvm::DenseMap<const llvm::Function *, CostsOfCallee> Known;
};

} // namespace fastir

#endif // FASTIR_INLINE_FULLCOSTS_H
