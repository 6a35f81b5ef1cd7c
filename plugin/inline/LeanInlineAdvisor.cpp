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
  Reason Why;
  Why.Llvm = Session.judge(CB, shortcuts(CB));
  bool Advice = Why.Llvm.Inlines;
  if (Why.Llvm.IsForced) {
    Why.From = Advice ? Reason::Source::Mandatory : Reason::Source::Policy;
  } else {
    fillFeatures(CB, Why.Llvm);
    Advice = Session.Decider.decide(
        *CB.getCaller(), Runner, Why,
        isRemarked(CB) ? ModelDecider::Predict::Always
                       : ModelDecider::Predict::WhereItDecides);
  }
  if (Advice && Why.Llvm.IsCapped && !Session.isViable(CB)) {
    Why.From = Reason::Source::Policy;
    Advice = false;
  }
  return advise(CB, Advice, std::move(Why));
}

bool LeanInlineAdvisor::isRemarked(CallBase &CB) {
  return getCallerORE(CB).enabled();
}

/// None where a remark is to say why. A cost that is kept, which saves the
/// second walk over a callee, is not looked for where the callee is small: LLVM
/// counts that to the end in any case.
InlineSession::Shortcuts LeanInlineAdvisor::shortcuts(CallBase &CB) {
  constexpr int64_t SmallBody = 10, LargeBody = 300; // instructions
  InlineSession::Shortcuts Result;
  const int64_t Size =
      Session.Facts.bodyOf(*CB.getCalledFunction()).Instructions;
  if (isRemarked(CB))
    return Result;
  if (Size >= LargeBody)
    Result.Cap = Session.Decider.costCap(*CB.getCaller());
  else
    Result.AtOnce = Size >= SmallBody;
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
