//===- FastirInlineAdvisor.cpp - Inlining as a policy says ----------------===//

#include "advisor/FastirInlineAdvisor.h"
#include "support/Diagnostics.h"

#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/OptimizationRemarkEmitter.h"
#include "llvm/IR/Dominators.h"
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
            return std::make_unique<OnnxModelRunner>(M.getContext());
          },
          [](CallBase &) { return false; }),
      Config(Config), Decider(this->Config), Heuristic(FAM, std::move(Params)) {
}

void FastirInlineAdvisor::onPassEntry(LazyCallGraph::SCC *SCC) {
  // Function passes have run since the last visit.
  BodyCounts.clear();
  Flows.clear();
  SccFunctions.clear();
  if (SCC)
    for (LazyCallGraph::Node &Node : *SCC)
      SccFunctions.insert(&Node.getFunction());
  MLInlineAdvisor::onPassEntry(SCC);
}

std::unique_ptr<MLInlineAdvice>
FastirInlineAdvisor::trackedAdvice(CallBase &CB, bool Recommendation,
                                   Reason Why) {
  Function &Caller = *CB.getCaller();
  if (Recommendation) {
    BodyCounts.forget(Caller);
    Flows.forget(Caller);
  }
  return std::make_unique<FastirInlineAdvice>(
      this, CB, getCallerORE(CB), Recommendation, std::move(Why),
      getCachedFPI(Caller), Config.Observer.get());
}

std::unique_ptr<MLInlineAdvice>
FastirInlineAdvisor::getMandatoryAdviceImpl(CallBase &CB) {
  Reason Why;
  Why.From = Reason::Source::Mandatory;
  return trackedAdvice(CB, true, std::move(Why));
}

std::unique_ptr<InlineAdvice> FastirInlineAdvisor::getAdviceImpl(CallBase &CB) {
  // Once a module has grown past LLVM's bound for learned policies, LLVM's
  // heuristic takes over. Where it decides anyway, the base class must not see
  // calls in dead code: it leaves them alone, and LLVM's heuristic does not.
  const bool LlvmDecides = !Config.decidesIn(*CB.getCaller());
  if (isForcedToStop() ||
      (LlvmDecides && (!Config.Observer || !isReachable(CB))))
    return followLlvm(CB);
  return MLInlineAdvisor::getAdviceImpl(CB);
}

bool FastirInlineAdvisor::isReachable(CallBase &CB) {
  return FAM.getResult<DominatorTreeAnalysis>(*CB.getCaller())
      .isReachableFromEntry(CB.getParent());
}

std::unique_ptr<InlineAdvice> FastirInlineAdvisor::followLlvm(CallBase &CB) {
  Function &Callee = *CB.getCalledFunction();
  const bool Reachable = isReachable(CB);
  // Inlining into dead code cannot be tracked. That matters only where it
  // deletes a function that the base class holds on to: one of this SCC. Such a
  // callee is left to the passes that remove dead code.
  if (!Reachable && !isForcedToStop() && SccFunctions.contains(&Callee) &&
      Callee.isDiscardableIfUnused() && Callee.hasOneUse())
    return std::make_unique<InlineAdvice>(this, CB, getCallerORE(CB), false);
  LlvmVerdict Verdict = Heuristic.decide(CB, LlvmHeuristic::Remarks::Emit);
  if (!Reachable || isForcedToStop())
    return std::make_unique<DefaultInlineAdvice>(this, CB, Verdict.Inline,
                                                 getCallerORE(CB));
  const bool Inline = Verdict.Inline.has_value();
  Reason Why;
  Why.From = Reason::Source::Llvm;
  Why.Llvm = std::move(Verdict);
  return trackedAdvice(CB, Inline, std::move(Why));
}

void FastirInlineAdvisor::fillOwnFeatures(CallBase &CB,
                                          const LlvmVerdict &Verdict) {
  Function &Caller = *CB.getCaller();
  Function &Callee = *CB.getCalledFunction();
  const LoopFacts Loops = {
      getCachedFPI(Caller).MaxLoopDepth, getCachedFPI(Callee).MaxLoopDepth,
      FAM.getResult<LoopAnalysis>(Caller).getLoopDepth(CB.getParent())};
  const CallSiteView View =
      viewOf(CB, BodyCounts, usesOf(Callee, Caller), usesOf(Caller, Caller),
             Flows.get(CB), Loops,
             {Verdict.Inline.has_value(), asNumber(Heuristic.fullCost(CB)),
              Verdict.CostMinusThreshold});
  computeOwnFeatures(View,
                     [&](Feature F, int64_t Value) { runner().set(F, Value); });
}

/// What the policy says of \p CB; sets in \p Why who said so.
bool FastirInlineAdvisor::decide(CallBase &CB, Reason &Why) {
  if (Config.Who == Policy::Model)
    return Decider.decide(*CB.getCaller(), runner(), Why);
  if (Config.Who == Policy::Llvm)
    return Why.Llvm.Inline.has_value();
  return Config.Who == Policy::Always;
}

std::unique_ptr<MLInlineAdvice>
FastirInlineAdvisor::getAdviceFromModel(CallBase &CB,
                                        OptimizationRemarkEmitter &) {
  DecisionObserver *Observer = Config.Observer.get();
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
  Why.Llvm = Heuristic.decide(CB, LlvmHeuristic::Remarks::Suppress);
  fillOwnFeatures(CB, Why.Llvm);
  const bool Decided = decide(CB, Why);
  D.Advice = Overruled.value_or(Decided);
  if (Observer) {
    D.Features = runner().values();
    if (Why.From == Reason::Source::Model)
      D.Prediction = Why.Prediction;
    D.LlvmDecision = Why.Llvm.Inline.has_value();
    Observer->onDecision(D);
  }
  return trackedAdvice(CB, D.Advice, std::move(Why));
}

} // namespace fastir
