//===- InliningFeatures.cpp - A row a call of a defined function ----------===//
//
// Every call site is put to the plugin's own advisor, and nothing is inlined:
// the features are those of the module as it is.
//
//===----------------------------------------------------------------------===//

#include "extract/CallSites.h"
#include "extract/FunctionGraph.h"
#include "extract/Table.h"
#include "inline/FastirInlineAdvisor.h"
#include "inline/LlvmHeuristic.h"
#include "inline/features/InlineFeatures.h"
#include "ir/Pipeline.h"
#include "ir/Target.h"

#include "llvm/Analysis/InlineCost.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/Analysis/TargetTransformInfo.h"
#include "llvm/IR/Dominators.h"

using namespace llvm;

namespace fastir {

namespace {

/// Keeps the features of the last decision.
class FeatureKeeper : public DecisionObserver {
public:
  void onDecision(const Decision &D) override {
    Features.assign(D.Features.begin(), D.Features.end());
  }
  std::vector<int64_t> Features; ///< empty if nothing was decided
};

/// Whether a call can be inlined, and why not or why it must.
struct Viability {
  enum Kind { Possible, Mandatory, Impossible } What = Possible;
  std::string Why;
};

struct SiteView {
  StringRef Module;
  const CallSite &Site;
  const Function &Caller;
  const Function &Callee;
  const FunctionNode &CalleeNode;
  const FunctionPropertiesInfo &CallerProperties;
  const FunctionPropertiesInfo &CalleeProperties;
  const CallSiteView &Own;
  const Viability &Inlining;
  const InlineCost &Cost; ///< computed to the end
};
using View = const SiteView &;

StringRef module(View V) { return V.Module; }
StringRef caller(View V) { return V.Caller.getName(); }
StringRef callee(View V) { return V.Callee.getName(); }
int64_t call_site(View V) { return V.Site.Number; }
int64_t block(View V) { return V.Site.Block; }
StringRef inlining(View V) {
  switch (V.Inlining.What) {
  case Viability::Possible:
    return "possible";
  case Viability::Mandatory:
    return "mandatory";
  case Viability::Impossible:
    return "impossible";
  }
  llvm_unreachable("covered switch");
}
std::optional<StringRef> inlining_reason(View V) {
  if (V.Inlining.What == Viability::Possible)
    return std::nullopt;
  return V.Inlining.Why;
}
std::optional<int64_t> llvm_cost(View V) {
  return V.Cost.isVariable() ? std::optional(V.Cost.getCost()) : std::nullopt;
}
std::optional<int64_t> llvm_threshold(View V) {
  return V.Cost.isVariable() ? std::optional(V.Cost.getThreshold())
                             : std::nullopt;
}

StringRef callee_name(View V) { return callee(V); }
StringRef caller_name(View V) { return caller(V); }
int64_t callee_total_calls(View V) { return V.Own.Uses.CallSites; }
double inline_ratio(View V) {
  return static_cast<double>(V.CalleeProperties.TotalInstructionCount) /
         static_cast<double>(V.CallerProperties.TotalInstructionCount);
}
int64_t callee_basic_blocks(View V) {
  return V.CalleeProperties.BasicBlockCount;
}
int64_t caller_basic_blocks(View V) {
  return V.CallerProperties.BasicBlockCount;
}
bool callee_is_recursive(View V) { return V.CalleeNode.IsRecursive; }
int64_t callee_arg_count(View V) { return V.Callee.arg_size(); }
double callee_load_store_ratio(View V) {
  const int64_t Stores = V.CalleeProperties.StoreInstCount;
  return Stores ? static_cast<double>(V.CalleeProperties.LoadInstCount) /
                      static_cast<double>(Stores)
                : 0;
}
bool llvm_inlining_decision(View V) { return V.Own.Llvm.Inlines; }

std::vector<ColumnInfo> columns() {
  std::vector<ColumnInfo> Schema;
#include "extract/PushColumns.inc"

#include "extract/InliningFeatures.def"
  // The advisor computes LLVM's own features for calls that can be inlined
  // only.
  for (const FeatureInfo &Info : featureTable())
    Schema.push_back(
        {Info.Name, ColumnType::Int64, Info.IsMlgo, Info.Unit, Info.Doc,
         Info.IsMlgo ? "InlineFeatures.def, llvm::MLInlineAdvisor; "
                       "null unless inlining is possible"
                     : "InlineFeatures.def"});
#define FASTIR_INLINEML(NAME, TYPE, UNIT, DOC)                                 \
  Schema.push_back({#NAME, ColumnType::TYPE, false, UNIT, DOC, "InlineML"});
#include "extract/InliningFeatures.def"
  return Schema;
}

/// Asks LLVM and the advisor about the call sites of one module.
class Inspector {
public:
  Inspector(Module &M, Pipeline &P, OptimizationLevel Level)
      : FAM(P.FAM), Graph(M), Keeper(std::make_shared<FeatureKeeper>()),
        Advisor(M, P.MAM, paramsOf(Level), configOf(Keeper)),
        Heuristic(P.FAM, paramsOf(Level)) {}

  void addRow(StringRef Module, const CallSite &Site, Frame &Rows);

private:
  static InlineParams paramsOf(OptimizationLevel Level) {
    return getInlineParams(Level.getSpeedupLevel(), Level.getSizeLevel());
  }
  static AdvisorConfig configOf(std::shared_ptr<FeatureKeeper> Keeper) {
    AdvisorConfig Config;
    Config.Who = Policy::Never;
    Config.Observer = std::move(Keeper);
    return Config;
  }
  Viability viabilityOf(CallBase &CB, const InlineCost &Cost);
  /// The features as the advisor sees them; empty where it is not asked.
  ArrayRef<int64_t> askAdvisor(CallBase &CB, const Viability &Inlining);

  /// What LLVM's inliner would do, and its cost less its threshold: the advisor
  /// has asked already, if it was asked.
  DefaultDecision defaultDecision(CallBase &CB, ArrayRef<int64_t> Asked);

  FunctionAnalysisManager &FAM;
  FunctionGraph Graph;
  std::shared_ptr<FeatureKeeper> Keeper;
  FastirInlineAdvisor Advisor;
  LlvmHeuristic Heuristic;
};

Viability Inspector::viabilityOf(CallBase &CB, const InlineCost &Cost) {
  Function &Callee = *CB.getCalledFunction();
  auto GetTLI = [&](Function &F) -> const TargetLibraryInfo & {
    return FAM.getResult<TargetLibraryAnalysis>(F);
  };
  if (auto ByAttribute = getAttributeBasedInliningDecision(
          CB, &Callee, FAM.getResult<TargetIRAnalysis>(Callee), GetTLI)) {
    if (ByAttribute->isSuccess())
      return {Viability::Mandatory, "always inline attribute"};
    return {Viability::Impossible, ByAttribute->getFailureReason()};
  }
  if (Cost.isNever())
    return {Viability::Impossible, Cost.getReason()};
  if (!FAM.getResult<DominatorTreeAnalysis>(*CB.getCaller())
           .isReachableFromEntry(CB.getParent()))
    return {Viability::Impossible, "unreachable call site"};
  return {};
}

ArrayRef<int64_t> Inspector::askAdvisor(CallBase &CB,
                                        const Viability &Inlining) {
  Keeper->Features.clear();
  if (Inlining.What == Viability::Possible)
    Advisor.getAdvice(CB)->recordUnattemptedInlining();
  return Keeper->Features;
}

DefaultDecision Inspector::defaultDecision(CallBase &CB,
                                           ArrayRef<int64_t> Asked) {
  if (Asked.empty())
    return Heuristic.decide(CB, LlvmHeuristic::Remarks::Suppress);
  auto Of = [&](Feature F) { return Asked[static_cast<size_t>(F)]; };
  DefaultDecision Default;
  Default.Inlines = Of(Feature::llvm_decision);
  Default.CostMinusThreshold = Of(Feature::llvm_cost_minus_threshold);
  return Default;
}

void Inspector::addRow(StringRef Module, const CallSite &Site, Frame &Rows) {
  CallBase &CB = Site.CB;
  Function &Caller = *CB.getCaller();
  Function &Callee = *CB.getCalledFunction();
  const InlineCost Cost = Heuristic.fullCost(CB);
  const Viability Inlining = viabilityOf(CB, Cost);
  const ArrayRef<int64_t> Asked = askAdvisor(CB, Inlining);
  DefaultDecision Default = defaultDecision(CB, Asked);
  Default.FullCost = asNumber(Cost);
  const FunctionPropertiesInfo &CallerProperties = Advisor.getCachedFPI(Caller);
  const FunctionPropertiesInfo &CalleeProperties = Advisor.getCachedFPI(Callee);
  const LoopFacts Loops = {
      CallerProperties.MaxLoopDepth, CalleeProperties.MaxLoopDepth,
      FAM.getResult<LoopAnalysis>(Caller).getLoopDepth(CB.getParent())};
  const CallSiteView Own = viewOf(CB, Advisor.facts(), Loops, Default);
  const SiteView V{Module,
                   Site,
                   Caller,
                   Callee,
                   *Graph.find(&Callee),
                   CallerProperties,
                   CalleeProperties,
                   Own,
                   Inlining,
                   Cost};
#define FASTIR_COLUMN(NAME, TYPE, UNIT, DOC, SOURCE) Rows.add(NAME(V));
#include "extract/InliningFeatures.def"
  for (auto [Index, Info] : enumerate(featureTable())) {
    if (!Info.IsMlgo)
      break;
    if (Asked.empty())
      Rows.addNull();
    else
      Rows.add(Asked[Index]);
  }
  computeOwnFeatures(Own, [&](Feature, int64_t Value) { Rows.add(Value); });
#define FASTIR_INLINEML(NAME, TYPE, UNIT, DOC) Rows.add(NAME(V));
#include "extract/InliningFeatures.def"
}

Error fill(Module &M, const Task &T, Frame &Rows) {
  Expected<OptimizationLevel> Level = parseLevel(T.Level);
  if (!Level)
    return Level.takeError();
  auto Machine = createTargetOfOpt(M);
  Pipeline P(Machine.get(), PipelineTuningOptions());
  P.registerAnalyses();
  Inspector Ask(M, P, *Level);
  forEachCallSite(M, [&](const CallSite &Site) {
    const Function *Callee = Site.CB.getCalledFunction();
    if (Callee && !Callee->isDeclaration())
      Ask.addRow(T.Name, Site, Rows);
  });
  return Error::success();
}

} // namespace

Table inliningFeaturesTable() {
  return {"inlining_features",
          "a row a call site of a defined function, before any inlining",
          columns(),
          fill,
          ValueNames::Discard,
          Verification::All};
}

} // namespace fastir
