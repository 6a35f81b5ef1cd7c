//===- OnnxModelRunner.cpp - An MLModelRunner over ONNX Runtime -----------===//

#include "model/OnnxModelRunner.h"

using namespace llvm;

namespace fastir {

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
  return Model.predict(Row);
}

void *OnnxModelRunner::evaluateUntyped() {
  report_fatal_error("this runner is asked with predict() alone");
}

} // namespace fastir
