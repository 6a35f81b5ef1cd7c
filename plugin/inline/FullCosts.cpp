//===- FullCosts.cpp - Whole costs of calls, kept by callee ---------------===//

#include "inline/FullCosts.h"

#include "llvm/Analysis/InlineCost.h"

using namespace llvm;

namespace fastir {

FullCosts::CostsOfCallee &FullCosts::costsOf(const Function &Callee) {
  const uint64_t Version = Facts.versionOf(Callee);
  CostsOfCallee &Costs = Known[&Callee];
  if (Costs.Version != Version)
    Costs = {Version, keyedCallsOf(Callee), {}, {}};
  return Costs;
}

std::optional<CostKey> FullCosts::keyOf(const CallBase &CB) {
  const Function &Callee = *CB.getCalledFunction();
  return costKeyOf(CB, costsOf(Callee).Keyed, Facts.bodyOf(Callee).Allocas > 0);
}

/// What llvm::getInlineCost looks at, beside the callee, before it counts.
static std::pair<AttributeSet, AttributeSet> attributesOf(const CallBase &CB) {
  return {CB.getCaller()->getAttributes().getFnAttrs(),
          CB.getAttributes().getFnAttrs()};
}

/// Callers of another model may have another cap, or none.
const FullCosts::FullCost *FullCosts::find(const CallBase &CB,
                                           const CostKey &Call,
                                           const Shortcuts &Allowed) {
  const auto &Costs = costsOf(*CB.getCalledFunction()).ByKey;
  auto It = Costs.find(Call);
  if (It == Costs.end())
    return nullptr;
  const FullCost &Cost = It->second;
  const bool Suffices = !Cost.IsCapped || Allowed.IgnoreCost ||
                        (Allowed.Cap && *Allowed.Cap <= Cost.Value);
  return Suffices ? &Cost : nullptr;
}

void FullCosts::keep(const CallBase &CB, const CostKey &Call,
                     const FullCost &Cost) {
  CostsOfCallee &Costs = costsOf(*CB.getCalledFunction());
  Costs.ByKey[Call] = Cost;
  Costs.LeftToCost.insert(attributesOf(CB));
}

std::optional<DefaultDecision> FullCosts::recall(CallBase &CB,
                                                 const FullCost &Cost) {
  const CostsOfCallee &Costs = costsOf(*CB.getCalledFunction());
  if (!Cost.Threshold || (Cost.IsCapped && Cost.Value < *Cost.Threshold) ||
      !Costs.LeftToCost.contains(attributesOf(CB)))
    return std::nullopt;
  DefaultDecision Default =
      Heuristic.decide(CB, InlineCost::get(Cost.Value, *Cost.Threshold));
  Default.IsCapped = Cost.IsCapped;
  return Default;
}

std::optional<int64_t> FullCosts::compute(CallBase &CB) {
  const InlineCost Cost = Heuristic.fullCost(CB);
  if (Cost.isNever())
    return std::nullopt;
  return asNumber(Cost);
}

/// Calls that have a key bring no indirect call to light, the one thing by
/// which a cost becomes less as counting goes on.
std::optional<FullCosts::FullCost>
FullCosts::computeTo(CallBase &CB, std::optional<int> Cap) {
  if (Cap) {
    const InlineCost Cost = Heuristic.cappedCost(CB, *Cap);
    if (Cost.isVariable() && Cost.getCost() < Cost.getThreshold())
      return FullCost{Cost.getCost(), /*IsCapped=*/false, std::nullopt};
    if (Cost.isVariable() && Cost.getCost() >= *Cap)
      return FullCost{*Cap, /*IsCapped=*/true, std::nullopt};
  }
  const std::optional<int64_t> Cost = compute(CB);
  if (!Cost)
    return std::nullopt;
  return FullCost{*Cost, /*IsCapped=*/false, std::nullopt};
}

DefaultDecision FullCosts::judge(CallBase &CB, const Shortcuts &Allowed) {
  const std::optional<CostKey> Call = keyOf(CB);
  const FullCost *Known = Call ? find(CB, *Call, Allowed) : nullptr;
  if (Known && Allowed.Recall)
    if (std::optional<DefaultDecision> Default = recall(CB, *Known))
      return *Default;

  const bool AtOnce = Allowed.AtOnce && !Allowed.IgnoreCost && Call && !Known;
  DefaultDecision Default = Heuristic.decide(
      CB, LlvmHeuristic::Remarks::Suppress,
      AtOnce ? LlvmHeuristic::Count::Whole : LlvmHeuristic::Count::ToThreshold);
  if (Default.IsForced)
    return Default;
  FullCost Cost = {Default.FullCost, /*IsCapped=*/false, std::nullopt};
  // Below the threshold LLVM has counted to the end.
  const bool HasStopped = !AtOnce && Default.CostMinusThreshold >= 0;
  if (HasStopped && Known) {
    Cost = *Known;
  } else if (HasStopped && Allowed.IgnoreCost) {
    Cost.IsCapped = true;
  } else if (HasStopped) {
    const std::optional<FullCost> Whole =
        computeTo(CB, Call ? Allowed.Cap : std::nullopt);
    if (!Whole) { // what forbids inlining may lie in the caller
      Default.FullCost = CostSentinel;
      Default.IsForced = true;
      return Default;
    }
    Cost = *Whole;
  }
  if (!Heuristic.weighsFrequency(*CB.getCaller()))
    Cost.Threshold = Default.FullCost - Default.CostMinusThreshold;
  Default.FullCost = Cost.Value;
  Default.IsCapped = Cost.IsCapped;
  if (Call)
    keep(CB, *Call, Cost);
  return Default;
}

} // namespace fastir
