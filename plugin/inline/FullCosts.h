//===- FullCosts.h - Whole costs of calls, kept by callee -------*- C++ -*-===//
//
// LLVM's cost model stops at the threshold; a model asks for the cost of the
// whole callee. Where that is large and called from everywhere, computing it
// for each call would take longer than the rest of the compile. Two calls of
// one callee have the same cost if the cost model sees the same of them; and
// from the greatest cost on that a model compares with, all are one to it.
// Half of all calls are like one that was judged before: to recall what LLVM
// said then takes a small part of the time that it takes to ask it again.
//
//===----------------------------------------------------------------------===//

#ifndef FASTIR_INLINE_FULLCOSTS_H
#define FASTIR_INLINE_FULLCOSTS_H

#include "inline/CostKey.h"
#include "inline/LlvmHeuristic.h"
#include "inline/features/ModuleFacts.h"

#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/StringMap.h"

namespace fastir {

class FullCosts {
public:
  FullCosts(LlvmHeuristic &Heuristic, ModuleFacts &Facts)
      : Heuristic(Heuristic), Facts(Facts) {}

  /// What a judgement may leave out, where nothing shows it.
  struct Shortcuts {
    /// All costs from this on may be reported as this.
    std::optional<int> Cap;
    /// CostMinusThreshold may be of the whole cost, too: one walk will do.
    bool AtOnce = false;
    /// What was said of a like call may be said of this one, without a walk.
    bool Recall = false;
    /// Of a call that LLVM leaves alone, FullCost may be where it stopped.
    bool IgnoreCost = false;
  };

  /// What LLVM's heuristic says of \p CB, with the cost of the whole callee.
  DefaultDecision judge(llvm::CallBase &CB, const Shortcuts &Allowed);

  /// The cost of \p CB by a walk over the whole callee; none if it must not be
  /// inlined.
  std::optional<int64_t> compute(llvm::CallBase &CB);

private:
  struct FullCost {
    int64_t Value;
    /// The cost is Value or more, or inlining is forbidden.
    bool IsCapped = false;
    /// LLVM's, where it is the same for all calls of this key.
    std::optional<int64_t> Threshold;
  };
  struct CostsOfCallee {
    uint64_t Version = 0; ///< ModuleFacts::versionOf()
    KeyedCalls Keyed = KeyedCalls::None;
    llvm::StringMap<FullCost> ByKey;
    /// Attributes of callers and calls by which inlining is neither forced nor
    /// forbidden.
    llvm::SmallDenseSet<std::pair<llvm::AttributeSet, llvm::AttributeSet>, 4>
        LeftToCost;
  };

  std::optional<CostKey> keyOf(const llvm::CallBase &CB);
  CostsOfCallee &costsOf(const llvm::Function &Callee);
  const FullCost *find(const llvm::CallBase &CB, const CostKey &Call,
                       const Shortcuts &Allowed);
  void keep(const llvm::CallBase &CB, const CostKey &Call,
            const FullCost &Cost);
  std::optional<DefaultDecision> recall(llvm::CallBase &CB,
                                        const FullCost &Cost);
  std::optional<FullCost> computeTo(llvm::CallBase &CB, std::optional<int> Cap);

  LlvmHeuristic &Heuristic;
  ModuleFacts &Facts;
  llvm::DenseMap<const llvm::Function *, CostsOfCallee> Known;
};

} // namespace fastir

#endif // FASTIR_INLINE_FULLCOSTS_H
