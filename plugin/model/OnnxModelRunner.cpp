//===- OnnxModelRunner.cpp - An MLModelRunner over ONNX Runtime -----------===//

#include "model/OnnxModelRunner.h"

using namespace llvm;

namespace fastir {

/// More are not kept: some 4 MB.
static constexpr unsigned MostPredictions = 16384;

OnnxModelRunner::OnnxModelRunner(LLVMContext &Ctx)
    : MLModelRunner(Ctx, Kind::Release, FeatureCount), Values(FeatureCount) {
  for (auto [I, Spec] : enumerate(featureSpecs()))
    setUpBufferForTensor(I, Spec, &Values[I]);
}

Expected<float> OnnxModelRunner::predict(OnnxModel &Model) {
  if (Error E = Model.load())
    return E;
  Row.clear();
  for (size_t Index : Model.metadata().Features)
    Row.push_back(static_cast<float>(Values[Index]));
  const StringRef Key(reinterpret_cast<const char *>(Row.data()),
                      Row.size() * sizeof(float));
  StringMap<float> &Known = Predicted[&Model];
  if (auto It = Known.find(Key); It != Known.end())
    return It->second;
  Expected<float> Prediction = Model.predict(Row);
  if (Known.size() >= MostPredictions)
    Known.clear();
  if (Prediction)
    Known[Key] = *Prediction;
  return Prediction;
}

void *OnnxModelRunner::evaluateUntyped() {
  report_fatal_error("this runner is asked with predict() alone");
}

} // namespace fastir
