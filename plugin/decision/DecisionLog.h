//===- DecisionLog.h - A log of decisions in MLGO's format ------*- C++ -*-===//
//
// Writes the decisions of a compile as llvm::Logger does: a JSON header that
// lists the tensors, then for each decision a context line, an observation
// line and the raw tensors. The tensors are the features in schema order,
// `profile_count` (how often the call ran, by the module's execution profile;
// -1 where there is none), `inlining_default` (what LLVM would have done),
// `prediction` (float, NaN if no model was asked) and `inlining_decision` (the
// advice). The context is
// "MODULE: CALLER -> CALLEE"; beside it, `runtime` is what evaluated the model,
// if one was asked.
//
//===----------------------------------------------------------------------===//

#ifndef FASTIR_DECISION_DECISIONLOG_H
#define FASTIR_DECISION_DECISIONLOG_H

#include "decision/Decision.h"
#include "model/FeatureSchema.h"

#include "llvm/Analysis/Utils/TrainingLogger.h"
#include "llvm/IR/Module.h"

namespace fastir {

/// Logs the decisions of one module; they reach the file when the log is
/// destroyed, that is, when the module has been inlined. A process that logs
/// several modules to the same file ends with them in the order of their names
/// (LogFile.h); another process replaces it.
class DecisionLog : public DecisionObserver {
public:
  /// Logs to the file \p Path, or, where that is a folder, to a file of the
  /// module's own in it, rows of \p Schema. Fails if it cannot be written,
  /// before anything is decided.
  static llvm::Expected<std::shared_ptr<DecisionLog>>
  create(llvm::StringRef Path, const llvm::Module &M,
         const FeatureSchema &Schema);

  ~DecisionLog() override;

  void onDecision(const Decision &D) override;

private:
  DecisionLog(llvm::StringRef Path, const llvm::Module &M,
              const FeatureSchema &Schema);

  /// Begins the lines of a decision.
  void startContext(const Decision &D);

  const std::string Path;
  const std::string ModuleName;
  llvm::LLVMContext &Context;
  std::string Text;
  llvm::Logger Log; ///< writes to Text
};

} // namespace fastir

#endif // FASTIR_DECISION_DECISIONLOG_H
