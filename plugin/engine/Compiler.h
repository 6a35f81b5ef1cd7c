//===- Compiler.h - Optimising and generating code as clang does -*- C++ -*-==//

#ifndef FASTIR_ENGINE_COMPILER_H
#define FASTIR_ENGINE_COMPILER_H

#include "engine/Stages.h"
#include "inline/AdvisorConfig.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/IR/Module.h"
#include "llvm/Passes/OptimizationLevel.h"
#include "llvm/Support/Error.h"
#include "llvm/Target/TargetMachine.h"

namespace fastir {

/// The machine that \p M is compiled for, trying as hard as clang at \p Level.
llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
createTargetFor(const llvm::Module &M, llvm::OptimizationLevel Level);

/// The model, loaded, if \p Who needs one.
llvm::Expected<AdvisorConfig> configure(Policy Who, llvm::StringRef ModelPath,
                                        llvm::StringRef OnnxRuntimePath);

/// Optimises \p M as `clang -<Level>` would, with inlining decided as \p Config
/// says, while \p Observer, if there is one, looks on.
void optimise(llvm::Module &M, llvm::TargetMachine &Machine,
              llvm::OptimizationLevel Level, const AdvisorConfig &Config,
              StageObserver *Observer = nullptr);

/// The object file of \p M.
llvm::Expected<llvm::SmallVector<char, 0>>
emitObject(llvm::Module &M, llvm::TargetMachine &Machine);

} // namespace fastir

#endif // FASTIR_ENGINE_COMPILER_H
