//===- Model.h - A model file -----------------------------------*- C++ -*-===//

#ifndef FASTIR_MODEL_MODEL_H
#define FASTIR_MODEL_MODEL_H

#include "model/FeatureSchema.h"
#include "model/ModelMetadata.h"
#include "model/Predictor.h"
#include "model/RuntimeChoice.h"

#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"

#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace fastir {

/// A model from a file, shared by all threads of a process.
class Model {
public:
  /// The model in \p Path, whose features are of \p Schema, read and checked
  /// once a process; nothing that predicts is loaded yet. Errors name the file
  /// and say why in one line.
  static llvm::Expected<Model *> open(llvm::StringRef Path,
                                      const FeatureSchema &Schema,
                                      const RuntimeChoice &Choice);

  const ModelMetadata &metadata() const { return Metadata; }

  /// Loads what predicts, if that was not done yet.
  llvm::Error load();

  /// The prediction for one row of metadata().Features.size() values. load()
  /// must have succeeded.
  llvm::Expected<float> predict(llvm::MutableArrayRef<float> Row) const;

  /// What the model decides is the same for all values of the feature
  /// \p Feature, a schema index, that are above this; none if that is not
  /// known. load() must have succeeded.
  std::optional<float> greatestCompared(size_t Feature) const;

  /// The runtime that predicts; load() must have succeeded.
  llvm::StringRef runtime() const { return Loaded->runtime(); }

private:
  Model(std::string Path, ModelMetadata Metadata,
        std::unique_ptr<llvm::MemoryBuffer> File, RuntimeChoice Choice);

  /// \p Why, with the model's file before it.
  llvm::Error unusable(llvm::Error Why) const;
  llvm::Expected<std::unique_ptr<Predictor>> loadNative() const;
  llvm::Expected<std::unique_ptr<Predictor>> loadOnnxRuntime() const;
  llvm::Expected<std::unique_ptr<Predictor>> loadChosen() const;

  const std::string Path;
  const ModelMetadata Metadata;
  const std::unique_ptr<llvm::MemoryBuffer> File;
  const RuntimeChoice Choice;
  std::once_flag Once;
  std::unique_ptr<Predictor> Loaded;
  std::string Failure; ///< why load() failed; empty if it did not
};

} // namespace fastir

#endif // FASTIR_MODEL_MODEL_H
