//===- ControlFlow.cpp - What leads to a block, and where it leads --------===//

#include "inline/features/ControlFlow.h"
#include "inline/features/BodyCounts.h"

#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SCCIterator.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/IR/CFG.h"
#include "llvm/IR/Instructions.h"

using namespace llvm;

namespace fastir {

bool returns(const BasicBlock &Block) {
  return isa<ReturnInst>(Block.getTerminator());
}

const BasicBlock *unwindDestOf(const BasicBlock &Block) {
  const auto *Invoke = dyn_cast<InvokeInst>(Block.getTerminator());
  return Invoke ? Invoke->getUnwindDest() : nullptr;
}

int64_t reachedSize(const Function &F) {
  BitVector Seen(F.getMaxBlockNumber());
  SmallVector<const BasicBlock *, 16> Waiting;
  auto Reach = [&](const BasicBlock *Block) {
    if (Seen.test(Block->getNumber()))
      return;
    Seen.set(Block->getNumber());
    Waiting.push_back(Block);
  };
  int64_t Size = 0;
  for (Reach(&F.getEntryBlock()); !Waiting.empty();) {
    const BasicBlock *Block = Waiting.pop_back_val();
    Size += sizeOf(*Block);
    for_each(successors(Block), Reach);
  }
  return Size;
}

void forEachNewBlock(const InlinedBlock &Inlined,
                     function_ref<void(const BasicBlock &, NewBlock)> Visit) {
  const Function &F = *Inlined.CallBlock->getParent();
  for (auto [After, What] :
       {std::pair(Inlined.CallBlock, NewBlock::Inlined),
        std::pair(Inlined.UnwindDest, NewBlock::UnwindRest)}) {
    if (!After)
      continue;
    for (auto It = std::next(After->getIterator());
         It != F.end() && It->getNumber() >= Inlined.FirstNewNumber; ++It)
      Visit(*It, What);
  }
}

ControlFlow::ControlFlow(const Function &F)
    : F(&F), Epoch(F.getBlockNumberEpoch()), Facts(F.getMaxBlockNumber()) {
  // Strongly connected components come after those that they lead to.
  for (auto It = scc_begin(&F); !It.isAtEnd(); ++It) {
    const unsigned Cycle = It.hasCycle() ? ++LastCycle : 0;
    bool CanReturn = false;
    for (const BasicBlock *Block : *It) {
      CanReturn |= returns(*Block);
      for (const BasicBlock *Next : successors(Block))
        CanReturn |= at(*Next).CanReturn;
    }
    for (const BasicBlock *Block : *It) {
      at(*Block).IsReached = true;
      at(*Block).CanReturn = CanReturn;
      at(*Block).Cycle = Cycle;
    }
  }
  reachNormally();
  for (const BasicBlock &Block : F)
    if (!at(Block).IsReached)
      UnreachedSize += sizeOf(Block);
}

void ControlFlow::reachNormally() {
  SmallVector<const BasicBlock *, 16> Waiting;
  auto Reach = [&](const BasicBlock *Block) {
    if (std::exchange(at(*Block).IsReachedNormally, true))
      return;
    Waiting.push_back(Block);
  };
  Reach(&F->getEntryBlock());
  while (!Waiting.empty()) {
    const BasicBlock *Block = Waiting.pop_back_val();
    const BasicBlock *Unwinds = unwindDestOf(*Block);
    for (const BasicBlock *Next : successors(Block))
      if (Next != Unwinds)
        Reach(Next);
  }
}

BlockFacts &ControlFlow::at(const BasicBlock &Block) {
  return Facts[Block.getNumber()];
}

BlockFacts ControlFlow::get(const BasicBlock &Block) const {
  return Facts[Block.getNumber()];
}

bool ControlFlow::agreesWith(const ControlFlow &Other) const {
  if (UnreachedSize != Other.UnreachedSize)
    return false;
  DenseMap<unsigned, unsigned> Cycles; // they are numbered otherwise
  return all_of(*F, [&](const BasicBlock &Block) {
    const BlockFacts A = get(Block), B = Other.get(Block);
    if (A.IsReached != B.IsReached)
      return false;
    return !A.IsReached ||
           (A.IsReachedNormally == B.IsReachedNormally &&
            A.CanReturn == B.CanReturn && !A.Cycle == !B.Cycle &&
            Cycles.try_emplace(A.Cycle, B.Cycle).first->second == B.Cycle);
  });
}

} // namespace fastir
