//===- InlineSession.cpp - What both advisors keep of a module ------------===//

#include "inline/InlineSession.h"
#include "inline/features/InlineFeatures.h"
#include "support/Diagnostics.h"

using namespace llvm;

namespace fastir {

InlineSession::InlineSession(Module &M, FunctionAnalysisManager &FAM,
                             InlineParams Params, AdvisorConfig Config)
    : Config(std::move(Config)), Decider(this->Config),
      Heuristic(FAM, std::move(Params)), Facts(M), Growth(Facts.size()),
      Costs(Heuristic, Facts) {}

void InlineSession::enter(LazyCallGraph::SCC *SCC) {
  SccFunctions.clear();
  if (Growth.isExhausted())
    return; // nothing is asked of the facts any more
  Facts.enter(SCC);
  if (SCC)
    for (LazyCallGraph::Node &Node : *SCC)
      SccFunctions.insert(&Node.getFunction());
}

DefaultDecision InlineSession::judge(CallBase &CB,
                                     const FullCosts::Shortcuts &Allowed) {
  const DefaultDecision Default = Costs.judge(CB, Allowed);
  verify(CB, Default);
  return Default;
}

bool InlineSession::holdsCallee(const CallBase &CB) const {
  const Function &Callee = *CB.getCalledFunction();
  return SccFunctions.contains(&Callee) && Callee.isDiscardableIfUnused() &&
         Callee.hasOneUse();
}

std::unique_ptr<PendingInlining> InlineSession::expectInlining(CallBase &CB) {
  // MLInlineAdvisor does not see what LLVM inlines in dead code.
  const bool IsCounted = Facts.isReachable(*CB.getParent());
  auto Pending = Facts.expectInlining(CB);
  Pending->IsCounted = IsCounted;
  return Pending;
}

void InlineSession::recordInlining(const PendingInlining &Pending,
                                   bool CalleeWasDeleted) {
  const int64_t Added = Facts.recordInlining(Pending, CalleeWasDeleted);
  if (!Pending.IsCounted)
    return;
  Growth.add(Added);
  if (Config.Observer)
    Config.Observer->onInlined(Pending.Caller.getName(),
                               Pending.Callee.getName(), Added);
}

void InlineSession::recordFailure(const PendingInlining &Pending) {
  Facts.recordFailure(Pending);
}

/// Whether \p Computed, the whole cost, is what was judged of it.
static bool isRight(const DefaultDecision &Judged,
                    std::optional<int64_t> Computed) {
  if (Judged.IsCapped)
    return !Computed || *Computed >= Judged.FullCost;
  return Computed ? !Judged.IsForced && *Computed == Judged.FullCost
                  : Judged.IsForced;
}

void InlineSession::verify(CallBase &CB, const DefaultDecision &Judged) {
  if (!Config.VerifyFacts)
    return;
  const DefaultDecision Asked =
      Heuristic.decide(CB, LlvmHeuristic::Remarks::Suppress);
  if (Asked.Inlines != Judged.Inlines)
    reportError(CB.getContext(), "LLVM's decision on a call of '" +
                                     CB.getCalledFunction()->getName() +
                                     "' is another");
  if (!Asked.IsForced && !isRight(Judged, Costs.compute(CB)))
    reportError(CB.getContext(), "the cost of a call of '" +
                                     CB.getCalledFunction()->getName() +
                                     "' is not up to date");
}

void InlineSession::verify(const Function &F) {
  if (!Config.VerifyFacts)
    return;
  const std::string Stale = Facts.verify(F);
  if (!Stale.empty())
    reportError(F.getContext(), Stale);
}

} // namespace fastir
