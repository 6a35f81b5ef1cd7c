//===- FastirInlineAdvice.cpp - One advice and its remark -----------------===//

#include "advisor/FastirInlineAdvice.h"
#include "features/InlineFeatures.h"

#include "llvm/Analysis/OptimizationRemarkEmitter.h"
#include "llvm/Support/FormatVariadic.h"

using namespace llvm;
using namespace llvm::ore;

namespace fastir {

static constexpr const char *PassName = "inline";

MLInlineAdvisor &FastirInlineAdvice::advisor() const {
  return *static_cast<MLInlineAdvisor *>(Advisor);
}

static std::string explainLlvm(const LlvmVerdict &Verdict) {
  const char *Would = Verdict.Inline ? "inline" : "not inline";
  if (Verdict.CostMinusThreshold == CostSentinel ||
      Verdict.CostMinusThreshold == -CostSentinel)
    return formatv("LLVM would {0}", Would);
  return formatv("LLVM would {0}: cost minus threshold {1}", Would,
                 Verdict.CostMinusThreshold);
}

std::string FastirInlineAdvice::explain() const {
  switch (Why.From) {
  case Reason::Source::Mandatory:
    return "always inline attribute";
  case Reason::Source::Model:
    return formatv("model predicts {0:F1} {1}, inlines below {2:F1}; {3}",
                   Why.Prediction, Why.Metadata->Unit, Why.Metadata->Threshold,
                   explainLlvm(Why.Llvm));
  case Reason::Source::Llvm:
  case Reason::Source::Policy:
    return explainLlvm(Why.Llvm);
  }
  llvm_unreachable("covered switch");
}

void FastirInlineAdvice::recordSuccess(bool CalleeWasDeleted) {
  if (Why.From == Reason::Source::Llvm)
    emitInlinedIntoBasedOnCost(ORE, DLoc, Block, *Callee, *Caller,
                               *Why.Llvm.Inline, /*ForProfileContext=*/false,
                               PassName);
  else
    emitInlinedInto(
        ORE, DLoc, Block, *Callee, *Caller,
        /*IsMandatory=*/Why.From == Reason::Source::Mandatory,
        [&](OptimizationRemark &Remark) { Remark << ": " << explain(); },
        PassName);
  advisor().onSuccessfulInlining(*this, CalleeWasDeleted);
}

void FastirInlineAdvice::recordUnsuccessfulInliningImpl(const InlineResult &R) {
  advisor().getCachedFPI(*Caller) = Before;
  ORE.emit([&] {
    return OptimizationRemarkMissed(PassName, "NotInlined", DLoc, Block)
           << "'" << NV("Callee", Callee) << "' is not inlined into '"
           << NV("Caller", Caller)
           << "': " << NV("Reason", R.getFailureReason());
  });
}

void FastirInlineAdvice::recordUnattemptedInliningImpl() {
  if (Why.From == Reason::Source::Llvm)
    return;
  ORE.emit([&] {
    return OptimizationRemarkMissed(PassName, "NotInlined", DLoc, Block)
           << "'" << NV("Callee", Callee) << "' not inlined into '"
           << NV("Caller", Caller) << "': " << explain();
  });
}

} // namespace fastir
