//===- OnnxTrees.h - Trees from an ONNX file --------------------*- C++ -*-===//

#ifndef FASTIR_MODEL_ONNXTREES_H
#define FASTIR_MODEL_ONNXTREES_H

#include "model/OnnxTreeNode.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"

#include <optional>

namespace fastir {

/// An ONNX graph that is a tree ensemble and arithmetic on what it predicts.
struct OnnxTrees {
  TreeEnsemble Ensemble;
  /// Applied in order: a factor, or the hyperbolic sine where there is none.
  llvm::SmallVector<std::optional<float>, 2> Steps;

  float predict(llvm::ArrayRef<float> Row) const;
};

/// The trees of the ONNX file \p Bytes, which predict from one row of
/// \p Columns features; nothing of it is kept. Fails with NotUnderstood where
/// the graph is more than that, and with another error where the trees are
/// malformed.
llvm::Expected<OnnxTrees> readOnnxTrees(llvm::StringRef Bytes, size_t Columns);

} // namespace fastir

#endif // FASTIR_MODEL_ONNXTREES_H
