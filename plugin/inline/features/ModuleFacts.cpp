//===- ModuleFacts.cpp - A module while calls are inlined in it -----------===//

#include "inline/features/ModuleFacts.h"
#include "inline/features/PendingInlining.h"
#include "inline/features/ShortestPath.h"

#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"

using namespace llvm;

namespace fastir {

ModuleFacts::ModuleFacts(Module &M) : M(M) { enter(nullptr); }

ModuleFacts::~ModuleFacts() = default;

//===----------------------------------------------------------------------===//
// Counting
//===----------------------------------------------------------------------===//

void ModuleFacts::count(const Instruction &I, FunctionFacts &Facts,
                        int64_t Sign) {
  Facts.Body.add(I, Sign);
  Census->add(I, Sign);
}

/// Counts the operands that took in a call's result: one phi may have several.
void ModuleFacts::countResults(const PendingInlining &Pending,
                               FunctionFacts &Facts) {
  for (const auto &[Phi, Number] : Pending.ResultInPhis) {
    const Use &Result = Phi->getOperandUse(Number);
    Census->add(*Phi, Result, 1);
    if (!isLiteral(Result) || !Facts.PhisWithConstants.insert(Phi).second)
      continue;
    auto IsResult = [&, Phi = Phi](const Use &U) {
      return any_of(Pending.ResultInPhis, [&](const auto &Other) {
        return Other.Phi == Phi && Other.Number == U.getOperandNo();
      });
    };
    Facts.Body.ConstantOperands += none_of(Phi->operands(), [&](const Use &U) {
      return isLiteral(U) && !IsResult(U);
    });
  }
}

ModuleFacts::FunctionFacts &ModuleFacts::countAnew(const Function &F) {
  auto &Facts = Known[&F];
  Facts = std::make_unique<FunctionFacts>();
  Facts->Version = ++LastVersion;
  Facts->Body.Blocks = F.size();
  for (const Instruction &I : instructions(F))
    count(I, *Facts, 1);
  return *Facts;
}

void ModuleFacts::forget(const Function *F) {
  Census->forget(F);
  Known.erase(F);
}

void ModuleFacts::recount(const Function &F) {
  forget(&F);
  countAnew(F);
}

ModuleFacts::FunctionFacts &ModuleFacts::factsOf(const Function &F) {
  auto It = Known.find(&F);
  return It == Known.end() ? countAnew(F) : *It->second;
}

ControlFlow &ModuleFacts::controlFlowOf(const Function &F) {
  std::optional<ControlFlow> &Flow = factsOf(F).Flow;
  if (!Flow)
    Flow.emplace(F);
  return *Flow;
}

//===----------------------------------------------------------------------===//
// What is asked
//===----------------------------------------------------------------------===//

const BodyCounts &ModuleFacts::bodyOf(const Function &F) {
  return factsOf(F).Body;
}

uint64_t ModuleFacts::versionOf(const Function &F) {
  return factsOf(F).Version;
}

int64_t ModuleFacts::argumentUsesOf(const Function &F) {
  std::optional<int64_t> &Uses = factsOf(F).ArgumentUses;
  if (!Uses)
    Uses = argumentUses(F);
  return *Uses;
}

CalleeUses ModuleFacts::usesOf(const Function &Callee, const Function &Caller) {
  return Census->get(Callee, Caller);
}

bool ModuleFacts::isReachable(const BasicBlock &Block) {
  return Block.isEntryBlock() ||
         controlFlowOf(*Block.getParent()).get(Block).IsReached;
}

CallFlow ModuleFacts::flowOf(const CallBase &CB) {
  const Function &Caller = *CB.getCaller();
  const Function &Callee = *CB.getCalledFunction();
  const BlockFacts Block = controlFlowOf(Caller).get(*CB.getParent());
  std::optional<int64_t> &Shortest = factsOf(Callee).ShortestPath;
  if (!Shortest)
    Shortest = shortestPath(Callee);
  CallFlow Result;
  Result.IsCyclic = Block.Cycle != 0;
  // A function that never returns does not end exceptionally for that.
  Result.IsExceptional = !Block.IsReachedNormally ||
                         (!Block.CanReturn && bodyOf(Caller).Returns > 0);
  Result.CalleeShortestPath = *Shortest;
  return Result;
}

int64_t ModuleFacts::sizeOf(const Function &F) {
  FunctionFacts &Facts = factsOf(F);
  if (Facts.Flow)
    return Facts.Body.Size - Facts.Flow->unreachedSize();
  if (!Facts.Size)
    Facts.Size = reachedSize(F);
  return *Facts.Size;
}

int64_t ModuleFacts::size() {
  int64_t Size = 0;
  for (const Function &F : M)
    if (!F.isDeclaration())
      Size += sizeOf(F);
  return Size;
}

//===----------------------------------------------------------------------===//
// What changes
//===----------------------------------------------------------------------===//

void ModuleFacts::enter(LazyCallGraph::SCC *SCC) {
  if (!SCC) {
    Known.clear();
    LastVisited.clear();
    Census.emplace(M);
    for (const Function &F : M)
      if (!F.isDeclaration())
        countAnew(F);
    return;
  }
  SmallPtrSet<const Function *, 4> Counted;
  for (const Visited &Last : LastVisited)
    if (!Last.Handle) {
      forget(Last.Address);
      Census->forgetCallee(Last.Address);
    } else if (Counted.insert(Last.Address).second) {
      recount(*Last.Address);
    }
  LastVisited.clear();
  // A coroutine is split into functions that nothing else leads to yet.
  if (std::exchange(MayBeSplit, false))
    for (const Function &F : M)
      if (!F.isDeclaration() && !Known.contains(&F))
        discover(F);
  for (LazyCallGraph::Node &Node : *SCC) {
    Function &F = Node.getFunction();
    LastVisited.emplace_back(F);
    MayBeSplit |= F.isPresplitCoroutine();
    if (!Known.contains(&F))
      discover(F);
    else if (!Counted.contains(&F))
      recount(F);
    // Passes may have put other functions in the place of its callees.
    for (const Function *Callee : Census->calleesOf(F))
      if (!Callee->isDeclaration() && !Known.contains(Callee))
        discover(*Callee);
  }
}

/// A function that a pass has made: calls of it may have been another's.
void ModuleFacts::discover(const Function &F) {
  SmallPtrSet<const Function *, 4> Callers = {&F};
  for (const User *U : F.users())
    if (const auto *I = dyn_cast<Instruction>(U))
      Callers.insert(I->getFunction());
  for (const Function *Caller : Callers)
    recount(*Caller);
}

std::unique_ptr<PendingInlining> ModuleFacts::expectInlining(CallBase &CB) {
  auto Pending = std::make_unique<PendingInlining>(CB);
  controlFlowOf(Pending->Caller); // from here on it is kept up to date
  FunctionFacts &Callee = factsOf(Pending->Callee);
  Pending->IsPlain = !CB.hasOperandBundles() && !CB.isMustTailCall() &&
                     &Pending->Caller != &Pending->Callee &&
                     Pending->Block.UnwindDest != CB.getParent() &&
                     Callee.Body.MustTailCalls == 0;
  Pending->CallerSize = sizeOf(Pending->Caller);
  if (Pending->Callee.isDiscardableIfUnused())
    Pending->CalleeSize = sizeOf(Pending->Callee);
  FunctionFacts &Caller = factsOf(Pending->Caller);
  count(CB, Caller, -1);
  for (const Instruction *I : Pending->Touched) {
    count(*I, Caller, -1);
    if (const auto *Phi = dyn_cast<PHINode>(I))
      Caller.PhisWithConstants.erase(Phi);
  }
  return Pending;
}

void ModuleFacts::recordFailure(const PendingInlining &Pending) {
  FunctionFacts &Caller = factsOf(Pending.Caller);
  count(*Pending.Call, Caller, 1);
  for (const Instruction *I : Pending.Touched)
    count(*I, Caller, 1);
}

static int64_t countPhis(const BasicBlock *Block) {
  return Block ? range_size(Block->phis()) : 0;
}

void ModuleFacts::recordBody(const PendingInlining &Pending) {
  const Function &F = Pending.Caller;
  if (!Pending.IsPlain ||
      countPhis(Pending.Block.UnwindDest) != Pending.UnwindPhis)
    return recount(F);
  FunctionFacts &Facts = factsOf(F);
  Pending.forEachNew([&](const Instruction &I) { count(I, Facts, 1); });
  for (const Instruction *I : Pending.Touched)
    count(*I, Facts, 1);
  countResults(Pending, Facts);
  forEachNewBlock(Pending.Block,
                  [&](const BasicBlock &, NewBlock) { ++Facts.Body.Blocks; });
  Facts.ArgumentUses = Facts.ShortestPath = Facts.Size = std::nullopt;
  Facts.Version = ++LastVersion;
  if (Facts.Flow && !Facts.Flow->update(Pending.Block))
    Facts.Flow.emplace(F);
}

int64_t ModuleFacts::recordInlining(const PendingInlining &Pending,
                                    bool CalleeWasDeleted) {
  recordBody(Pending);
  if (CalleeWasDeleted)
    forget(&Pending.Callee); // its body goes next
  else if (Pending.Callee.hasZeroLiveUses())
    LastVisited.emplace_back(Pending.Callee); // the inliner may delete it yet
  return sizeOf(Pending.Caller) - Pending.CallerSize -
         (CalleeWasDeleted ? Pending.CalleeSize : 0);
}

} // namespace fastir
