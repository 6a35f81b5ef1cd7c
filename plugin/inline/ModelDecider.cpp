//===- ModelDecider.cpp - Asking the model for a caller -------------------===//

#include "inline/ModelDecider.h"
#include "inline/features/InlineFeatures.h"
#include "support/Diagnostics.h"

using namespace llvm;

namespace fastir {

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

std::optional<int> ModelDecider::costCap(const Function &Caller) {
  Model *Model = Config.modelFor(Caller);
  if (!Model || HasFailed)
    return std::nullopt;
  auto [It, IsNew] = CostCaps.try_emplace(Model);
  if (IsNew)
    It->second = computeCostCap(*Model);
  return It->second;
}

std::optional<int> ModelDecider::computeCostCap(Model &TheModel) {
  if (Error E = TheModel.load()) {
    consumeError(std::move(E)); // decide() reports it
    return std::nullopt;
  }
  const std::optional<float> Greatest =
      TheModel.greatestCompared(static_cast<size_t>(Feature::llvm_full_cost));
  if (!Greatest || *Greatest >= CostSentinel)
    return std::nullopt;
  return static_cast<int>(std::max(*Greatest, 0.0f)) + 1;
}

} // namespace fastir
