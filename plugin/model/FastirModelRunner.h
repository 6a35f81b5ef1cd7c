//===- FastirModelRunner.h - An MLModelRunner over a Model ------*- C++ -*-===//

#ifndef FASTIR_MODEL_FASTIRMODELRUNNER_H
#define FASTIR_MODEL_FASTIRMODELRUNNER_H

#include "model/Model.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Analysis/MLModelRunner.h"

namespace fastir {

/// Holds one row of features as LLVM's advisor fills it in, int64 each and in
/// schema order, and predicts from it.
class FastirModelRunner : public llvm::MLModelRunner {
public:
  FastirModelRunner(llvm::LLVMContext &Ctx, const FeatureSchema &Schema);

  /// All features of the call site at hand, in schema order.
  llvm::ArrayRef<int64_t> values() const { return Values; }

  void set(size_t Index, int64_t Value) { Values[Index] = Value; }

  /// The predicted change in cost if the call were inlined, in the unit of
  /// \p TheModel, which is loaded. The same features are asked for once: many
  /// calls are alike, and ONNX Runtime takes its time to start each run. Fails
  /// if the model cannot be used.
  llvm::Expected<float> predict(Model &TheModel);

private:
  /// LLVM's interface knows one model and no errors; predict() is what we call.
  void *evaluateUntyped() override;

  std::vector<int64_t> Values;
  std::vector<float> Row; ///< the model's input, in the model's order
  /// By model, and bytes of its input.
  llvm::DenseMap<const Model *, llvm::StringMap<float>> Predicted;
};

} // namespace fastir

#endif // FASTIR_MODEL_FASTIRMODELRUNNER_H
