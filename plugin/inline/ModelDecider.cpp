//===- ModelDecider.cpp - Asking the model for a caller -------------------===//

#include "inline/ModelDecider.h"
#include "support/Diagnostics.h"

using namespace llvm;

namespace fastir {

static std::optional<int> costCap(const Model &TheModel) {
  const std::optional<float> Greatest =
      TheModel.greatestCompared(static_cast<size_t>(Feature::llvm_full_cost));
  if (!Greatest || *Greatest >= CostSentinel)
    return std::nullopt;
  return static_cast<int>(std::max(*Greatest, 0.0f)) + 1;
}

ModelNeeds::ModelNeeds(const Model &TheModel) : CostCap(costCap(TheModel)) {
  for (const KeepRule &Rule : TheModel.metadata().KeepRules)
    if (all_of(Rule, [](const Condition &C) {
          return isEarly(static_cast<Feature>(C.Feature));
        }))
      EarlyRules.push_back(Rule);
}

bool ModelNeeds::keepsDefault(const EarlyFacts &Facts) const {
  return any_of(EarlyRules, [&](const KeepRule &Rule) {
    return all_of(Rule, [&](const Condition &C) {
      return C.holds(Facts.feature(static_cast<Feature>(C.Feature)));
    });
  });
}

Error ModelDecider::ask(Model &TheModel, FastirModelRunner &Runner, Reason &Why,
                        Predict When) const {
  if (Error E = TheModel.load())
    return E;
  Why.From = Reason::Source::Model;
  Why.Metadata = &TheModel.metadata();
  Why.Runtime = TheModel.runtime();
  Why.KeepsDefault = Why.Metadata->keepsDefault(Runner.values());
  if (Why.KeepsDefault && When == Predict::WhereItDecides)
    return Error::success();
  Expected<float> Prediction = Runner.predict(TheModel);
  if (!Prediction)
    return Prediction.takeError();
  Why.Prediction = *Prediction;
  return Error::success();
}

bool ModelDecider::decide(const Function &Caller, FastirModelRunner &Runner,
                          Reason &Why, Predict When) {
  const bool LlvmSays = Why.Llvm.Inlines;
  Model *Model = Config.modelFor(Caller);
  if (!Model || HasFailed)
    return LlvmSays;
  Reason Asked = Why;
  if (Error E = ask(*Model, Runner, Asked, When)) {
    HasFailed = true;
    reportError(Caller.getContext(), toString(std::move(E)));
    return LlvmSays;
  }
  Why = std::move(Asked);
  return Why.KeepsDefault ? LlvmSays : Why.Prediction < Why.Metadata->Threshold;
}

const ModelNeeds *ModelDecider::needsFor(const Function &Caller) {
  Model *Model = Config.modelFor(Caller);
  if (!Model || HasFailed)
    return nullptr;
  auto [It, IsNew] = Needs.try_emplace(Model);
  if (!IsNew)
    return It->second.get();
  if (Error E = Model->load())
    consumeError(std::move(E)); // decide() reports it
  else
    It->second = std::make_unique<ModelNeeds>(*Model);
  return It->second.get();
}

} // namespace fastir
