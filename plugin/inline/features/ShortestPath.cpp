//===- ShortestPath.cpp - How little a call executes ----------------------===//

#include "inline/features/ShortestPath.h"
#include "inline/features/ControlFlow.h"

#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/IR/CFG.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"

#include <queue>

using namespace llvm;

namespace fastir {

/// What a call, or inline assembly, counts: docs/experiments.md has 1 and 20
/// beside one another.
static constexpr int64_t CallWeight = 20;

/// Longer paths all count the same, so that most bodies need no full walk; no
/// rule of a model asks beyond 19.
static constexpr int64_t LongPath = 100;

static int64_t weigh(const BasicBlock &Block) {
  int64_t Weight = 0;
  for (const Instruction &I : Block) {
    Weight += isa<CallBase>(I) && !isa<IntrinsicInst>(I) ? CallWeight : 1;
    if (Weight >= LongPath)
      break;
  }
  return Weight;
}

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
    const BasicBlock *Unwinds = unwindDestOf(Block);
    for (const BasicBlock *Next : successors(&Block))
      if (Next != Unwinds)
        Reach(Next, Nearest.first);
  }
  return LongPath;
}

} // namespace fastir
