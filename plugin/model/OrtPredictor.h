//===- OrtPredictor.h - An ONNX model, by ONNX Runtime ----------*- C++ -*-===//

#ifndef FASTIR_MODEL_ORTPREDICTOR_H
#define FASTIR_MODEL_ORTPREDICTOR_H

#include "model/OrtLibrary.h"
#include "model/Predictor.h"
#include "model/RuntimeChoice.h"

#include <memory>
#include <string>

namespace fastir {

/// A session of ONNX Runtime.
class OrtPredictor final : public Predictor {
public:
  /// A session for the ONNX file \p File, whose rows have \p Columns features,
  /// in \p Library. \p File must outlive it.
  static llvm::Expected<std::unique_ptr<OrtPredictor>>
  create(llvm::StringRef File, size_t Columns, const OrtLibrary &Library);

  llvm::Expected<float>
  predict(llvm::MutableArrayRef<float> Row) const override;

  llvm::StringRef runtime() const override { return OnnxRuntimeName; }

private:
  explicit OrtPredictor(const OrtLibrary &Library) : Ort(Library) {}

  llvm::Error createSession(llvm::StringRef File);
  llvm::Error checkSignature(size_t Columns);
  llvm::Error readNames();
  /// Releases \p Type.
  llvm::Error checkShape(OrtTypeInfo *Type, const char *What, int64_t Columns);

  const OrtLibrary &Ort;
  OrtSession *Session = nullptr; ///< like Memory, as long as the process
  OrtMemoryInfo *Memory = nullptr;
  std::string InputName;
  std::string OutputName;
};

} // namespace fastir

#endif // FASTIR_MODEL_ORTPREDICTOR_H
