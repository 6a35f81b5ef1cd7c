//===- OnnxModel.h - An ONNX model, by ONNX Runtime -------------*- C++ -*-===//

#ifndef FASTIR_MODEL_ONNXMODEL_H
#define FASTIR_MODEL_ONNXMODEL_H

#include "model/Model.h"
#include "model/OrtLibrary.h"

#include "llvm/Support/MemoryBuffer.h"

#include <memory>
#include <mutex>

namespace fastir {

/// A model that ONNX Runtime evaluates. It is loaded with the session when
/// load() is called.
class OnnxModel final : public Model {
public:
  OnnxModel(std::string Path, ModelMetadata Metadata,
            std::unique_ptr<llvm::MemoryBuffer> Bytes,
            std::string OnnxRuntimePath);

  llvm::Error load() override;
  llvm::Expected<float>
  predict(llvm::MutableArrayRef<float> Row) const override;

private:
  llvm::Error createSession();
  llvm::Error checkSignature();
  llvm::Error readNames();
  /// Releases \p Type.
  llvm::Error checkShape(OrtTypeInfo *Type, const char *What, int64_t Columns);

  const std::unique_ptr<llvm::MemoryBuffer> Bytes;
  const std::string OnnxRuntimePath;
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
