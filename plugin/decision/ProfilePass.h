//===- ProfilePass.h - Finding a module's tuned decisions -------*- C++ -*-===//

#ifndef FASTIR_DECISION_PROFILEPASS_H
#define FASTIR_DECISION_PROFILEPASS_H

#include "decision/Profile.h"

#include "llvm/IR/PassManager.h"

namespace fastir {

/// A pass for the start of a pipeline: finds what the profile says of the
/// module, while its functions are as they were.
class ProfilePass : public llvm::PassInfoMixin<ProfilePass> {
public:
  /// \p Level is that of the compile, where it tells the level of functions.
  ProfilePass(std::string Path, bool Strict, llvm::ThinOrFullLTOPhase Phase,
              std::optional<llvm::OptimizationLevel> Level)
      : Path(std::move(Path)), Strict(Strict), Phase(Phase), Level(Level) {}

  llvm::PreservedAnalyses run(llvm::Module &M, llvm::ModuleAnalysisManager &);
  static bool isRequired() { return true; }

private:
  llvm::Error find(llvm::Module &M) const;

  const std::string Path;
  const bool Strict; ///< stale decisions are an error
  const llvm::ThinOrFullLTOPhase Phase;
  const std::optional<llvm::OptimizationLevel> Level;
};

/// What the pass found for \p M on this thread; null if it found nothing.
const ModuleProfile *foundProfile(const llvm::Module &M);

} // namespace fastir

#endif // FASTIR_DECISION_PROFILEPASS_H
