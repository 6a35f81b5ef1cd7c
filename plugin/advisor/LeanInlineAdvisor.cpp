//===- LeanInlineAdvisor.cpp - A model's decisions at little cost ---------===//

#include "advisor/LeanInlineAdvisor.h"

#include "llvm/Analysis/OptimizationRemarkEmitter.h"
#include "llvm/IR/Module.h"

using namespace llvm;

namespace fastir {

namespace {

class LeanAdvice : public InlineAdvice {
public:
  LeanAdvice(LeanInlineAdvisor &Advisor, CallBase &CB,
             OptimizationRemarkEmitter &ORE, bool Recommendation, Reason Why,
             int64_t CalleeInstructions)
      : InlineAdvice(&Advisor, CB, ORE, Recommendation), Why(std::move(Why)),
        CalleeInstructions(CalleeInstructions) {}

private:
  void recordInliningImpl() override { recordSuccess(false); }
  void recordInliningWithCalleeDeletedImpl() override { recordSuccess(true); }
  void recordUnsuccessfulInliningImpl(const InlineResult &R) override {
    remarkFailed(ORE, call(), R);
  }
  void recordUnattemptedInliningImpl() override {
    remarkNotInlined(ORE, call(), Why);
  }

  void recordSuccess(bool CalleeWasDeleted) {
    remarkInlined(ORE, call(), Why);
    static_cast<LeanInlineAdvisor *>(Advisor)->onInlined(
        *Caller, CalleeInstructions, CalleeWasDeleted);
  }
  RemarkedCall call() const { return {*Callee, *Caller, DLoc, Block}; }

  const Reason Why;
  const int64_t CalleeInstructions;
};

/// As MLInlineAdvisor has it: past this factor LLVM decides.
constexpr int64_t GrowthLimit = 2;

bool names(const OnnxModel *Model, Feature F) {
  return is_contained(Model->metadata().Features, static_cast<size_t>(F));
}

} // namespace

LeanInlineAdvisor::LeanInlineAdvisor(Module &M, FunctionAnalysisManager &FAM,
                                     InlineParams Params, InlineContext IC,
                                     AdvisorConfig Config)
    : InlineAdvisor(M, FAM, IC), Config(std::move(Config)),
      Decider(this->Config), Heuristic(FAM, std::move(Params)),
      Runner(M.getContext()) {
  for (const OnnxModel *Model : this->Config.Models) {
    const bool Path = names(Model, Feature::callee_shortest_path);
    if (Path || names(Model, Feature::is_callsite_in_cycle) ||
        names(Model, Feature::is_callsite_exceptional))
      FlowNeeds.push_back({Model, Path ? CallFlowCache::Path::Asked
                                       : CallFlowCache::Path::Unasked});
  }
  for (const Function &F : M)
    InitialInstructions += F.getInstructionCount();
  Instructions = InitialInstructions;
}

bool LeanInlineAdvisor::suffices(const AdvisorConfig &Config) {
  auto IsLean = [](const OnnxModel *Model) {
    return all_of(Model->metadata().Features, [](size_t Index) {
      return fastir::isLean(static_cast<Feature>(Index));
    });
  };
  return Config.Who == Policy::Model && !Config.Observer &&
         all_of(Config.Models, IsLean);
}

void LeanInlineAdvisor::onPassEntry(LazyCallGraph::SCC *) {
  // Function passes have run since the last visit.
  BodyCounts.clear();
  Flows.clear();
}

void LeanInlineAdvisor::onInlined(const Function &Caller,
                                  int64_t CalleeInstructions,
                                  bool CalleeWasDeleted) {
  forgetBody(Caller);
  if (!CalleeWasDeleted)
    Instructions += CalleeInstructions;
}

void LeanInlineAdvisor::forgetBody(const Function &F) {
  BodyCounts.forget(F);
  Flows.forget(F);
}

bool LeanInlineAdvisor::hasGrownTooMuch() const {
  return Instructions > GrowthLimit * InitialInstructions;
}

std::unique_ptr<InlineAdvice> LeanInlineAdvisor::getAdviceImpl(CallBase &CB) {
  const Function &Caller = *CB.getCaller();
  if (Config.decidesIn(Caller) && !hasGrownTooMuch()) {
    // As MLInlineAdvisor has it, nothing is inlined into itself, nor where it
    // is never executed.
    if (CB.getCalledFunction() == &Caller ||
        !Flows.isReachable(*CB.getParent()))
      return std::make_unique<InlineAdvice>(this, CB, getCallerORE(CB), false);
    return askModel(CB);
  }
  LlvmVerdict Verdict = Heuristic.decide(CB, LlvmHeuristic::Remarks::Emit);
  if (Verdict.Inline)
    forgetBody(Caller);
  return std::make_unique<DefaultInlineAdvice>(this, CB, Verdict.Inline,
                                               getCallerORE(CB));
}

std::unique_ptr<InlineAdvice> LeanInlineAdvisor::askModel(CallBase &CB) {
  Reason Why;
  Why.Llvm = Heuristic.decide(CB, LlvmHeuristic::Remarks::Suppress,
                              LlvmHeuristic::Depth::Full);
  bool Advice = Why.Llvm.Inline.has_value();
  if (Why.Llvm.IsForced) {
    Why.From = Advice ? Reason::Source::Mandatory : Reason::Source::Llvm;
  } else {
    fillFeatures(CB, Why.Llvm);
    Advice = Decider.decide(*CB.getCaller(), Runner, Why);
  }
  return std::make_unique<LeanAdvice>(
      *this, CB, getCallerORE(CB), Advice, std::move(Why),
      BodyCounts.get(*CB.getCalledFunction()).Instructions);
}

CallFlow LeanInlineAdvisor::flowOf(const CallBase &CB) {
  const OnnxModel *Model = Config.modelFor(*CB.getCaller());
  for (const FlowNeed &Need : FlowNeeds)
    if (Need.Of == Model)
      return Flows.get(CB, Need.Path);
  return CallFlow();
}

void LeanInlineAdvisor::fillFeatures(CallBase &CB, const LlvmVerdict &Verdict) {
  const Function &Caller = *CB.getCaller();
  const Function &Callee = *CB.getCalledFunction();
  const CallSiteView View =
      viewOf(CB, BodyCounts, usesOf(Callee, Caller), usesOf(Caller, Caller),
             flowOf(CB), LoopFacts(),
             {Verdict.Inline.has_value(), Verdict.FullCost,
              Verdict.CostMinusThreshold});
  computeOwnFeatures(View,
                     [&](Feature F, int64_t Value) { Runner.set(F, Value); });
}

} // namespace fastir
