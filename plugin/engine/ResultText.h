//===- ResultText.h - A compile's result on its way to another process ----===//

#ifndef FASTIR_ENGINE_RESULTTEXT_H
#define FASTIR_ENGINE_RESULTTEXT_H

#include "engine/Engine.h"

#include <string>

namespace fastir {

/// \p Result, but for its state, its sections and where symbols lie in them, or
/// its error, for readResult on the same machine.
std::string writeResult(llvm::Expected<CompileResult> Result);

/// Fails if \p Text holds an error, or is not whole.
llvm::Expected<CompileResult> readResult(llvm::StringRef Text);

} // namespace fastir

#endif // FASTIR_ENGINE_RESULTTEXT_H
