//===- CompiledTrees.h - Trees that are part of the program -----*- C++ -*-===//

#ifndef FASTIR_MODEL_COMPILEDTREES_H
#define FASTIR_MODEL_COMPILEDTREES_H

#include "model/TreeEnsemble.h"

#include "llvm/ADT/StringRef.h"

namespace fastir {

/// The trees of the ONNX file \p Bytes, if it is one of those that were
/// compiled in; null if not. Reading a file of trees takes a compile of a few
/// lines more time than all else that the plugin does.
const TreeEnsemble *findCompiledTrees(llvm::StringRef Bytes);

} // namespace fastir

#endif // FASTIR_MODEL_COMPILEDTREES_H
