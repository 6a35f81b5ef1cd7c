//===- PendingInlining.cpp - A call about to be inlined -------------------===//

#include "inline/features/PendingInlining.h"

#include "llvm/IR/Function.h"
#include "llvm/IR/Instructions.h"

using namespace llvm;

namespace fastir {

PendingInlining::PendingInlining(CallBase &CB)
    : Caller(*CB.getCaller()), Callee(*CB.getCalledFunction()), Call(&CB),
      Previous(CB.getPrevNode()), Next(CB.getNextNode()),
      EntryFirst(&Caller.getEntryBlock().front()) {
  Block.CallBlock = CB.getParent();
  if (const auto *Invoke = dyn_cast<InvokeInst>(&CB)) {
    Block.NormalDest = Invoke->getNormalDest();
    Block.UnwindDest = Invoke->getUnwindDest();
  } else {
    Block.Terminator = CB.getParent()->getTerminator();
  }
  Block.FirstNewNumber = Caller.getMaxBlockNumber();
  if (Previous)
    Touched.insert(Previous);
  UnwindPhis = 0;
  if (Block.UnwindDest)
    for (const PHINode &Phi : Block.UnwindDest->phis()) {
      ++UnwindPhis;
      Touched.insert(&Phi);
    }
  for (const Use &U : CB.uses()) {
    const auto *User = cast<Instruction>(U.getUser());
    const auto *Phi = dyn_cast<PHINode>(User);
    if (Phi && !Touched.contains(Phi))
      ResultInPhis.push_back({Phi, U.getOperandNo()});
    else
      Touched.insert(User);
  }
  Touched.remove(Call);
}

void PendingInlining::forEachNew(
    function_ref<void(const Instruction &)> Visit) const {
  // What the call's block was split into ends in what came after the call.
  auto VisitUntil = [&](BasicBlock::const_iterator It, const BasicBlock &In,
                        const Instruction *End) {
    for (; It != In.end() && &*It != End; ++It)
      Visit(*It);
  };
  const BasicBlock &CallBlock = *Block.CallBlock;
  VisitUntil(Previous ? std::next(Previous->getIterator()) : CallBlock.begin(),
             CallBlock, Next);
  // Stack slots go to the entry block's start.
  const BasicBlock &Entry = Caller.getEntryBlock();
  if (EntryFirst != Call)
    VisitUntil(Entry.begin(), Entry, EntryFirst);
  bool IsUnwindSplit = false;
  forEachNewBlock(Block, [&](const BasicBlock &New, NewBlock What) {
    if (What == NewBlock::Inlined)
      return VisitUntil(New.begin(), New, Next);
    IsUnwindSplit = true;
    for (const PHINode &Phi : New.phis())
      Visit(Phi);
  });
  if (IsUnwindSplit)
    Visit(*Block.UnwindDest->getTerminator());
}

} // namespace fastir
