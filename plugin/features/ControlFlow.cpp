//===- ControlFlow.cpp - What leads to a block, and where it leads --------===//

#include "features/ControlFlow.h"
#include "features/BodyCounts.h"

#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SCCIterator.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallPtrSet.h"
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
  const Function &F = *Inlined.Block->getParent();
  for (auto [After, What] :
       {std::pair(Inlined.Block, NewBlock::Inlined),
        std::pair(Inlined.UnwindDest, NewBlock::UnwindRest)}) {
    if (!After)
      continue;
    for (auto It = std::next(After->getIterator());
         It != F.end() && It->getNumber() >= Inlined.FirstNewNumber; ++It)
      Visit(*It, What);
  }
}

//===----------------------------------------------------------------------===//
// Computing the facts of a function
//===----------------------------------------------------------------------===//

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

//===----------------------------------------------------------------------===//
// Updating them
//===----------------------------------------------------------------------===//

/// A block of the region that has taken the place of an inlined call.
struct RegionNode {
  const BasicBlock *Block;
  SmallVector<RegionNode *, 2> Successors;
  SmallVector<const BasicBlock *, 2> Exits; ///< where it leaves the region
  BlockFacts Facts;
};

} // namespace fastir

template <> struct llvm::GraphTraits<fastir::RegionNode *> {
  using NodeRef = fastir::RegionNode *;
  using ChildIteratorType = SmallVectorImpl<NodeRef>::iterator;
  static NodeRef getEntryNode(NodeRef Node) { return Node; }
  static ChildIteratorType child_begin(NodeRef Node) {
    return Node->Successors.begin();
  }
  static ChildIteratorType child_end(NodeRef Node) {
    return Node->Successors.end();
  }
};

namespace fastir {

/// The call's block and the new ones behind it, entered by the former alone.
class InlinedRegion {
public:
  /// \p Flow knows the facts of all other blocks.
  InlinedRegion(ControlFlow &Flow, const InlinedBlock &Inlined);

  /// Sets the facts of the region's blocks.
  void settle();

  bool exitsTo(const BasicBlock *Block) const { return Exits.contains(Block); }
  bool exitsNormallyTo(const BasicBlock *Block) const {
    return NormalExits.contains(Block);
  }
  const auto &exits() const { return Exits; }
  auto blocks() const { return make_range(Nodes.begin(), Nodes.end()); }

private:
  void connect();
  void reachNormally();

