//===- FastirInlineAdvice.h - One advice and its remark ---------*- C++ -*-===//

#ifndef FASTIR_ADVISOR_FASTIRINLINEADVICE_H
#define FASTIR_ADVISOR_FASTIRINLINEADVICE_H

#include "advisor/AdvisorConfig.h"
#include "advisor/Remarks.h"

#include "llvm/Analysis/MLInlineAdvisor.h"

namespace fastir {

/// Keeps LLVM's bookkeeping of an ML advice, with our remarks.
class FastirInlineAdvice : public llvm::MLInlineAdvice {
public:
  /// \p Before is the caller's properties at this moment: the base class
  /// starts to update the cached ones in its constructor. \p Observer may be
  /// null.
  FastirInlineAdvice(llvm::MLInlineAdvisor *Advisor, llvm::CallBase &CB,
                     llvm::OptimizationRemarkEmitter &ORE, bool Recommendation,
                     Reason Why, llvm::FunctionPropertiesInfo Before,
                     DecisionObserver *Observer)
      : MLInlineAdvice(Advisor, CB, ORE, Recommendation), Why(std::move(Why)),
        Before(std::move(Before)), Observer(Observer) {}

private:
  void recordInliningImpl() override { recordSuccess(false); }
  void recordInliningWithCalleeDeletedImpl() override { recordSuccess(true); }
  void recordUnsuccessfulInliningImpl(const llvm::InlineResult &R) override;
  void recordUnattemptedInliningImpl() override;

  void recordSuccess(bool CalleeWasDeleted);
  RemarkedCall call() const { return {*Callee, *Caller, DLoc, Block}; }
  llvm::MLInlineAdvisor &advisor() const;

  const Reason Why;
  const llvm::FunctionPropertiesInfo Before;
  DecisionObserver *const Observer;
};

} // namespace fastir

#endif // FASTIR_ADVISOR_FASTIRINLINEADVICE_H
