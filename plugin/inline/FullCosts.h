//===- FullCosts.h - Whole costs of calls, kept by callee -------*- C++ -*-===//
//
// LLVM's cost model stops at the threshold; a model asks for the cost of the
// whole callee. Where that is large and called from everywhere, computing it
// for each call would take longer than the rest of the compile. Two calls of
// one callee have the same cost if the cost model sees the same of them.
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

  /// The cost of \p CB, past the threshold; none if it must not be inlined.
  std::optional<int64_t> of(llvm::CallBase &CB);

  /// The same, by a walk over the callee in any case.
  std::optional<int64_t> compute(llvm::CallBase &CB);

private:
  struct CostsOfCallee {
    uint64_t Version = 0; ///< ModuleFacts::versionOf()
    llvm::StringMap<int64_t> ByKey;
  };

  std::optional<Key> keyOf(const llvm::CallBase &CB);
  bool watchesStack(const llvm::Function &Caller);

  LlvmHeuristic &Heuristic;
  ModuleFacts &Facts;
  llvm::DenseMap<const llvm::Function *, CostsOfCallee> Known;
};

} // namespace fastir

#endif // FASTIR_INLINE_FULLCOSTS_H
