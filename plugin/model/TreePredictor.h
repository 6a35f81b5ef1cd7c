//===- TreePredictor.h - Trees, evaluated in the plugin ---------*- C++ -*-===//

#ifndef FASTIR_MODEL_TREEPREDICTOR_H
#define FASTIR_MODEL_TREEPREDICTOR_H

#include "model/OnnxTrees.h"
#include "model/Predictor.h"
#include "model/RuntimeChoice.h"

#include <memory>

namespace fastir {

/// A tree ensemble from an ONNX file.
class TreePredictor final : public Predictor {
public:
  explicit TreePredictor(OnnxTrees Trees) : Trees(std::move(Trees)) {}

  llvm::Expected<float>
  predict(llvm::MutableArrayRef<float> Row) const override {
    return Trees.predict(Row);
  }

  llvm::StringRef runtime() const override { return NativeName; }

private:
  const OnnxTrees Trees;
};

} // namespace fastir

#endif // FASTIR_MODEL_TREEPREDICTOR_H
