//===- FastirInlineAdvice.cpp - One advice and its remark -----------------===//

#include "advisor/FastirInlineAdvice.h"

using namespace llvm;

namespace fastir {

MLInlineAdvisor &FastirInlineAdvice::advisor() const {
  return *static_cast<MLInlineAdvisor *>(Advisor);
}

void FastirInlineAdvice::recordSuccess(bool CalleeWasDeleted) {
  remarkInlined(ORE, call(), Why);
  advisor().onSuccessfulInlining(*this, CalleeWasDeleted);
  if (Observer)
    Observer->onInlined(Caller->getName(), Callee->getName(),
                        advisor().getIRSize(*Caller) - CallerIRSize -
                            (CalleeWasDeleted ? CalleeIRSize : 0));
}

void FastirInlineAdvice::recordUnsuccessfulInliningImpl(const InlineResult &R) {
  advisor().getCachedFPI(*Caller) = Before;
  remarkFailed(ORE, call(), R);
}

void FastirInlineAdvice::recordUnattemptedInliningImpl() {
  remarkNotInlined(ORE, call(), Why);
}

} // namespace fastir
