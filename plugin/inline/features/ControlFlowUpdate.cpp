//===- ControlFlowUpdate.cpp - Control flow after a call was inlined ------===//
//
// The call's block has become a region of new blocks. Their facts follow from
// those of the blocks that the region leads to; what the call's block no longer
// leads to is looked at block by block. Where that does not decide a fact, the
// caller is computed anew.
//
//===----------------------------------------------------------------------===//

#include "inline/features/BodyCounts.h"
#include "inline/features/ControlFlow.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SCCIterator.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/IR/CFG.h"
#include "llvm/IR/Instructions.h"

using namespace llvm;

namespace fastir {

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
  void decideFacts();

  /// The block that ends as the call's block did; null after an invoke.
  const RegionNode *tail() const { return Tail; }
  /// Other blocks' ways out.
  const auto &exits() const { return Exits; }
  const auto &normalExits() const { return NormalExits; }

private:
  void connect();
  void reachNormally();
  BlockFacts factsOf(ArrayRef<RegionNode *> Component) const;

  ControlFlow &Flow;
  const BlockFacts Before; ///< of the call's block
  std::vector<RegionNode> Nodes;
  DenseMap<const BasicBlock *, RegionNode *> ByBlock;
  const RegionNode *Tail = nullptr;
  SmallPtrSet<const BasicBlock *, 4> Exits;
  SmallPtrSet<const BasicBlock *, 4> NormalExits;
};

InlinedRegion::InlinedRegion(ControlFlow &Flow, const InlinedBlock &Inlined)
    : Flow(Flow), Before(Flow.get(*Inlined.CallBlock)) {
  Nodes.push_back({Inlined.CallBlock, {}, {}, {}});
  forEachNewBlock(Inlined, [&](const BasicBlock &Block, NewBlock What) {
    if (What == NewBlock::Inlined)
      Nodes.push_back({&Block, {}, {}, {}});
  });
  for (const RegionNode &Node : Nodes)
    if (Inlined.Terminator && Node.Block->getTerminator() == Inlined.Terminator)
      Tail = &Node;
  connect();
}

void InlinedRegion::connect() {
  for (RegionNode &Node : Nodes)
    ByBlock[Node.Block] = &Node;
  for (RegionNode &Node : Nodes) {
    // The tail leads where the call's block did. There may be many such blocks.
    if (&Node == Tail)
      continue;
    for (const BasicBlock *Next : successors(Node.Block)) {
      auto It = ByBlock.find(Next);
      // An edge back to the call's own block is one that it had before.
      if (It != ByBlock.end() && It->second != &Nodes.front())
        Node.Successors.push_back(It->second);
      else
        Node.Exits.push_back(Next);
    }
  }
}

/// What is to be known of blocks of the region that reach one another.
BlockFacts InlinedRegion::factsOf(ArrayRef<RegionNode *> Component) const {
  BlockFacts Result;
  Result.IsReached = true;
  auto Join = [&](const BlockFacts &Next) {
    Result.CanReturn |= Next.CanReturn;
    if (Before.Cycle && Next.Cycle == Before.Cycle)
      Result.Cycle = Before.Cycle;
  };
  for (const RegionNode *Node : Component) {
    if (Node == Tail)
      Join(Before);
    Result.CanReturn |= returns(*Node->Block);
    for (const BasicBlock *Exit : Node->Exits)
      Join(Exit == Nodes.front().Block ? Before : Flow.get(*Exit));
    for (const RegionNode *Next : Node->Successors)
      Join(Next->Facts);
  }
  return Result;
}

