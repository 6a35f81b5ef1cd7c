//===- FastirModelRunner.cpp - An MLModelRunner over a Model -------------===//

#include "model/FastirModelRunner.h"

using namespace llvm;

namespace fastir {

/// More are not kept: some 4 MB.
static constexpr unsigned MostPredictions = 16384;

FastirModelRunner::FastirModelRunner(LLVMContext &Ctx,
                                     const FeatureSchema &Schema)
    : MLModelRunner(Ctx, Kind::Release, Schema.size()), Values(Schema.size()) {
  for (auto [I, Spec] : enumerate(Schema.specs()))
    setUpBufferForTensor(I, Spec, &Values[I]);
}

Expected<float> FastirModelRunner::predict(Model &TheModel) {
  Row.clear();
  for (size_t Index : TheModel.metadata().Features)
    Row.push_back(static_cast<float>(Values[Index]));
  const StringRef Key(reinterpret_cast<const char *>(Row.data()),
                      Row.size() * sizeof(float));
  StringMap<float> &Known = Predicted[&TheModel];
  if (auto It = Known.find(Key); It != Known.end())
    return It->second;
  Expected<float> Prediction = TheModel.predict(Row);
  if (Known.size() >= MostPredictions)
    Known.clear();
  if (Prediction)
    Known[Key] = *Prediction;
  return Prediction;
}

void *FastirModelRunner::evaluateUntyped() {
  report_fatal_error("this runner is asked with predict() alone");
}

} // namespace fastir
