//===- CallFlow.cpp - How often a call is executed, roughly ---------------===//

#include "features/CallFlow.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/IR/CFG.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"

#include <queue>

using namespace llvm;

namespace fastir {

namespace {

enum class Edges { All, WithoutUnwinding };

/// Hands the successors of \p Block to \p Visit.
template <typename Visitor>
void forEachSuccessor(const BasicBlock &Block, Edges Which, Visitor Visit) {
  const auto *Invoke = dyn_cast<InvokeInst>(Block.getTerminator());
  if (Invoke && Which == Edges::WithoutUnwinding)
    return Visit(Invoke->getNormalDest());
  for (const BasicBlock *Next : successors(&Block))
    Visit(Next);
}

/// Blocks still to be visited, each once.
class Walk {
public:
  Walk(const Function &F, Edges Which)
      : Which(Which), Seen(F.getMaxBlockNumber()) {}

  void add(const BasicBlock *Block) {
    if (!Seen.test(Block->getNumber())) {
      Seen.set(Block->getNumber());
      Left.push_back(Block);
    }
  }
  void addSuccessors(const BasicBlock &Block) {
    forEachSuccessor(Block, Which,
                     [this](const BasicBlock *Next) { add(Next); });
  }
  const BasicBlock *next() {
    return Left.empty() ? nullptr : Left.pop_back_val();
  }
  bool hasSeen(const BasicBlock &Block) const {
    return Seen.test(Block.getNumber());
  }
  BitVector takeSeen() { return std::move(Seen); }

private:
  const Edges Which;
  BitVector Seen;
  SmallVector<const BasicBlock *, 16> Left;
};

BitVector reachedFromEntry(const Function &F, Edges Which) {
  Walk From(F, Which);
  From.add(&F.getEntryBlock());
  while (const BasicBlock *Block = From.next())
    From.addSuccessors(*Block);
  return From.takeSeen();
}

bool returns(const BasicBlock &Block) {
  return isa<ReturnInst>(Block.getTerminator());
}

/// Instructions that a call, or inline assembly, stands for.
constexpr int64_t CallWeight = 20;

int64_t weigh(const BasicBlock &Block) {
  auto Calls = [](const Instruction &I) {
    return isa<CallBase>(I) && !isa<IntrinsicInst>(I);
  };
  return static_cast<int64_t>(Block.size()) +
         (CallWeight - 1) * count_if(Block, Calls);
}

/// Paths that take longer are not told apart: most bodies need no full walk.
constexpr int64_t LongPath = 100;

int64_t shortestPath(const Function &F) {
  // Dijkstra's algorithm: blocks by the instructions up to their end.
  using Arrival = std::pair<int64_t, const BasicBlock *>;
  auto IsLater = [](const Arrival &A, const Arrival &B) {
    return A.first > B.first;
  };
  std::priority_queue<Arrival, std::vector<Arrival>, decltype(IsLater)> Left(
      IsLater);
  BitVector Settled(F.getMaxBlockNumber());
  auto Reach = [&](const BasicBlock *Block, int64_t Before) {
    if (!Settled.test(Block->getNumber()))
      Left.emplace(Before + weigh(*Block), Block);
  };
  Reach(&F.getEntryBlock(), 0);
  while (!Left.empty()) {
    const Arrival Nearest = Left.top();
    Left.pop();
    const BasicBlock &Block = *Nearest.second;
    if (Nearest.first >= LongPath || returns(Block))
      return std::min(Nearest.first, LongPath);
    if (Settled.test(Block.getNumber()))
      continue;
    Settled.set(Block.getNumber());
    forEachSuccessor(
        Block, Edges::WithoutUnwinding,
        [&](const BasicBlock *Next) { Reach(Next, Nearest.first); });
  }
  return LongPath;
}

} // namespace

void CallFlowCache::lookAt(const Function &F) {
  if (Of == &F)
    return;
  Of = &F;
  Reached.clear();
  ReachedNormally.clear();
}

bool CallFlowCache::isReachable(const BasicBlock &Block) {
  if (Block.isEntryBlock())
    return true;
  lookAt(*Block.getParent());
  if (Reached.empty())
    Reached = reachedFromEntry(*Of, Edges::All);
  return Reached.test(Block.getNumber());
}

CallFlow CallFlowCache::get(const CallBase &CB, Path OfCallee) {
  const BasicBlock &Block = *CB.getParent();
  const Function &F = *Block.getParent();
  lookAt(F);
  if (ReachedNormally.empty()) {
    ReachedNormally = reachedFromEntry(F, Edges::WithoutUnwinding);
    HasReturn = any_of(F, returns);
  }
  // Onwards from the block, until it and a return are met.
  Walk From(F, Edges::All);
  bool Returns = returns(Block);
  From.addSuccessors(Block);
  while (!(Returns && From.hasSeen(Block))) {
    const BasicBlock *Next = From.next();
    if (!Next)
      break;
    Returns |= returns(*Next);
    From.addSuccessors(*Next);
  }
  CallFlow Result;
  Result.IsCyclic = From.hasSeen(Block);
  // A function that never returns does not end exceptionally for that.
  Result.IsExceptional =
      !ReachedNormally.test(Block.getNumber()) || (!Returns && HasReturn);
  if (OfCallee == Path::Unasked)
    return Result;
  const Function &Callee = *CB.getCalledFunction();
  auto [Known, IsNew] = ShortestPaths.try_emplace(&Callee);
  if (IsNew)
    Known->second = shortestPath(Callee);
  Result.CalleeShortestPath = Known->second;
  return Result;
}

void CallFlowCache::forget(const Function &F) {
  if (Of == &F)
    Of = nullptr;
  ShortestPaths.erase(&F);
}

void CallFlowCache::clear() {
  Of = nullptr;
  ShortestPaths.clear();
}

} // namespace fastir
