//===- CyclicBlocks.h - What is executed more than once ---------*- C++ -*-===//

#ifndef FASTIR_FEATURES_CYCLICBLOCKS_H
#define FASTIR_FEATURES_CYCLICBLOCKS_H

#include "llvm/ADT/SCCIterator.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/IR/CFG.h"
#include "llvm/IR/Function.h"

namespace fastir {

/// Which blocks of one function can be executed again before it returns: what
/// an analysis of loops tells, without one that a compile would not make.
class CyclicBlocks {
public:
  bool contains(const llvm::BasicBlock &Block) {
    if (Of != Block.getParent()) {
      Of = Block.getParent();
      Blocks.clear();
      for (auto Part = llvm::scc_begin(Of); !Part.isAtEnd(); ++Part)
        if (Part.hasCycle())
          Blocks.insert_range(*Part);
    }
    return Blocks.contains(&Block);
  }

  /// The function's blocks have changed.
  void forget() { Of = nullptr; }

private:
  const llvm::Function *Of = nullptr;
  llvm::SmallPtrSet<const llvm::BasicBlock *, 32> Blocks;
};

} // namespace fastir

#endif // FASTIR_FEATURES_CYCLICBLOCKS_H
