//===- OrtLibrary.h - Finding and loading ONNX Runtime ----------*- C++ -*-===//
//
// ONNX Runtime is opened with dlopen at the first decision of a process, never
// before and never unloaded: compilers that have nothing to decide do not pay
// for it.
//
//===----------------------------------------------------------------------===//

#ifndef FASTIR_MODEL_ORTLIBRARY_H
#define FASTIR_MODEL_ORTLIBRARY_H

#include "model/OrtApi.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

namespace fastir {

/// The oldest ONNX Runtime that runs our models is 1.MinOrtApiVersion.
constexpr uint32_t MinOrtApiVersion = 17;

/// A loaded ONNX Runtime with its one environment.
struct OrtLibrary {
  const OrtApi *Api;
  OrtEnv *Env;

  /// Turns a status into an error and releases it; null is success.
  llvm::Error check(OrtStatus *Status) const;
};

/// Keeps ONNX Runtime from reporting to its maker, as its releases since 1.29
/// do from the moment that an environment is made, whatever is said of it
/// later. Sets environment variables, so best called before there are threads.
void forbidTelemetry();

/// The process's ONNX Runtime, loaded at the first call: \p Path if not empty,
/// else the onnxruntime package of the Python environment that the code of
/// Fastir itself lies in, else the system's library. Thread-safe.
llvm::Expected<const OrtLibrary *> getOrtLibrary(llvm::StringRef Path);

} // namespace fastir

#endif // FASTIR_MODEL_ORTLIBRARY_H
