//===- OnnxTrees.h - Trees from an ONNX file --------------------*- C++ -*-===//

#ifndef FASTIR_MODEL_ONNXTREES_H
#define FASTIR_MODEL_ONNXTREES_H

#include "model/OnnxTreeNode.h"

#include "llvm/Support/Error.h"

namespace fastir {

/// The trees of the ONNX file \p Bytes and the arithmetic behind them, which
/// predict from one row of \p Columns features; checked, and nothing of the
/// file is kept. Fails with NotUnderstood where the graph is more than that,
/// and with another error where the trees are malformed.
llvm::Expected<TreeLists> readOnnxTrees(llvm::StringRef Bytes, size_t Columns);

} // namespace fastir

#endif // FASTIR_MODEL_ONNXTREES_H
