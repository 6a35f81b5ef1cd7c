//===- Diagnostics.h - Errors and warnings to the compiler's user -*- C++ -*-=//

#ifndef FASTIR_SUPPORT_DIAGNOSTICS_H
#define FASTIR_SUPPORT_DIAGNOSTICS_H

#include "llvm/ADT/Twine.h"
#include "llvm/IR/LLVMContext.h"

namespace fastir {

/// Makes the compile fail with the line "fastir: <Message>", in the way of the
/// host: opt, lld and rustc stop here, clang goes on and exits with 1.
void reportError(llvm::LLVMContext &Ctx, const llvm::Twine &Message);

/// A warning, "fastir: <Message>"; the compile goes on.
void reportWarning(llvm::LLVMContext &Ctx, const llvm::Twine &Message);

} // namespace fastir

#endif // FASTIR_SUPPORT_DIAGNOSTICS_H
