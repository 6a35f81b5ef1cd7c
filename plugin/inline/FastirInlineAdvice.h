//===- FastirInlineAdvice.h - One advice and its remark ---------*- C++ -*-===//

#ifndef FASTIR_INLINE_FASTIRINLINEADVICE_H
#define FASTIR_INLINE_FASTIRINLINEADVICE_H

#include "inline/SessionAdvice.h"

#include "llvm/Analysis/MLInlineAdvisor.h"

namespace fastir {

/// Keeps LLVM's bookkeeping of an ML advice beside the session's.
class FastirInlineAdvice : public llvm::MLInlineAdvice {
public:
  /// \p Before is the caller's properties at this moment: the base class
  /// starts to update the cached ones in its constructor.
  FastirInlineAdvice(llvm::MLInlineAdvisor *Advisor, InlineSession &Session,
                     llvm::CallBase &CB, llvm::OptimizationRemarkEmitter &ORE,
                     bool Inline, Reason Why,
                     llvm::FunctionPropertiesInfo Before)
      : MLInlineAdvice(Advisor, CB, ORE, Inline), Before(std::move(Before)),
        Outcome(Session, CB, ORE, Inline, std::move(Why)) {}

private:
  void recordInliningImpl() override { recordSuccess(false); }
  void recordInliningWithCalleeDeletedImpl() override { recordSuccess(true); }
  void recordUnsuccessfulInliningImpl(const llvm::InlineResult &R) override;
  void recordUnattemptedInliningImpl() override { Outcome.onUnattempted(); }

  void recordSuccess(bool CalleeWasDeleted);
  llvm::MLInlineAdvisor &advisor() const;

  const llvm::FunctionPropertiesInfo Before;
  AdviceOutcome Outcome;
};

} // namespace fastir

#endif // FASTIR_INLINE_FASTIRINLINEADVICE_H
