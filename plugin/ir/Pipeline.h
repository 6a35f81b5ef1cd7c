//===- Pipeline.h - Running passes and analyses on a module -----*- C++ -*-===//

#ifndef FASTIR_IR_PIPELINE_H
#define FASTIR_IR_PIPELINE_H

#include "llvm/IR/Module.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/Error.h"
#include "llvm/Target/TargetMachine.h"

namespace fastir {

/// The level of that name: O1, O2, O3, Os or Oz.
llvm::Expected<llvm::OptimizationLevel> parseLevel(llvm::StringRef Name);

/// O0 to O3, Os or Oz.
llvm::StringRef levelName(llvm::OptimizationLevel Level);

/// A pass builder with all of LLVM's analyses, wired to one another.
class Pipeline {
public:
  /// \p Callbacks, if there are any, must outlive the pipeline.
  Pipeline(llvm::TargetMachine *Machine, llvm::PipelineTuningOptions Options,
           llvm::PassInstrumentationCallbacks *Callbacks = nullptr);

  llvm::PassBuilder Builder;
  llvm::LoopAnalysisManager LAM;
  llvm::FunctionAnalysisManager FAM;
  llvm::CGSCCAnalysisManager CGAM;
  llvm::ModuleAnalysisManager MAM;

  /// Fills the managers. What is registered with the builder before this takes
  /// precedence.
  void registerAnalyses();
};

/// Runs \p Passes, in the language of opt's -passes=, as stock opt would.
llvm::Error runPasses(llvm::Module &M, llvm::StringRef Passes);

/// Whether bitcode keeps the order of each value's uses, which some passes go
/// by: what reads it goes on as if it had never been written.
enum class UseListOrder { Drop, Keep };

std::string writeBitcode(const llvm::Module &M, UseListOrder Order);

} // namespace fastir

#endif // FASTIR_IR_PIPELINE_H
