//===- ReachableBlocks.h - Blocks that the entry reaches --------*- C++ -*-===//

#ifndef FASTIR_ADVISOR_REACHABLEBLOCKS_H
#define FASTIR_ADVISOR_REACHABLEBLOCKS_H

#include "llvm/ADT/DepthFirstIterator.h"
#include "llvm/IR/CFG.h"
#include "llvm/IR/Function.h"

namespace fastir {

/// Which blocks of one function its entry reaches: what a dominator tree tells,
/// without keeping a tree while calls are inlined.
class ReachableBlocks {
public:
  bool contains(const llvm::BasicBlock &Block) {
    if (Block.isEntryBlock())
      return true;
    if (Of != Block.getParent()) {
      Of = Block.getParent();
      Blocks.clear();
      for (const llvm::BasicBlock *Reached :
           llvm::depth_first_ext(&Of->getEntryBlock(), Blocks))
        (void)Reached;
    }
    return Blocks.contains(&Block);
  }

  /// The function's blocks have changed.
  void forget() { Of = nullptr; }

private:
  const llvm::Function *Of = nullptr;
  llvm::df_iterator_default_set<const llvm::BasicBlock *, 32> Blocks;
};

} // namespace fastir

#endif // FASTIR_ADVISOR_REACHABLEBLOCKS_H
