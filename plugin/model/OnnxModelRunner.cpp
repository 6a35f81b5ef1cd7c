//===- OnnxModelRunner.cpp - An MLModelRunner over ONNX Runtime -----------===//

#include "model/OnnxModelRunner.h"
#include "features/InlineFeatures.h"

using namespace llvm;

namespace fastir {

OnnxModelRunner::OnnxModelRunner(LLVMContext &Ctx, OnnxModel *Model)
    : MLModelRunner(Ctx, Kind::Release, FeatureCount), Model(Model),
      Values(FeatureCount) {
  for (auto [I, Spec] : enumerate(featureSpecs()))
    setUpBufferForTensor(I, Spec, &Values[I]);
  if (Model)
    Row.resize(Model->metadata().Features.size());
}

Expected<float> OnnxModelRunner::predict() {
  if (Error E = Model->load())
    return E;
  for (auto [Value, Index] : zip_equal(Row, Model->metadata().Features))
    Value = static_cast<float>(Values[Index]);
  return Model->predict(Row);
}

void *OnnxModelRunner::evaluateUntyped() {
  Expected<float> Result = predict();
  if (!Result)
    report_fatal_error(Result.takeError(), /*gen_crash_diag=*/false);
  Prediction = *Result;
  return &Prediction;
}

} // namespace fastir
