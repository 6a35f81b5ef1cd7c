//===- Compile.h - A module on its way through the compiler -----*- C++ -*-===//

#ifndef FASTIR_ENGINE_COMPILE_H
#define FASTIR_ENGINE_COMPILE_H

#include "engine/Engine.h"
#include "inline/AdvisorConfig.h"
#include "ir/ModuleReader.h"

#include "llvm/Pass.h"
#include "llvm/Passes/OptimizationLevel.h"
#include "llvm/Target/TargetMachine.h"

namespace fastir {

/// What a request needs to be carried out.
struct Compile {
  const CompileRequest &Request;
  std::shared_ptr<QuietContext> Context;
  std::unique_ptr<llvm::Module> M;
  llvm::OptimizationLevel Level; ///< of the pipeline
  llvm::ThinOrFullLTOPhase Phase;
  std::unique_ptr<llvm::TargetMachine> Machine;
  AdvisorConfig Config; ///< without an observer

  /// Reads and checks the module. \p Request must outlive the result.
  static llvm::Expected<Compile> prepare(const CompileRequest &Request,
                                         std::shared_ptr<QuietContext> Context);

  /// Generates the module's object code and measures it.
  llvm::Expected<ObjectSizes> measure();
};

} // namespace fastir

#endif // FASTIR_ENGINE_COMPILE_H
