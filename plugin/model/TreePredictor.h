//===- TreePredictor.h - Trees, evaluated in the plugin ---------*- C++ -*-===//

#ifndef FASTIR_MODEL_TREEPREDICTOR_H
#define FASTIR_MODEL_TREEPREDICTOR_H

#include "model/Predictor.h"
#include "model/RuntimeChoice.h"
#include "model/TreeLists.h"

namespace fastir {

/// A tree ensemble.
class TreePredictor final : public Predictor {
public:
  /// \p Trees, which are never freed.
  explicit TreePredictor(const TreeEnsemble &Trees) : Trees(Trees) {}

  /// Trees that were read and checked.
  explicit TreePredictor(TreeLists Read)
      : Lists(std::move(Read)), Trees(Lists.ensemble()) {}

  llvm::Expected<float>
  predict(llvm::MutableArrayRef<float> Row) const override {
    return Trees.predict(Row);
  }

  std::optional<float> greatestCompared(size_t Column) const override {
    return Trees.greatestCompared(Column);
  }

  llvm::StringRef runtime() const override { return NativeName; }

private:
  const TreeLists Lists; ///< empty where the trees are another's
  const TreeEnsemble Trees;
};

} // namespace fastir

#endif // FASTIR_MODEL_TREEPREDICTOR_H