  ControlFlow &Flow;
  const BlockFacts Before; ///< of the call's block
  std::vector<RegionNode> Nodes;
  DenseMap<const BasicBlock *, RegionNode *> ByBlock;
  SmallPtrSet<const BasicBlock *, 4> Exits;
  SmallPtrSet<const BasicBlock *, 4> NormalExits;
};

InlinedRegion::InlinedRegion(ControlFlow &Flow, const InlinedBlock &Inlined)
    : Flow(Flow), Before(Flow.get(*Inlined.Block)) {
  Nodes.push_back({Inlined.Block, {}, {}, {}});
  forEachNewBlock(Inlined, [&](const BasicBlock &Block, NewBlock What) {
    if (What == NewBlock::Inlined)
      Nodes.push_back({&Block, {}, {}, {}});
  });
  connect();
}

void InlinedRegion::connect() {
  for (RegionNode &Node : Nodes)
    ByBlock[Node.Block] = &Node;
  for (RegionNode &Node : Nodes)
    for (const BasicBlock *Next : successors(Node.Block)) {
      auto It = ByBlock.find(Next);
      // An edge back to the call's own block is one that it had before.
      if (It != ByBlock.end() && It->second != &Nodes.front())
        Node.Successors.push_back(It->second);
      else
        Node.Exits.push_back(Next);
    }
}

void InlinedRegion::settle() {
  for (auto It = scc_begin(&Nodes.front()); !It.isAtEnd(); ++It) {
    BlockFacts Facts;
    Facts.IsReached = true;
    for (const RegionNode *Node : *It) {
      Facts.CanReturn |= returns(*Node->Block);
      for (const BasicBlock *Exit : Node->Exits) {
        const BlockFacts Beyond =
            Exit == Nodes.front().Block ? Before : Flow.get(*Exit);
        Facts.CanReturn |= Beyond.CanReturn;
        if (Before.Cycle && Beyond.Cycle == Before.Cycle)
          Facts.Cycle = Before.Cycle;
        Exits.insert(Exit);
      }
      for (const RegionNode *Next : Node->Successors) {
        Facts.CanReturn |= Next->Facts.CanReturn;
        if (Before.Cycle && Next->Facts.Cycle == Before.Cycle)
          Facts.Cycle = Before.Cycle;
      }
    }
    if (!Facts.Cycle && It.hasCycle())
      Facts.Cycle = ++Flow.LastCycle;
    for (RegionNode *Node : *It)
      Node->Facts = Facts;
  }
  if (Before.IsReachedNormally)
    reachNormally();
  for (const RegionNode &Node : Nodes) {
    Flow.at(*Node.Block) = Node.Facts;
    if (!Node.Facts.IsReached)
      Flow.UnreachedSize += sizeOf(*Node.Block);
  }
}

void InlinedRegion::reachNormally() {
  SmallVector<RegionNode *, 8> Waiting = {&Nodes.front()};
  Nodes.front().Facts.IsReachedNormally = true;
  while (!Waiting.empty()) {
    const RegionNode *Node = Waiting.pop_back_val();
    const BasicBlock *Unwinds = unwindDestOf(*Node->Block);
    for (const BasicBlock *Exit : Node->Exits)
      if (Exit != Unwinds)
        NormalExits.insert(Exit);
    for (RegionNode *Next : Node->Successors)
      if (Next->Block != Unwinds &&
          !std::exchange(Next->Facts.IsReachedNormally, true))
        Waiting.push_back(Next);
  }
}

/// Whether a short walk from \p From comes to \p To.
static bool leadsSoonTo(const BasicBlock *From, const BasicBlock *To) {
  constexpr size_t MostBlocks = 64;
  SmallPtrSet<const BasicBlock *, 16> Seen;
  SmallVector<const BasicBlock *, 16> Waiting = {From};
  // First come, first served: what is near is found.
  for (size_t I = 0; I < Waiting.size() && Seen.size() < MostBlocks; ++I)
    for (const BasicBlock *Next : successors(Waiting[I])) {
      if (Next == To)
        return true;
      if (Seen.insert(Next).second)
        Waiting.push_back(Next);
    }
  return false;
}

bool ControlFlow::isStillReached(const BasicBlock &Block,
                                 bool &IsCertain) const {
  const BlockFacts Own = get(Block);
  IsCertain = true;
  for (const BasicBlock *Before : predecessors(&Block)) {
    const BlockFacts Other = get(*Before);
    if (!Other.IsReached)
      continue;
    // One that this block does not lead to is reached without it.
    if (!Own.Cycle || Other.Cycle != Own.Cycle)
      return IsCertain = true;
    IsCertain = false;
  }
  return false;
}

/// An edge to \p Block is gone: sees to what is no longer reached. Returns
/// false if that takes more than a look at blocks and those before them.
bool ControlFlow::unreach(const BasicBlock *Block) {
  SmallVector<const BasicBlock *, 8> Waiting = {Block};
  while (!Waiting.empty()) {
    const BasicBlock &Next = *Waiting.pop_back_val();
    if (!at(Next).IsReached)
      continue;
    bool IsCertain = false;
    if (isStillReached(Next, IsCertain))
      continue;
    if (!IsCertain)
      return false;
    at(Next).IsReached = at(Next).IsReachedNormally = false;
    UnreachedSize += sizeOf(Next);
    append_range(Waiting, successors(&Next));
  }
  return true;
}

bool ControlFlow::update(const InlinedBlock &Inlined) {
  if (Epoch != F->getBlockNumberEpoch())
    return false;
  const BlockFacts Before = get(*Inlined.Block);
  if (!Before.IsReached)
    return false;
  Facts.resize(F->getMaxBlockNumber());
  SmallPtrSet<const BasicBlock *, 4> Known(llvm::from_range,
                                           Inlined.Successors);
  forEachNewBlock(Inlined, [&](const BasicBlock &Block, NewBlock What) {
    if (What != NewBlock::UnwindRest)
      return;
    at(Block) = at(*Inlined.UnwindDest);
    Known.insert(&Block);
  });
  InlinedRegion Region(*this, Inlined);
  Region.settle();
  if (any_of(Region.exits(),
             [&](const BasicBlock *Exit) { return !Known.contains(Exit); }))
    return false;
  if (get(*Inlined.Block).CanReturn != Before.CanReturn)
    return false;
  for (const BasicBlock *Next : Inlined.Successors) {
    if (Before.IsReachedNormally && Next != Inlined.UnwindDest &&
        !Region.exitsNormallyTo(Next))
      return false;
    if (Region.exitsTo(Next) || leadsSoonTo(Inlined.Block, Next))
      continue;
    if ((Before.Cycle && get(*Next).Cycle == Before.Cycle) || !unreach(Next))
      return false;
  }
  return true;
}

} // namespace fastir
