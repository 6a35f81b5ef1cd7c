//===- LoopCounts.h - Natural loops of a function ---------------*- C++ -*-===//

#ifndef FASTIR_EXTRACT_LOOPCOUNTS_H
#define FASTIR_EXTRACT_LOOPCOUNTS_H

#include "llvm/Analysis/LoopInfo.h"

#include <algorithm>
#include <cstdint>
#include <iterator>

namespace fastir {

struct LoopCounts {
  int64_t All = 0;
  int64_t TopLevel = 0;
  int64_t MaxDepth = 0;

  LoopCounts() = default;
  explicit LoopCounts(const llvm::LoopInfo &LI)
      : TopLevel(std::distance(LI.begin(), LI.end())) {
    for (const llvm::Loop *L : LI.getLoopsInPreorder()) {
      ++All;
      MaxDepth = std::max<int64_t>(MaxDepth, L->getLoopDepth());
    }
  }

  LoopCounts &operator+=(const LoopCounts &Other) {
    All += Other.All;
    TopLevel += Other.TopLevel;
    MaxDepth = std::max(MaxDepth, Other.MaxDepth);
    return *this;
  }
};

} // namespace fastir

#endif // FASTIR_EXTRACT_LOOPCOUNTS_H
