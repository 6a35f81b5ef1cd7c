//===- OnnxModel.h - A model file, ready to predict -------------*- C++ -*-===//

#ifndef FASTIR_MODEL_ONNXMODEL_H
#define FASTIR_MODEL_ONNXMODEL_H

#include "model/OnnxMetadata.h"
#include "model/OrtLibrary.h"

#include "llvm/Support/MemoryBuffer.h"

#include <memory>
#include <mutex>

namespace fastir {

/// One model file with its metadata and, from the first prediction on, its
/// ONNX Runtime session. Shared by all threads of a process.
class OnnxModel {
public:
  /// The model in \p Path, read and checked once a process; ONNX Runtime is
  /// not loaded. Errors name the file and tell why in one line.
  static llvm::Expected<OnnxModel *> get(llvm::StringRef Path,
                                         llvm::StringRef OnnxRuntimePath);

  const OnnxMetadata &metadata() const { return Metadata; }

  /// Loads ONNX Runtime and the session if that was not done yet.
  llvm::Error load();

  /// The prediction for one row of metadata().Features.size() values. load()
  /// must have succeeded.
  llvm::Expected<float> predict(llvm::MutableArrayRef<float> Row) const;

private:
  OnnxModel(std::string Path, std::string OnnxRuntimePath,
            std::unique_ptr<llvm::MemoryBuffer> Bytes, OnnxMetadata Metadata);

  llvm::Error createSession();
  llvm::Error checkSignature();
  llvm::Error readNames();
  /// Releases \p Type.
  llvm::Error checkShape(OrtTypeInfo *Type, const char *What, int64_t Columns);
  llvm::Error unusable(llvm::Error Why) const;

  const std::string Path;
  const std::string OnnxRuntimePath;
  const std::unique_ptr<llvm::MemoryBuffer> Bytes;
  const OnnxMetadata Metadata;
  std::once_flag Once;
  std::string Failure; ///< why load() failed; empty if it did not
  const OrtLibrary *Ort = nullptr;
  OrtSession *Session = nullptr;
  OrtMemoryInfo *Memory = nullptr;
  std::string InputName;
  std::string OutputName;
};

} // namespace fastir

#endif // FASTIR_MODEL_ONNXMODEL_H
