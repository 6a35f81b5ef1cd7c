//===- BlockFlow.cpp - How often blocks are executed, roughly -------------===//

#include "features/BlockFlow.h"

#include "llvm/ADT/SCCIterator.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/IR/CFG.h"
#include "llvm/IR/Instructions.h"

using namespace llvm;

namespace fastir {

namespace {

/// Adds to \p Seen all blocks that \p Next leads to from \p Start.
template <typename Set, typename NextBlocks>
void walk(SmallVector<const BasicBlock *> Start, Set &Seen, NextBlocks Next) {
  for (const BasicBlock *Block : Start)
    Seen.insert(Block);
  while (!Start.empty()) {
    const BasicBlock *Block = Start.pop_back_val();
    for (const BasicBlock *Other : Next(Block))
      if (Seen.insert(Other).second)
        Start.push_back(Other);
  }
}

SmallVector<const BasicBlock *, 4> withoutUnwinding(const BasicBlock *Block) {
  if (const auto *Invoke = dyn_cast<InvokeInst>(Block->getTerminator()))
    return {Invoke->getNormalDest()};
  return SmallVector<const BasicBlock *, 4>(successors(Block));
}

} // namespace

BlockFlow BlockFlowCache::get(const BasicBlock &Block) {
  if (Of != Block.getParent())
    examine(*Block.getParent());
  BlockFlow Result;
  Result.IsCyclic = Cyclic.contains(&Block);
  // A function that never returns does not end exceptionally for that.
  Result.IsExceptional = !Normal.contains(&Block) ||
                         (!Returning.empty() && !Returning.contains(&Block));
  return Result;
}

void BlockFlowCache::examine(const Function &F) {
  Of = &F;
  Cyclic.clear();
  Normal.clear();
  Returning.clear();
  for (auto Part = scc_begin(&F); !Part.isAtEnd(); ++Part)
    if (Part.hasCycle())
      Cyclic.insert_range(*Part);
  walk({&F.getEntryBlock()}, Normal, withoutUnwinding);
  SmallVector<const BasicBlock *> Returns;
  for (const BasicBlock &Block : F)
    if (isa<ReturnInst>(Block.getTerminator()))
      Returns.push_back(&Block);
  walk(Returns, Returning,
       [](const BasicBlock *Block) { return predecessors(Block); });
}

} // namespace fastir
