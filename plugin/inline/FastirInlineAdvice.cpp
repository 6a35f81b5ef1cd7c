//===- FastirInlineAdvice.cpp - One advice and its remark -----------------===//

#include "inline/FastirInlineAdvice.h"

using namespace llvm;

namespace fastir {

MLInlineAdvisor &FastirInlineAdvice::advisor() const {
  return *static_cast<MLInlineAdvisor *>(Advisor);
}

void FastirInlineAdvice::recordSuccess(bool CalleeWasDeleted) {
  Outcome.onSuccess(CalleeWasDeleted);
  advisor().onSuccessfulInlining(*this, CalleeWasDeleted);
}

void FastirInlineAdvice::recordUnsuccessfulInliningImpl(const InlineResult &R) {
  advisor().getCachedFPI(*Caller) = Before;
  Outcome.onFailure(R);
}

} // namespace fastir
