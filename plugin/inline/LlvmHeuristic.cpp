//===- LlvmHeuristic.cpp - LLVM's own inlining decision -------------------===//

#include "inline/LlvmHeuristic.h"
#include "inline/features/InlineFeatures.h"

#include "llvm/Analysis/AssumptionCache.h"
#include "llvm/Analysis/BlockFrequencyInfo.h"
#include "llvm/Analysis/EphemeralValuesCache.h"
#include "llvm/Analysis/OptimizationRemarkEmitter.h"
#include "llvm/Analysis/ProfileSummaryInfo.h"
#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/Analysis/TargetTransformInfo.h"
#include "llvm/IR/DiagnosticHandler.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/CommandLine.h"

using namespace llvm;

namespace fastir {

namespace {

/// Takes no remarks: the default handler would print those that the command
/// line asks for, ours or LLVM's.
struct DeafHandler : DiagnosticHandler {
  bool handleDiagnostics(const DiagnosticInfo &) override { return true; }
  bool isAnalysisRemarkEnabled(StringRef) const override { return false; }
  bool isMissedOptRemarkEnabled(StringRef) const override { return false; }
  bool isPassedOptRemarkEnabled(StringRef) const override { return false; }
  bool isAnyRemarkEnabled() const override { return false; }
};

} // namespace

/// A function in a context of its own whose remarks are not even built.
struct LlvmHeuristic::SilentContext {
  SilentContext() {
    Context.setDiagnosticHandler(std::make_unique<DeafHandler>());
  }
  LLVMContext Context;
  Module M{"fastir.silent", Context};
  Function *F = Function::Create(
      FunctionType::get(Type::getVoidTy(Context), /*isVarArg=*/false),
      GlobalValue::ExternalLinkage, "silent", M);
  OptimizationRemarkEmitter ORE{F, /*BFI=*/nullptr};
};

LlvmHeuristic::LlvmHeuristic(FunctionAnalysisManager &FAM, InlineParams Params)
    : FAM(FAM), Params(std::move(Params)) {}

LlvmHeuristic::~LlvmHeuristic() = default;

OptimizationRemarkEmitter &LlvmHeuristic::silentEmitter() {
  if (!Silent)
    Silent = std::make_unique<SilentContext>();
  return Silent->ORE;
}

/// LLVM's option -inline-deferral, which applies where the pipeline's
/// parameters leave deferral open.
static bool isDeferralEnabledByOption() {
  static const bool Enabled = [] {
    cl::Option *Option = cl::getRegisteredOptions().lookup("inline-deferral");
    return Option && static_cast<cl::opt<bool> *>(Option)->getValue();
  }();
  return Enabled;
}

int64_t asNumber(const InlineCost &Cost) {
  if (Cost.isAlways())
    return -CostSentinel;
  if (Cost.isNever())
    return CostSentinel;
  return Cost.getCost();
}

static int64_t costMinusThreshold(const InlineCost &Cost) {
  return asNumber(Cost) - (Cost.isVariable() ? Cost.getThreshold() : 0);
}

ProfileSummaryInfo *LlvmHeuristic::profileOf(Function &F) {
  return FAM.getResult<ModuleAnalysisManagerFunctionProxy>(F)
      .getCachedResult<ProfileSummaryAnalysis>(*F.getParent());
}

/// With minsize, no frequency counts but a profile's.
bool LlvmHeuristic::weighsFrequency(Function &Caller) {
  const ProfileSummaryInfo *PSI = profileOf(Caller);
  return !Caller.hasMinSize() || (PSI && PSI->hasProfileSummary());
}

std::optional<uint64_t> LlvmHeuristic::profileCount(CallBase &CB) {
  const ProfileSummaryInfo *PSI = profileOf(*CB.getCaller());
  if (!PSI || !PSI->hasProfileSummary())
    return std::nullopt;
  return PSI->getProfileCount(
      CB, &FAM.getResult<BlockFrequencyAnalysis>(*CB.getCaller()));
}

InlineCost LlvmHeuristic::cost(CallBase &CB, const InlineParams &Params,
                               OptimizationRemarkEmitter *ORE) {
  return getInlineCost(
      CB, Params, FAM.getResult<TargetIRAnalysis>(*CB.getCalledFunction()),
      [&](Function &F) -> AssumptionCache & {
        return FAM.getResult<AssumptionAnalysis>(F);
      },
      [&](Function &F) -> const TargetLibraryInfo & {
        return FAM.getResult<TargetLibraryAnalysis>(F);
      },
      [&](Function &F) -> BlockFrequencyInfo & {
        return FAM.getResult<BlockFrequencyAnalysis>(F);
      },
      profileOf(*CB.getCaller()), ORE,
      [&](Function &F) -> EphemeralValuesAnalysis::Result & {
        return FAM.getResult<EphemeralValuesAnalysis>(F);
      });
}

InlineParams LlvmHeuristic::fullParams() const {
  InlineParams Full = Params;
  Full.ComputeFullInlineCost = true;
  return Full;
}

InlineCost LlvmHeuristic::fullCost(CallBase &CB) {
  return cost(CB, fullParams(), /*ORE=*/nullptr);
}

InlineCost LlvmHeuristic::cappedCost(CallBase &CB, int Cap) {
  InlineParams Capped;
  Capped.DefaultThreshold = Cap;
  Capped.AllowRecursiveCall = Params.AllowRecursiveCall;
  return cost(CB, Capped, /*ORE=*/nullptr);
}

DefaultDecision LlvmHeuristic::decide(CallBase &CB, Remarks Mode,
                                      Count Extent) {
  Function &Caller = *CB.getCaller();
  auto &CallerORE = FAM.getResult<OptimizationRemarkEmitterAnalysis>(Caller);
  const DiagnosticHandler &Handler = *Caller.getContext().getDiagHandlerPtr();
  const bool Emit = Mode == Remarks::Emit;
  OptimizationRemarkEmitter &ORE = Emit ? CallerORE : silentEmitter();
  // An emitter makes the cost model go on past the threshold, after which the
  // cost is another and, where it becomes less again, even the decision:
  // neither must depend on remarks being on unless it does so in LLVM, too.
  OptimizationRemarkEmitter *CostORE =
      Emit && Handler.isMissedOptRemarkEnabled("inline") ? &CallerORE : nullptr;

  auto CostOf = [&](CallBase &Site) {
    const bool IsWhole = &Site == &CB && Extent == Count::Whole;
    return cost(Site, IsWhole ? fullParams() : Params, CostORE);
  };
  return decide(CB, CostOf, ORE);
}

DefaultDecision LlvmHeuristic::decide(CallBase &CB, const InlineCost &Known) {
  auto CostOf = [&](CallBase &Site) {
    return &Site == &CB ? Known : cost(Site, Params, /*ORE=*/nullptr);
  };
  return decide(CB, CostOf, silentEmitter());
}

DefaultDecision
LlvmHeuristic::decide(CallBase &CB, function_ref<InlineCost(CallBase &)> CostOf,
                      OptimizationRemarkEmitter &ORE) {
  DefaultDecision Default;
  auto GetInlineCost = [&](CallBase &Site) {
    InlineCost Cost = CostOf(Site);
    if (&Site != &CB)
      return Cost;
    Default.CostMinusThreshold = costMinusThreshold(Cost);
    Default.FullCost = asNumber(Cost);
    Default.IsForced = !Cost.isVariable();
    return Cost;
  };
  Default.Cost =
      shouldInline(CB, FAM.getResult<TargetIRAnalysis>(*CB.getCalledFunction()),
                   GetInlineCost, ORE,
                   Params.EnableDeferral.value_or(isDeferralEnabledByOption()));
  Default.Inlines = Default.Cost.has_value();
  return Default;
}

} // namespace fastir
