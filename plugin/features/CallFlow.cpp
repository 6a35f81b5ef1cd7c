//===- BlockFlow.cpp - How often blocks are executed, roughly -------------===//

#include "features/BlockFlow.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/IR/CFG.h"
#include "llvm/IR/Instructions.h"

using namespace llvm;

namespace fastir {

namespace {

/// Blocks still to be visited, each once.
class Walk {
public:
  explicit Walk(const Function &F) : Seen(F.getMaxBlockNumber()) {}

  void add(const BasicBlock *Block) {
    if (!Seen.test(Block->getNumber())) {
      Seen.set(Block->getNumber());
      Left.push_back(Block);
    }
  }
  const BasicBlock *next() {
    return Left.empty() ? nullptr : Left.pop_back_val();
  }
  bool hasSeen(const BasicBlock &Block) const {
    return Seen.test(Block.getNumber());
  }
  BitVector takeSeen() { return std::move(Seen); }

private:
  BitVector Seen;
  SmallVector<const BasicBlock *, 16> Left;
};

BitVector reachedWithoutUnwinding(const Function &F) {
  Walk From(F);
  From.add(&F.getEntryBlock());
  while (const BasicBlock *Block = From.next()) {
    if (const auto *Invoke = dyn_cast<InvokeInst>(Block->getTerminator()))
      From.add(Invoke->getNormalDest());
    else
      for (const BasicBlock *Next : successors(Block))
        From.add(Next);
  }
  return From.takeSeen();
}

bool returns(const BasicBlock &Block) {
  return isa<ReturnInst>(Block.getTerminator());
}

} // namespace

BlockFlow BlockFlowCache::get(const BasicBlock &Block) {
  const Function &F = *Block.getParent();
  if (Of != &F) {
    Of = &F;
    Normal = reachedWithoutUnwinding(F);
  }
  // Onwards from the block, until it and a return are met.
  Walk From(F);
  bool Returns = returns(Block);
  for (const BasicBlock *Next : successors(&Block))
    From.add(Next);
  while (!(Returns && From.hasSeen(Block))) {
    const BasicBlock *Reached = From.next();
    if (!Reached)
      break;
    Returns |= returns(*Reached);
    for (const BasicBlock *Next : successors(Reached))
      From.add(Next);
  }
  BlockFlow Result;
  Result.IsCyclic = From.hasSeen(Block);
  // A function that never returns does not end exceptionally for that.
  Result.IsExceptional =
      !Normal.test(Block.getNumber()) || (!Returns && any_of(F, returns));
  return Result;
}

} // namespace fastir
