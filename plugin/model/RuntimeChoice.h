//===- RuntimeChoice.h - Who evaluates a model ------------------*- C++ -*-===//

#ifndef FASTIR_MODEL_RUNTIMECHOICE_H
#define FASTIR_MODEL_RUNTIMECHOICE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>

namespace fastir {

/// What evaluates a model's graph.
enum class Runtime {
  Auto,        ///< the plugin where it understands the graph, else ONNX Runtime
  Native,      ///< the plugin
  OnnxRuntime, ///< ONNX Runtime
};

constexpr llvm::StringLiteral NativeName = "native";
constexpr llvm::StringLiteral OnnxRuntimeName = "onnxruntime";

/// The runtime of that name; the error lists the names there are.
llvm::Expected<Runtime> parseRuntime(llvm::StringRef Name);

/// What evaluates a model, and where it is.
struct RuntimeChoice {
  Runtime Which = Runtime::Auto;
  std::string OnnxRuntimePath; ///< its library; empty to look for it
};

} // namespace fastir

#endif // FASTIR_MODEL_RUNTIMECHOICE_H
