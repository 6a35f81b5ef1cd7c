//===- Model.h - A model file, of whatever kind -----------------*- C++ -*-===//

#ifndef FASTIR_MODEL_MODEL_H
#define FASTIR_MODEL_MODEL_H

#include "model/FeatureSchema.h"
#include "model/ModelMetadata.h"

#include "llvm/Support/Error.h"

#include <string>

namespace fastir {

/// A model from a file, shared by all threads of a process.
class Model {
public:
  virtual ~Model() = default;

  /// The model in \p Path, whose features are of \p Schema, read and checked
  /// once a process; nothing that predicts is loaded yet. Errors name the file
  /// and say why in one line.
  static llvm::Expected<Model *> open(llvm::StringRef Path,
                                      const FeatureSchema &Schema,
                                      llvm::StringRef OnnxRuntimePath);

  const ModelMetadata &metadata() const { return Metadata; }

  /// Loads what predicts, if that was not done yet.
  virtual llvm::Error load() = 0;

  /// The prediction for one row of metadata().Features.size() values. load()
  /// must have succeeded.
  virtual llvm::Expected<float>
  predict(llvm::MutableArrayRef<float> Row) const = 0;

protected:
  Model(std::string Path, ModelMetadata Metadata)
      : Path(std::move(Path)), Metadata(std::move(Metadata)) {}

  /// \p Why, with the model's file before it.
  llvm::Error unusable(llvm::Error Why) const;

  const std::string Path;
  const ModelMetadata Metadata;
};

} // namespace fastir

#endif // FASTIR_MODEL_MODEL_H
