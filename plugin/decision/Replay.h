//===- Replay.h - Decisions read from files ---------------------*- C++ -*-===//
//
// A folder holds a file MODULE.replay for each module that has decisions to
// take as written: lines of four fields with tabs between them,
//
//   CALLER  CALLEE  OCCURRENCE  1 or 0
//
// where the occurrence is that of SiteAdvice.h, and names are as EscapedName.h
// has them. MODULE is what collected bitcode is called.
//
//===----------------------------------------------------------------------===//

#ifndef FASTIR_DECISION_REPLAY_H
#define FASTIR_DECISION_REPLAY_H

#include "decision/Decision.h"
#include "decision/SiteAdvice.h"

#include "llvm/IR/PassManager.h"
#include "llvm/Support/Error.h"

namespace fastir {

/// The advice that the text of a replay file gives. Errors name the line.
llvm::Expected<SiteAdvice> parseReplay(llvm::StringRef Text);

/// Overrules the decisions that were written down.
class Replay : public DecisionObserver {
public:
  explicit Replay(SiteAdvice Advice)
      : Advice(std::move(Advice)), Reader(this->Advice) {}

  std::optional<bool> overrule(llvm::StringRef Caller,
                               llvm::StringRef Callee) override {
    return Reader.next(Caller, Callee);
  }
  bool wantsReasons() const override { return false; }
  void onDecision(const Decision &) override {}

private:
  const SiteAdvice Advice;
  SiteAdviceReader Reader;
};

/// The replay of \p M in \p Directory; null if there is no file for it. Null
/// too, with a warning, if ReplayNamePass has not seen \p M on this thread:
/// link time has no start of a pipeline.
llvm::Expected<std::shared_ptr<Replay>> findReplay(llvm::StringRef Directory,
                                                   const llvm::Module &M);

/// A pass for the start of a pipeline: finds out what the module is called
/// while it is as it was.
class ReplayNamePass : public llvm::PassInfoMixin<ReplayNamePass> {
public:
  llvm::PreservedAnalyses run(llvm::Module &M, llvm::ModuleAnalysisManager &);
  static bool isRequired() { return true; }
};

} // namespace fastir

#endif // FASTIR_DECISION_REPLAY_H
