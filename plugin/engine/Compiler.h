//===- Compiler.h - Optimising and generating code -------------*- C++ -*-===//

#ifndef FASTIR_ENGINE_COMPILER_H
#define FASTIR_ENGINE_COMPILER_H

#include "engine/Stages.h"
#include "inline/AdvisorConfig.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/IR/Module.h"
#include "llvm/Pass.h"
#include "llvm/Passes/OptimizationLevel.h"
#include "llvm/Support/Error.h"
#include "llvm/Target/TargetMachine.h"

namespace fastir {

/// The machine that \p M is compiled for, trying as hard as clang at \p Level.
llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
createTargetFor(const llvm::Module &M, llvm::OptimizationLevel Level);

/// The level at which a pipeline runs in a build at \p Level: a linker knows no
/// size levels, and leaves those to what each function says.
llvm::OptimizationLevel pipelineLevel(llvm::OptimizationLevel Level,
                                      llvm::ThinOrFullLTOPhase Phase);

/// The model, loaded, if \p Who needs one.
llvm::Expected<AdvisorConfig> configure(Policy Who, llvm::StringRef ModelPath,
                                        llvm::StringRef OnnxRuntimePath);

/// Optimises \p M as `clang -<Level>` would, for a link with LTO where \p Phase
/// says so, or as lld's back end would at the link, with inlining decided as
/// \p Config says, while \p Observer, if there is one, looks on.
void optimise(llvm::Module &M, llvm::TargetMachine &Machine,
              llvm::OptimizationLevel Level, const AdvisorConfig &Config,
              StageObserver *Observer = nullptr,
              llvm::ThinOrFullLTOPhase Phase = llvm::ThinOrFullLTOPhase::None);

/// The object file of \p M.
llvm::Expected<llvm::SmallVector<char, 0>>
emitObject(llvm::Module &M, llvm::TargetMachine &Machine);

} // namespace fastir

#endif // FASTIR_ENGINE_COMPILER_H
