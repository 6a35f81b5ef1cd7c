//===- Remarks.cpp - Why a call was inlined or not ------------------------===//

#include "inline/Remarks.h"
#include "inline/features/InlineFeatures.h"

#include "llvm/Support/FormatVariadic.h"

using namespace llvm;
using namespace llvm::ore;

namespace fastir {

static constexpr const char *PassName = "inline";

static std::string explainLlvm(const DefaultDecision &Default) {
  const char *Would = Default.Inlines ? "inline" : "not inline";
  if (Default.CostMinusThreshold == CostSentinel ||
      Default.CostMinusThreshold == -CostSentinel)
    return formatv("LLVM would {0}", Would);
  return formatv("LLVM would {0}: cost minus threshold {1}", Would,
                 Default.CostMinusThreshold);
}

static std::string explain(const Reason &Why) {
  switch (Why.From) {
  case Reason::Source::Mandatory:
    return "always inline attribute";
  case Reason::Source::Model:
    return formatv(
        "model predicts {0:F1} {1}, {2}; {3}", Why.Prediction,
        Why.Metadata->Unit,
        Why.KeepsDefault
            ? std::string("but a rule keeps LLVM's decision")
            : formatv("inlines below {0:F1}", Why.Metadata->Threshold).str(),
        explainLlvm(Why.Llvm));
  case Reason::Source::Llvm:
  case Reason::Source::Policy:
    return explainLlvm(Why.Llvm);
  }
  llvm_unreachable("covered switch");
}

void remarkInlined(OptimizationRemarkEmitter &ORE, const RemarkedCall &Call,
                   const Reason &Why) {
  if (Why.From == Reason::Source::Llvm)
    return emitInlinedIntoBasedOnCost(ORE, Call.DLoc, Call.Block, Call.Callee,
                                      Call.Caller, *Why.Llvm.Cost,
                                      /*ForProfileContext=*/false, PassName);
  emitInlinedInto(
      ORE, Call.DLoc, Call.Block, Call.Callee, Call.Caller,
      /*IsMandatory=*/Why.From == Reason::Source::Mandatory,
      [&](OptimizationRemark &Remark) { Remark << ": " << explain(Why); },
      PassName);
}

void remarkFailed(OptimizationRemarkEmitter &ORE, const RemarkedCall &Call,
                  const InlineResult &Result) {
  ORE.emit([&] {
    return OptimizationRemarkMissed(PassName, "NotInlined", Call.DLoc,
                                    Call.Block)
           << "'" << NV("Callee", &Call.Callee) << "' is not inlined into '"
           << NV("Caller", &Call.Caller)
           << "': " << NV("Reason", Result.getFailureReason());
  });
}

void remarkNotInlined(OptimizationRemarkEmitter &ORE, const RemarkedCall &Call,
                      const Reason &Why) {
  if (Why.From == Reason::Source::Llvm)
    return;
  ORE.emit([&] {
    return OptimizationRemarkMissed(PassName, "NotInlined", Call.DLoc,
                                    Call.Block)
           << "'" << NV("Callee", &Call.Callee) << "' not inlined into '"
           << NV("Caller", &Call.Caller) << "': " << explain(Why);
  });
}

} // namespace fastir
