//===- ModelDecider.cpp - Asking the model for a caller -------------------===//

#include "inline/ModelDecider.h"
#include "support/Diagnostics.h"

using namespace llvm;

namespace fastir {

bool ModelDecider::decide(const Function &Caller, FastirModelRunner &Runner,
                          Reason &Why) {
  const bool LlvmSays = Why.Llvm.Inlines;
  Model *Model = Config.modelFor(Caller);
  if (!Model || HasFailed)
    return LlvmSays;
  Expected<float> Prediction = Runner.predict(*Model);
  if (!Prediction) {
    HasFailed = true;
    reportError(Caller.getContext(), toString(Prediction.takeError()));
    return LlvmSays;
  }
  Why.From = Reason::Source::Model;
  Why.Prediction = *Prediction;
  Why.Metadata = &Model->metadata();
  Why.Runtime = Model->runtime();
  Why.KeepsDefault = Why.Metadata->keepsDefault(Runner.values());
  return Why.KeepsDefault ? LlvmSays : *Prediction < Why.Metadata->Threshold;
}

} // namespace fastir
