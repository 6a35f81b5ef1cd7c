//===- LeanInlineAdvisor.cpp - A model's decisions at little cost ---------===//

#include "inline/LeanInlineAdvisor.h"
#include "inline/SessionAdvice.h"
#include "inline/features/InlineFeatures.h"

#include "llvm/IR/Module.h"

using namespace llvm;

namespace fastir {

LeanInlineAdvisor::LeanInlineAdvisor(Module &M, FunctionAnalysisManager &FAM,
                                     InlineParams Params, InlineContext IC,
                                     AdvisorConfig Config)
    : InlineAdvisor(M, FAM, IC),
      Session(M, FAM, std::move(Params), std::move(Config)),
      Runner(M.getContext(), inliningSchema()) {}

bool LeanInlineAdvisor::suffices(const AdvisorConfig &Config) {
  auto IsLean = [](const Model *Model) {
    return all_of(Model->metadata().Features, [](size_t Index) {
      return fastir::isLean(static_cast<Feature>(Index));
    });
  };
  return Config.Who == Policy::Model && !Config.Observer &&
         all_of(Config.Models, IsLean);
}

void LeanInlineAdvisor::onPassEntry(LazyCallGraph::SCC *SCC) {
  Session.enter(SCC);
}

std::unique_ptr<InlineAdvice>
LeanInlineAdvisor::advise(CallBase &CB, bool Inline, Reason Why) {
  return std::make_unique<SessionAdvice>(*this, Session, CB, getCallerORE(CB),
                                         Inline, std::move(Why));
}

std::unique_ptr<InlineAdvice> LeanInlineAdvisor::leaveAlone(CallBase &CB) {
  return std::make_unique<InlineAdvice>(this, CB, getCallerORE(CB), false);
}

std::unique_ptr<InlineAdvice>
LeanInlineAdvisor::getMandatoryAdvice(CallBase &CB, bool Advice) {
  if (!Advice || Session.Growth.isExhausted())
    return InlineAdvisor::getMandatoryAdvice(CB, Advice);
  Session.verify(*CB.getCaller());
  if (!Session.Facts.isReachable(*CB.getParent()))
    return leaveAlone(CB);
  Reason Why;
  Why.From = Reason::Source::Mandatory;
  return advise(CB, true, std::move(Why));
}

std::unique_ptr<InlineAdvice> LeanInlineAdvisor::getAdviceImpl(CallBase &CB) {
  const Function &Caller = *CB.getCaller();
  if (Session.Growth.isExhausted()) {
    DefaultDecision Default =
        Session.Heuristic.decide(CB, LlvmHeuristic::Remarks::Emit);
    return std::make_unique<DefaultInlineAdvice>(this, CB, Default.Cost,
                                                 getCallerORE(CB));
  }
  Session.verify(Caller);
  if (!Session.Config.decidesIn(Caller))
    return followLlvm(CB);
  // As MLInlineAdvisor has it, nothing is inlined into itself, nor where it
  // is never executed.
  if (CB.getCalledFunction() == &Caller ||
      !Session.Facts.isReachable(*CB.getParent()))
    return leaveAlone(CB);
  return askModel(CB);
}

std::unique_ptr<InlineAdvice> LeanInlineAdvisor::followLlvm(CallBase &CB) {
  const bool Reachable = Session.Facts.isReachable(*CB.getParent());
  if (!Reachable && Session.holdsCallee(CB))
    return leaveAlone(CB);
  Reason Why;
  Why.From = Reason::Source::Llvm;
  Why.Llvm = Session.Heuristic.decide(CB, LlvmHeuristic::Remarks::Emit);
  const bool Inline = Why.Llvm.Inlines;
  return advise(CB, Inline, std::move(Why));
}

std::unique_ptr<InlineAdvice> LeanInlineAdvisor::askModel(CallBase &CB) {
  // A remark says all that there is to say.
  const ModelNeeds *Needs =
      isRemarked(CB) ? nullptr : Session.Decider.needsFor(*CB.getCaller());
  Reason Why;
  Why.Llvm =
      Session.judge(CB, Needs ? shortcuts(CB, *Needs) : FullCosts::Shortcuts());
  bool Advice = Why.Llvm.Inlines;
  if (Needs && Needs->keepsDefault(earlyFacts(CB, Advice)))
    return advise(CB, Advice, std::move(Why));
  if (Why.Llvm.IsForced) {
    Why.From = Advice ? Reason::Source::Mandatory : Reason::Source::Policy;
  } else {
    fillFeatures(CB, Why.Llvm);
    Advice =
        Session.Decider.decide(*CB.getCaller(), Runner, Why,
                               Needs ? ModelDecider::Predict::WhereItDecides
                                     : ModelDecider::Predict::Always);
  }
  if (Advice && Why.Llvm.IsCapped && !Session.isViable(CB)) {
    Why.From = Reason::Source::Policy;
    Advice = false;
  }
  return advise(CB, Advice, std::move(Why));
}

EarlyFacts LeanInlineAdvisor::earlyFacts(const CallBase &CB, bool LlvmInlines) {
  const Function &Callee = *CB.getCalledFunction();
  return {Callee, Session.Facts.bodyOf(Callee).Instructions, LlvmInlines};
}

bool LeanInlineAdvisor::isRemarked(CallBase &CB) {
  return getCallerORE(CB).enabled();
}

/// What need not be found out for the model to decide on \p CB.
FullCosts::Shortcuts LeanInlineAdvisor::shortcuts(const CallBase &CB,
                                                  const ModelNeeds &Needs) {
  constexpr int64_t LargeBody = 300; // instructions
  const EarlyFacts IfLeft = earlyFacts(CB, /*LlvmInlines=*/false);
  FullCosts::Shortcuts Result;
  Result.Recall = true;
  if (IfLeft.CalleeInstructions < LargeBody)
    Result.AtOnce = true;
  else
    Result.Cap = Needs.CostCap;
  Result.IgnoreCost = Needs.keepsDefault(IfLeft);
  return Result;
}

void LeanInlineAdvisor::fillFeatures(CallBase &CB,
                                     const DefaultDecision &Default) {
  const CallSiteView View = viewOf(CB, Session.Facts, LoopFacts(), Default);
  computeOwnFeatures(View, [&](Feature F, int64_t Value) {
    Runner.set(static_cast<size_t>(F), Value);
  });
}

} // namespace fastir
