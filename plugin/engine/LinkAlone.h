//===- LinkAlone.h - A module's way through an LTO link ---------*- C++ -*-===//

#ifndef FASTIR_ENGINE_LINKALONE_H
#define FASTIR_ENGINE_LINKALONE_H

#include "llvm/ADT/StringSet.h"
#include "llvm/IR/Module.h"
#include "llvm/Pass.h"
#include "llvm/Passes/OptimizationLevel.h"
#include "llvm/Target/TargetMachine.h"

namespace fastir {

/// Does to \p M, which a compile at \p Level and in \p Phase has optimised,
/// what the link after that makes an executable would do if it imported
/// nothing: definitions that
/// \p Internal names, since no other module refers to them, become internal,
/// and the module is optimised once more, with LLVM's decisions. Does nothing
/// in other phases.
void linkAlone(llvm::Module &M, llvm::TargetMachine &Machine,
               llvm::OptimizationLevel Level, llvm::ThinOrFullLTOPhase Phase,
               const llvm::StringSet<> &Internal);

} // namespace fastir

#endif // FASTIR_ENGINE_LINKALONE_H
