//===- Target.h - Target machines for modules -------------------*- C++ -*-===//

#ifndef FASTIR_IR_TARGET_H
#define FASTIR_IR_TARGET_H

#include "llvm/IR/Module.h"
#include "llvm/Support/CodeGen.h"
#include "llvm/Support/Error.h"
#include "llvm/Target/TargetMachine.h"

#include <memory>

namespace fastir {

/// The machine that \p M names as its target, with the relocation model that
/// clang's driver has there: position-independent code, but in WebAssembly.
/// Fails if there is no such target.
llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
createTarget(const llvm::Module &M, llvm::CodeGenOptLevel Level);

/// The machine of stock opt, with the target's own relocation model: null for a
/// module that names no known target, which passes can do without.
std::unique_ptr<llvm::TargetMachine> createTargetOfOpt(const llvm::Module &M);

} // namespace fastir

#endif // FASTIR_IR_TARGET_H
