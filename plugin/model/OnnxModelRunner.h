//===- OnnxModelRunner.h - An MLModelRunner over ONNX Runtime ---*- C++ -*-===//

#ifndef FASTIR_MODEL_ONNXMODELRUNNER_H
#define FASTIR_MODEL_ONNXMODELRUNNER_H

#include "model/OnnxModel.h"

#include "llvm/Analysis/MLModelRunner.h"

namespace fastir {

/// Holds one row of features as LLVM's advisor fills it in, int64 each and in
/// schema order, and predicts from it with an OnnxModel. Without a model it
/// only holds the row, for policies that are no models but log features.
class OnnxModelRunner : public llvm::MLModelRunner {
public:
  OnnxModelRunner(llvm::LLVMContext &Ctx, OnnxModel *Model);

  /// All features of the call site at hand, in schema order.
  llvm::ArrayRef<int64_t> values() const { return Values; }

  const OnnxModel &model() const { return *Model; }

  /// The predicted change in cost if the call were inlined, in the model's
  /// unit. Fails if ONNX Runtime or the model cannot be used.
  llvm::Expected<float> predict();

private:
  /// LLVM's interface has no room for errors; predict() is what we call.
  void *evaluateUntyped() override;

  OnnxModel *const Model;
  std::vector<int64_t> Values;
  std::vector<float> Row; ///< the model's input, in the model's order
  float Prediction = 0;
};

} // namespace fastir

#endif // FASTIR_MODEL_ONNXMODELRUNNER_H
