//===- Target.h - Target machines for modules -------------------*- C++ -*-===//

#ifndef FASTIR_IR_TARGET_H
#define FASTIR_IR_TARGET_H

#include "llvm/IR/Module.h"
#include "llvm/Support/CodeGen.h"
#include "llvm/Support/Error.h"
#include "llvm/Target/TargetMachine.h"

#include <memory>

namespace fastir {

/// The machine that \p M names as its target, for position-independent code as
/// clang's driver has it. Fails if there is no such target.
llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
createTarget(const llvm::Module &M, llvm::CodeGenOptLevel Level);

/// The same for analyses, which can do without: null for a module that names no
/// known target, as stock opt has it.
std::unique_ptr<llvm::TargetMachine> createTargetIfKnown(const llvm::Module &M);

} // namespace fastir

#endif // FASTIR_IR_TARGET_H
