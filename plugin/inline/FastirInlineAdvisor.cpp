//===- FastirInlineAdvisor.cpp - Inlining as a policy says ----------------===//

#include "inline/FastirInlineAdvisor.h"
#include "inline/SessionAdvice.h"
#include "inline/features/InlineFeatures.h"
#include "support/Diagnostics.h"

#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/OptimizationRemarkEmitter.h"
#include "llvm/IR/Module.h"

using namespace llvm;

namespace fastir {

bool FastirInlineAdvisor::hasWork(const Module &M,
                                  const AdvisorConfig &Config) {
  return Config.Observer || any_of(M, [&](const Function &F) {
           return !F.isDeclaration() && Config.decidesIn(F);
         });
}

FastirInlineAdvisor::FastirInlineAdvisor(Module &M, ModuleAnalysisManager &MAM,
                                         InlineParams Params,
                                         AdvisorConfig Config)
    : MLInlineAdvisor(
          M, MAM,
          [&](const std::vector<TensorSpec> &) {
            return std::make_unique<FastirModelRunner>(M.getContext(),
                                                       inliningSchema());
          },
          [](CallBase &) { return false; }),
      Session(M, FAM, std::move(Params), std::move(Config)) {}

void FastirInlineAdvisor::onPassEntry(LazyCallGraph::SCC *SCC) {
  Session.enter(SCC);
  MLInlineAdvisor::onPassEntry(SCC);
}

std::unique_ptr<MLInlineAdvice>
FastirInlineAdvisor::trackedAdvice(CallBase &CB, bool Recommendation,
                                   Reason Why) {
  return std::make_unique<FastirInlineAdvice>(
      this, Session, CB, getCallerORE(CB), Recommendation, std::move(Why),
      getCachedFPI(*CB.getCaller()));
}

std::unique_ptr<MLInlineAdvice>
FastirInlineAdvisor::getMandatoryAdviceImpl(CallBase &CB) {
  Reason Why;
  Why.From = Reason::Source::Mandatory;
  return trackedAdvice(CB, true, std::move(Why));
}

std::unique_ptr<InlineAdvice> FastirInlineAdvisor::getAdviceImpl(CallBase &CB) {
  if (Session.Config.VerifyFacts &&
      isForcedToStop() != Session.Growth.isExhausted())
    reportError(CB.getContext(), "LLVM counts another growth");
  if (isForcedToStop() || Session.Growth.isExhausted())
    return followLlvm(CB);
  Session.verify(*CB.getCaller());
  // Where LLVM's heuristic decides, the base class must not see calls in dead
  // code: it leaves them alone, and LLVM's heuristic does not.
  const bool LlvmDecides = !Session.Config.decidesIn(*CB.getCaller());
  if (LlvmDecides && (!Session.Config.Observer || !isReachable(CB)))
    return followLlvm(CB);
  if (auto Refused = refuse(CB))
    return Refused;
  return MLInlineAdvisor::getAdviceImpl(CB);
}

/// The advice on a call that cannot be inlined whatever the policy; null if it
/// can. The base class gives it without a remark.
std::unique_ptr<InlineAdvice> FastirInlineAdvisor::refuse(CallBase &CB) {
  if (CB.getCalledFunction() == CB.getCaller() || !isReachable(CB))
    return nullptr;
  Reason Why;
  Why.Llvm = Session.judge(CB, {});
  if (!Why.Llvm.IsForced || Why.Llvm.Inlines)
    return nullptr;
  return std::make_unique<SessionAdvice>(*this, Session, CB, getCallerORE(CB),
                                         false, std::move(Why));
}

bool FastirInlineAdvisor::isReachable(CallBase &CB) {
  return Session.Facts.isReachable(*CB.getParent());
}

std::unique_ptr<InlineAdvice> FastirInlineAdvisor::followLlvm(CallBase &CB) {
  const bool Stopped = isForcedToStop();
  const bool Reachable = Stopped || isReachable(CB);
  if (!Reachable && Session.holdsCallee(CB))
    return std::make_unique<InlineAdvice>(this, CB, getCallerORE(CB), false);
  DefaultDecision Default =
      Session.Heuristic.decide(CB, LlvmHeuristic::Remarks::Emit);
  if (Stopped)
    return std::make_unique<DefaultInlineAdvice>(this, CB, Default.Cost,
                                                 getCallerORE(CB));
  const bool Inline = Default.Inlines;
  Reason Why;
  Why.From = Reason::Source::Llvm;
  Why.Llvm = std::move(Default);
  if (!Reachable)
    return std::make_unique<SessionAdvice>(*this, Session, CB, getCallerORE(CB),
                                           Inline, std::move(Why));
  return trackedAdvice(CB, Inline, std::move(Why));
}

void FastirInlineAdvisor::fillOwnFeatures(CallBase &CB,
                                          const DefaultDecision &Default) {
  Function &Caller = *CB.getCaller();
  Function &Callee = *CB.getCalledFunction();
  const LoopFacts Loops = {
      getCachedFPI(Caller).MaxLoopDepth, getCachedFPI(Callee).MaxLoopDepth,
      FAM.getResult<LoopAnalysis>(Caller).getLoopDepth(CB.getParent())};
  const CallSiteView View = viewOf(CB, Session.Facts, Loops, Default);
  computeOwnFeatures(View, [&](Feature F, int64_t Value) {
    runner().set(static_cast<size_t>(F), Value);
  });
}

/// What the policy says of \p CB; sets in \p Why who said so.
bool FastirInlineAdvisor::decide(CallBase &CB, Reason &Why) {
  if (Session.Config.Who == Policy::Model)
    return Session.Decider.decide(*CB.getCaller(), runner(), Why);
  if (Session.Config.Who == Policy::Llvm)
    return Why.Llvm.Inlines;
  return Session.Config.Who == Policy::Always;
}

std::unique_ptr<MLInlineAdvice>
FastirInlineAdvisor::getAdviceFromModel(CallBase &CB,
                                        OptimizationRemarkEmitter &) {
  DecisionObserver *Observer = Session.Config.Observer.get();
  Decision D;
  D.Caller = CB.getCaller()->getName();
  D.Callee = CB.getCalledFunction()->getName();
  std::optional<bool> Overruled;
  if (Observer)
    Overruled = Observer->overrule(D.Caller, D.Callee);
  Reason Why;
  if (Overruled && !Observer->wantsReasons()) {
    D.LlvmDecision = D.Advice = *Overruled;
    Observer->onDecision(D);
    return trackedAdvice(CB, D.Advice, std::move(Why));
  }
  Why.Llvm = Session.judge(CB, {});
  fillOwnFeatures(CB, Why.Llvm);
  const bool Decided = decide(CB, Why);
  D.Advice = Overruled.value_or(Decided);
  if (Observer) {
    D.Features = runner().values();
    if (Why.From == Reason::Source::Model) {
      D.Prediction = Why.Prediction;
      D.Runtime = Why.Runtime;
    }
    D.ProfileCount = Session.Heuristic.profileCount(CB);
    D.LlvmDecision = Why.Llvm.Inlines;
    Observer->onDecision(D);
  }
  return trackedAdvice(CB, D.Advice, std::move(Why));
}

} // namespace fastir
