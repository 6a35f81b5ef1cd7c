//===- GlobalRefs.h - What code refers to -----------------------*- C++ -*-===//

#ifndef FASTIR_VARIANTS_GLOBALREFS_H
#define FASTIR_VARIANTS_GLOBALREFS_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/IR/Function.h"
#include "llvm/IR/GlobalValue.h"

namespace fastir {

/// Calls \p Use for each global that \p F's body refers to, itself or within
/// constants, once each.
void forEachGlobal(const llvm::Function &F,
                   llvm::function_ref<void(const llvm::GlobalValue &)> Use);

/// Calls \p Use for each function whose body refers to \p Value, itself or
/// within constants; for some more than once.
void forEachUser(const llvm::Constant &Value,
                 llvm::function_ref<void(const llvm::Function &)> Use);

} // namespace fastir

#endif // FASTIR_VARIANTS_GLOBALREFS_H
