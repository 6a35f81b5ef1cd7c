//===- FeatureSchema.h - The features of one problem ------------*- C++ -*-===//
//
// What a row of features is made of. Models, logs and whatever else carries
// rows are given the schema of the problem; they know none of their own.
//
//===----------------------------------------------------------------------===//

#ifndef FASTIR_MODEL_FEATURESCHEMA_H
#define FASTIR_MODEL_FEATURESCHEMA_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Analysis/TensorSpec.h"

#include <optional>
#include <vector>

namespace fastir {

class FeatureSchema {
public:
  explicit FeatureSchema(llvm::ArrayRef<llvm::StringRef> Names);

  size_t size() const { return Specs.size(); }

  /// The features as LLVM describes tensors, in order: each an int64 of shape
  /// {1}.
  const std::vector<llvm::TensorSpec> &specs() const { return Specs; }

  /// The index of the feature \p Name, or nothing if there is none.
  std::optional<size_t> indexOf(llvm::StringRef Name) const;

private:
  std::vector<llvm::TensorSpec> Specs;
  llvm::StringMap<size_t> Indices;
};

} // namespace fastir

#endif // FASTIR_MODEL_FEATURESCHEMA_H
