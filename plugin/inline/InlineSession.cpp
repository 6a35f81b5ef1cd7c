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

static bool isRight(const std::optional<FullCosts::FullCost> &Kept,
                    std::optional<int64_t> Computed) {
  if (!Kept || !Kept->IsCapped)
    return Kept.has_value() == Computed.has_value() &&
           (!Kept || Kept->Value == *Computed);
  return !Computed || *Computed >= Kept->Value;
}

DefaultDecision InlineSession::judge(CallBase &CB, const Shortcuts &Allowed) {
  if (Allowed.AtOnce)
    if (std::optional<DefaultDecision> Default = Costs.decideAtOnce(CB)) {
      verify(CB, *Default);
      return *Default;
    }
  DefaultDecision Default =
      Heuristic.decide(CB, LlvmHeuristic::Remarks::Suppress);
  // Below the threshold LLVM has counted to the end.
  if (Default.IsForced || Default.CostMinusThreshold < 0)
    return Default;
  const std::optional<FullCosts::FullCost> Cost = Costs.of(CB, Allowed.Cap);
  if (Config.VerifyFacts && !isRight(Cost, Costs.compute(CB)))
    reportError(CB.getContext(), "the cost of a call of '" +
                                     CB.getCalledFunction()->getName() +
                                     "' is not up to date");
  Default.FullCost = Cost ? Cost->Value : CostSentinel;
  Default.IsCapped = Cost && Cost->IsCapped;
  Default.IsForced = !Cost;
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

void InlineSession::verify(CallBase &CB, const DefaultDecision &AtOnce) {
  if (!Config.VerifyFacts)
    return;
  const DefaultDecision Default =
      Heuristic.decide(CB, LlvmHeuristic::Remarks::Suppress);
  if (Default.Inlines != AtOnce.Inlines)
    reportError(CB.getContext(), "LLVM's decision on a call of '" +
                                     CB.getCalledFunction()->getName() +
                                     "' depends on how far it counts");
}

void InlineSession::verify(const Function &F) {
  if (!Config.VerifyFacts)
    return;
  const std::string Stale = Facts.verify(F);
  if (!Stale.empty())
    reportError(F.getContext(), Stale);
}

} // namespace fastir
