//===- BitcodeCollector.h - Keeping modules for a corpus --------*- C++ -*-===//

#ifndef FASTIR_HOST_BITCODECOLLECTOR_H
#define FASTIR_HOST_BITCODECOLLECTOR_H

#include "llvm/IR/PassManager.h"
#include "llvm/Pass.h"
#include "llvm/Passes/OptimizationLevel.h"

namespace fastir {

/// A pass for the start of a pipeline: writes the module as it is to
/// DIR/NAME-HASH.bc, and beside it NAME-HASH.json with the source's name, the
/// target triple, the optimisation level of the pipeline and the phase of the
/// build. The module is not changed.
class BitcodeCollectorPass : public llvm::PassInfoMixin<BitcodeCollectorPass> {
public:
  BitcodeCollectorPass(std::string Directory, llvm::OptimizationLevel Level,
                       llvm::ThinOrFullLTOPhase Phase)
      : Directory(std::move(Directory)), Level(Level), Phase(Phase) {}

  llvm::PreservedAnalyses run(llvm::Module &M, llvm::ModuleAnalysisManager &);
  static bool isRequired() { return true; }

private:
  std::string Directory;
  llvm::OptimizationLevel Level;
  llvm::ThinOrFullLTOPhase Phase;
};

} // namespace fastir

#endif // FASTIR_HOST_BITCODECOLLECTOR_H
