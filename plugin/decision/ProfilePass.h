//===- ProfilePass.h - Finding a module's tuned decisions -------*- C++ -*-===//

#ifndef FASTIR_DECISION_PROFILEPASS_H
#define FASTIR_DECISION_PROFILEPASS_H

#include "decision/Decision.h"
#include "decision/Profile.h"

#include "llvm/ADT/StableHashing.h"
#include "llvm/IR/PassManager.h"

namespace fastir {

/// A pass for the start of a pipeline: finds what the profile says of the
/// module, while its functions are as they were.
class ProfilePass : public llvm::PassInfoMixin<ProfilePass> {
public:
  /// \p Level is the pipeline's level; none at a link, where it differs from
  /// the level that functions were compiled for.
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

/// Overrules the decisions that a profile names.
class ProfiledDecisions : public DecisionObserver {
public:
  /// \p Inner, if there is one, sees all decisions.
  ProfiledDecisions(SiteAdvice Advice, std::shared_ptr<DecisionObserver> Inner)
      : Advice(std::move(Advice)), Reader(this->Advice),
        Inner(std::move(Inner)) {}

  std::optional<bool> overrule(llvm::StringRef Caller,
                               llvm::StringRef Callee) override {
    return Reader.next(llvm::get_stable_name(Caller),
                       llvm::get_stable_name(Callee));
  }
  bool wantsReasons() const override { return Inner && Inner->wantsReasons(); }
  void onDecision(const Decision &D) override {
    if (Inner)
      Inner->onDecision(D);
  }
  void onInlined(llvm::StringRef Caller, llvm::StringRef Callee,
                 int64_t Growth) override {
    if (Inner)
      Inner->onInlined(Caller, Callee, Growth);
  }

private:
  const SiteAdvice Advice;
  SiteAdviceReader Reader;
  const std::shared_ptr<DecisionObserver> Inner;
};

/// What the pass found for \p M on this thread; null if it found nothing.
const ModuleProfile *foundProfile(const llvm::Module &M);

} // namespace fastir

#endif // FASTIR_DECISION_PROFILEPASS_H
