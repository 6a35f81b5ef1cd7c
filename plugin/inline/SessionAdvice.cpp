//===- SessionAdvice.cpp - Advice that a session learns of ----------------===//

#include "inline/SessionAdvice.h"

using namespace llvm;

namespace fastir {

AdviceOutcome::AdviceOutcome(InlineSession &Session, CallBase &CB,
                             OptimizationRemarkEmitter &ORE, bool Inline,
                             Reason Why)
    : Session(Session), ORE(ORE), Why(std::move(Why)),
      Call{*CB.getCalledFunction(), *CB.getCaller(), CB.getDebugLoc(),
           CB.getParent()} {
  if (Inline)
    Pending = Session.expectInlining(CB);
}

void AdviceOutcome::onSuccess(bool CalleeWasDeleted) {
  remarkInlined(ORE, Call, Why);
  Session.recordInlining(*Pending, CalleeWasDeleted);
}

void AdviceOutcome::onFailure(const InlineResult &Result) {
  Session.recordFailure(*Pending);
  remarkFailed(ORE, Call, Result);
}

void AdviceOutcome::onUnattempted() {
  if (Pending)
    Session.recordFailure(*Pending);
  remarkNotInlined(ORE, Call, Why);
}

} // namespace fastir
