//===- FastirInlineAdvice.h - One advice and its remark ---------*- C++ -*-===//

#ifndef FASTIR_ADVISOR_FASTIRINLINEADVICE_H
#define FASTIR_ADVISOR_FASTIRINLINEADVICE_H

#include "advisor/LlvmHeuristic.h"
#include "model/OnnxMetadata.h"

#include "llvm/Analysis/MLInlineAdvisor.h"

namespace fastir {

/// Why an advice was given, as its remark will tell.
struct Reason {
  enum class Source {
    Mandatory, ///< alwaysinline
    Llvm,      ///< LLVM's own heuristic, which has emitted its missed remarks
    Policy,    ///< always or never, or an observer overruled
    Model,
  };
  Source From = Source::Policy;
  float Prediction = 0;                   ///< Source::Model
  const OnnxMetadata *Metadata = nullptr; ///< Source::Model
  LlvmVerdict Llvm; ///< what LLVM says; all but Source::Mandatory
};

/// Keeps LLVM's bookkeeping of an ML advice, with remarks under the pass name
/// "inline" as LLVM's own advisor emits them.
class FastirInlineAdvice : public llvm::MLInlineAdvice {
public:
  /// \p Before is the caller's properties at this moment: the base class
  /// starts to update the cached ones in its constructor.
  FastirInlineAdvice(llvm::MLInlineAdvisor *Advisor, llvm::CallBase &CB,
                     llvm::OptimizationRemarkEmitter &ORE, bool Recommendation,
                     Reason Why, llvm::FunctionPropertiesInfo Before)
      : MLInlineAdvice(Advisor, CB, ORE, Recommendation), Why(std::move(Why)),
        Before(std::move(Before)) {}

private:
  void recordInliningImpl() override { recordSuccess(false); }
  void recordInliningWithCalleeDeletedImpl() override { recordSuccess(true); }
  void recordUnsuccessfulInliningImpl(const llvm::InlineResult &R) override;
  void recordUnattemptedInliningImpl() override;

  void recordSuccess(bool CalleeWasDeleted);
  std::string explain() const;
  llvm::MLInlineAdvisor &advisor() const;

  const Reason Why;
  const llvm::FunctionPropertiesInfo Before;
};

} // namespace fastir

#endif // FASTIR_ADVISOR_FASTIRINLINEADVICE_H
