//===- SessionAdvice.h - Advice that a session learns of --------*- C++ -*-===//

#ifndef FASTIR_INLINE_SESSIONADVICE_H
#define FASTIR_INLINE_SESSIONADVICE_H

#include "inline/InlineSession.h"
#include "inline/Remarks.h"

#include "llvm/Analysis/InlineAdvisor.h"

namespace fastir {

/// What comes of an advice: it goes into the session's books, and is remarked
/// on once.
class AdviceOutcome {
public:
  AdviceOutcome(InlineSession &Session, llvm::CallBase &CB,
                llvm::OptimizationRemarkEmitter &ORE, bool Inline, Reason Why);

  void onSuccess(bool CalleeWasDeleted);
  void onFailure(const llvm::InlineResult &Result);
  void onUnattempted();

private:
  InlineSession &Session;
  llvm::OptimizationRemarkEmitter &ORE;
  const Reason Why;
  const RemarkedCall Call;
  std::unique_ptr<PendingInlining> Pending; ///< null if not to be inlined
};

/// An advice without the books of MLInlineAdvisor.
class SessionAdvice : public llvm::InlineAdvice {
public:
  SessionAdvice(llvm::InlineAdvisor &Advisor, InlineSession &Session,
                llvm::CallBase &CB, llvm::OptimizationRemarkEmitter &ORE,
                bool Inline, Reason Why)
      : InlineAdvice(&Advisor, CB, ORE, Inline),
        Outcome(Session, CB, ORE, Inline, std::move(Why)) {}

private:
  void recordInliningImpl() override { Outcome.onSuccess(false); }
  void recordInliningWithCalleeDeletedImpl() override {
    Outcome.onSuccess(true);
  }
  void recordUnsuccessfulInliningImpl(const llvm::InlineResult &R) override {
    Outcome.onFailure(R);
  }
  void recordUnattemptedInliningImpl() override { Outcome.onUnattempted(); }

  AdviceOutcome Outcome;
};

} // namespace fastir

#endif // FASTIR_INLINE_SESSIONADVICE_H
