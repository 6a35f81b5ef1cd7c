//===- ShortestPath.h - How little a call executes --------------*- C++ -*-===//

#ifndef FASTIR_INLINE_FEATURES_SHORTESTPATH_H
#define FASTIR_INLINE_FEATURES_SHORTESTPATH_H

#include "llvm/IR/Function.h"

#include <cstdint>

namespace fastir {

/// The fewest instructions that \p F executes before it returns without
/// unwinding, a call counted as 20; 100 if that is more, or never.
int64_t shortestPath(const llvm::Function &F);

} // namespace fastir

#endif // FASTIR_INLINE_FEATURES_SHORTESTPATH_H
