//===- OnnxModelRunner.h - An MLModelRunner over ONNX Runtime ---*- C++ -*-===//

#ifndef FASTIR_MODEL_ONNXMODELRUNNER_H
#define FASTIR_MODEL_ONNXMODELRUNNER_H

#include "inline/features/InlineFeatures.h"
#include "model/OnnxModel.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Analysis/MLModelRunner.h"

namespace fastir {

/// Holds one row of features as LLVM's advisor fills it in, int64 each and in
/// schema order, and predicts from it.
class OnnxModelRunner : public llvm::MLModelRunner {
public:
  explicit OnnxModelRunner(llvm::LLVMContext &Ctx);

  /// All features of the call site at hand, in schema order.
  llvm::ArrayRef<int64_t> values() const { return Values; }

  void set(Feature F, int64_t Value) { Values[static_cast<size_t>(F)] = Value; }

  /// The predicted change in cost if the call were inlined, in the unit of
  /// \p Model. The same features are asked for once: many calls are alike, and
  /// ONNX Runtime takes its time to start each run. Fails if ONNX Runtime or
  /// the model cannot be used.
  llvm::Expected<float> predict(OnnxModel &Model);

private:
  /// LLVM's interface knows one model and no errors; predict() is what we call.
  void *evaluateUntyped() override;

  std::vector<int64_t> Values;
  std::vector<float> Row; ///< the model's input, in the model's order
  /// By model, and bytes of its input.
  llvm::DenseMap<const OnnxModel *, llvm::StringMap<float>> Predicted;
};

} // namespace fastir

#endif // FASTIR_MODEL_ONNXMODELRUNNER_H
