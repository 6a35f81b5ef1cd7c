//===- OnnxTreeNode.h - Trees from a node of an ONNX graph ------*- C++ -*-===//

#ifndef FASTIR_MODEL_ONNXTREENODE_H
#define FASTIR_MODEL_ONNXTREENODE_H

#include "model/OnnxGraph.h"
#include "model/TreeLists.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/Error.h"

namespace fastir {

/// A valid file may hold what is not understood here.
class NotUnderstood : public llvm::ErrorInfo<NotUnderstood, llvm::StringError> {
public:
  static char ID;
  explicit NotUnderstood(const llvm::Twine &Why)
      : ErrorInfo(Why, llvm::inconvertibleErrorCode()) {}
};

llvm::Error notUnderstood(const llvm::Twine &Why);
llvm::Error malformedTrees(const llvm::Twine &Why);

/// The attributes of a node, each taken once: what is left over was not
/// understood.
class OnnxAttributes {
public:
  static llvm::Expected<OnnxAttributes> of(const OnnxNode &Node);

  /// The named attribute; an empty one if it is not there.
  OnnxAttribute take(llvm::StringRef Name);

  /// Fails if an attribute was not taken.
  llvm::Error finish() const;

private:
  llvm::StringMap<OnnxAttribute> ByName;
};

/// The trees of a TreeEnsembleRegressor, of versions 1 and 3 of ai.onnx.ml.
llvm::Expected<TreeLists> readTreeEnsembleRegressor(OnnxAttributes Given);

/// The trees of a TreeEnsemble, of version 5.
llvm::Expected<TreeLists> readTreeEnsemble(OnnxAttributes Given);

} // namespace fastir

#endif // FASTIR_MODEL_ONNXTREENODE_H