void InlinedRegion::decideFacts() {
  for (auto It = scc_begin(&Nodes.front()); !It.isAtEnd(); ++It) {
    BlockFacts Facts = factsOf(*It);
    if (!Facts.Cycle && It.hasCycle())
      Facts.Cycle = ++Flow.LastCycle;
    for (RegionNode *Node : *It) {
      Node->Facts = Facts;
      Exits.insert_range(Node->Exits);
    }
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
static bool leadsSoonTo(const BasicBlock &From, const BasicBlock *To) {
  constexpr size_t MostBlocks = 64;
  SmallPtrSet<const BasicBlock *, 16> Seen;
  SmallVector<const BasicBlock *, 16> Waiting = {&From};
  // First come, first served: what is near is found.
  for (size_t I = 0; I < Waiting.size(); ++I)
    for (const BasicBlock *Next : successors(Waiting[I])) {
      if (Next == To)
        return true;
      if (Seen.size() >= MostBlocks)
        return false;
      if (Seen.insert(Next).second)
        Waiting.push_back(Next);
    }
  return false;
}

namespace {
enum class Entered { Never, Surely, Unclear };
} // namespace

/// Whether one of those blocks before \p Block that \p Has says so of surely
/// leads to it: one that it does not lead to itself.
static Entered isEntered(const ControlFlow &Flow, const BasicBlock &Block,
                         function_ref<bool(const BasicBlock &)> Has) {
  const unsigned Cycle = Flow.get(Block).Cycle;
  Entered Result = Entered::Never;
  for (const BasicBlock *Pred : predecessors(&Block)) {
    if (!Has(*Pred))
      continue;
    if (!Cycle || Flow.get(*Pred).Cycle != Cycle)
      return Entered::Surely;
    Result = Entered::Unclear;
  }
  return Result;
}

/// The edges from \p From to the blocks \p To are gone: finds out what is no
/// longer reached. Returns false if that, or what it means for other blocks, is
/// not certain. \p ReturnsOtherwise says that \p From leads to a return by a
/// way that does not come back to it.
bool ControlFlow::removeEdges(const BasicBlock &From, const BlockFacts &Before,
                              ArrayRef<const BasicBlock *> To,
                              bool ReturnsOtherwise) {
  // Whether what From led to, it still leads to.
  bool IsComplete = true;
  SmallVector<const BasicBlock *, 8> Waiting(To);
  while (!Waiting.empty()) {
    const BasicBlock &Block = *Waiting.pop_back_val();
    if (!at(Block).IsReached || leadsSoonTo(From, &Block))
      continue;
    const Entered How = isEntered(*this, Block, [&](const BasicBlock &Pred) {
      return get(Pred).IsReached;
    });
    if (How != Entered::Never) {
      if (How == Entered::Unclear ||
          (Before.Cycle && at(Block).Cycle == Before.Cycle))
        return false;
      IsComplete = false;
      continue;
    }
    at(Block).IsReached = at(Block).IsReachedNormally = false;
    UnreachedSize += sizeOf(Block);
    IsComplete &= !returns(Block);
    append_range(Waiting, successors(&Block));
  }
  return IsComplete || ReturnsOtherwise || !Before.CanReturn;
}

/// The same for blocks that are reached without unwinding.
bool ControlFlow::removeNormalEdges(ArrayRef<const BasicBlock *> To) {
  SmallVector<const BasicBlock *, 8> Waiting(To);
  while (!Waiting.empty()) {
    const BasicBlock &Block = *Waiting.pop_back_val();
    if (!at(Block).IsReachedNormally)
      continue;
    const Entered How = isEntered(*this, Block, [&](const BasicBlock &Pred) {
      return get(Pred).IsReachedNormally && unwindDestOf(Pred) != &Block;
    });
    if (How == Entered::Unclear)
      return false;
    if (How == Entered::Surely)
      continue;
    at(Block).IsReachedNormally = false;
    const BasicBlock *Unwinds = unwindDestOf(Block);
    for (const BasicBlock *Next : successors(&Block))
      if (Next != Unwinds)
        Waiting.push_back(Next);
  }
  return true;
}

/// \p Block can no longer return. Returns false if that may concern a cycle.
bool ControlFlow::lowerCanReturn(const BasicBlock &Block) {
  SmallVector<const BasicBlock *, 8> Waiting(predecessors(&Block));
  while (!Waiting.empty()) {
    const BasicBlock &Next = *Waiting.pop_back_val();
    if (!at(Next).CanReturn || !at(Next).IsReached || returns(Next))
      continue;
    if (any_of(successors(&Next),
               [&](const BasicBlock *After) { return get(*After).CanReturn; }))
      continue;
    if (at(Next).Cycle)
      return false;
    at(Next).CanReturn = false;
    append_range(Waiting, predecessors(&Next));
  }
  return true;
}

bool ControlFlow::updateAround(const InlinedBlock &Inlined,
                               const BlockFacts &Before) {
  SmallPtrSet<const BasicBlock *, 2> Rest; // of the unwind destination
  forEachNewBlock(Inlined, [&](const BasicBlock &Block, NewBlock What) {
    if (What != NewBlock::UnwindRest)
      return;
    at(Block) = at(*Inlined.UnwindDest);
    Rest.insert(&Block);
  });
  InlinedRegion Region(*this, Inlined);
  Region.decideFacts();
  const BasicBlock &From = *Inlined.CallBlock;
  auto IsExpected = [&](const BasicBlock *Exit) {
    return Exit == Inlined.NormalDest || Exit == Inlined.UnwindDest ||
           Rest.contains(Exit);
  };
  if (!all_of(Region.exits(), IsExpected) ||
      any_of(Region.normalExits(),
             [&](const BasicBlock *Exit) { return Rest.contains(Exit); }))
    return false;

  SmallVector<const BasicBlock *, 4> Lost, NormallyLost;
  bool ReturnsOtherwise = false;
  if (const RegionNode *Tail = Region.tail()) {
    if (!Tail->Facts.IsReached)
      append_range(Lost, successors(Tail->Block));
    if (Before.IsReachedNormally && !Tail->Facts.IsReachedNormally)
      append_range(NormallyLost, successors(Tail->Block));
  } else if (Inlined.Terminator) {
    return false; // it went with its block
  }
  for (const BasicBlock *Exit : {Inlined.NormalDest, Inlined.UnwindDest}) {
    if (!Exit)
      continue;
    if (!Region.exits().contains(Exit))
      Lost.push_back(Exit);
    else if (!Before.Cycle || get(*Exit).Cycle != Before.Cycle)
      ReturnsOtherwise |= get(*Exit).CanReturn;
  }
  if (Inlined.NormalDest && Before.IsReachedNormally &&
      !Region.normalExits().contains(Inlined.NormalDest))
    NormallyLost.push_back(Inlined.NormalDest);

  if (get(From).CanReturn != Before.CanReturn) {
    if (Before.Cycle || !lowerCanReturn(From))
      return false;
    ReturnsOtherwise = true; // that it does not is known to all
  }
  return removeNormalEdges(NormallyLost) &&
         removeEdges(From, Before, Lost, ReturnsOtherwise);
}

bool ControlFlow::update(const InlinedBlock &Inlined) {
  const BasicBlock &Block = *Inlined.CallBlock;
  // A body of one block: nothing leads elsewhere.
  if (Inlined.Terminator && Block.getTerminator() == Inlined.Terminator)
    return get(Block).IsReached;
  if (Epoch != F->getBlockNumberEpoch())
    return false;
  const BlockFacts Before = get(Block);
  Facts.resize(F->getMaxBlockNumber());
  return Before.IsReached && updateAround(Inlined, Before);
}

} // namespace fastir
