//===- InlineFeatures.cpp - Features of a call site -----------------------===//
//
// One small function a feature, named as in InlineFeatures.def.
//
//===----------------------------------------------------------------------===//

#include "features/InlineFeatures.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"

using namespace llvm;

namespace fastir {

ArrayRef<FeatureInfo> featureTable() {
  static constexpr FeatureInfo Table[] = {
#define FASTIR_MLGO_FEATURE(NAME, UNIT, DOC) {#NAME, UNIT, DOC, true},
#define FASTIR_OWN_FEATURE(NAME, UNIT, DOC) {#NAME, UNIT, DOC, false},
#include "features/InlineFeatures.def"
  };
  return Table;
}

std::optional<size_t> featureIndex(StringRef Name) {
  static const StringMap<size_t> Index = [] {
    StringMap<size_t> Map;
    for (auto [I, Info] : enumerate(featureTable()))
      Map[Info.Name] = I;
    return Map;
  }();
  auto It = Index.find(Name);
  if (It == Index.end())
    return std::nullopt;
  return It->second;
}

const std::vector<TensorSpec> &featureSpecs() {
  static const std::vector<TensorSpec> Specs = [] {
    std::vector<TensorSpec> Result;
    for (const FeatureInfo &Info : featureTable())
      Result.push_back(TensorSpec::createSpec<int64_t>(Info.Name, {1}));
    return Result;
  }();
  return Specs;
}

const BodyCounts &BodyCountsCache::get(const Function &F) {
  auto [It, IsNew] = Counts.try_emplace(&F);
  BodyCounts &Result = It->second;
  if (!IsNew)
    return Result;
  for (const Instruction &I : instructions(F)) {
    Result.Calls += isa<CallBase>(I) && !isa<IntrinsicInst>(I);
    Result.Invokes += isa<InvokeInst>(I);
    Result.Allocas += isa<AllocaInst>(I);
    Result.Returns += isa<ReturnInst>(I);
  }
  return Result;
}

/// Calls \p OnCall with each direct call of \p Callee; whether it is used in
/// other ways.
static bool walkUses(const Function &Callee,
                     function_ref<void(const CallBase &)> OnCall) {
  bool IsAddressTaken = false;
  for (const Use &U : Callee.uses()) {
    const auto *Call = dyn_cast<CallBase>(U.getUser());
    if (Call && Call->isCallee(&U) && Call->getCalledFunction() == &Callee)
      OnCall(*Call);
    else
      IsAddressTaken = true;
  }
  return IsAddressTaken;
}

CalleeUses::CalleeUses(const Function &Caller, const Function &Callee) {
  IsAddressTaken = walkUses(Callee, [&](const CallBase &Call) {
    ++CallSites;
    CallSitesInCaller += Call.getFunction() == &Caller;
  });
}

CalleeUses CalleeUsesCache::get(const Function &Caller,
                                const Function &Callee) {
  std::unique_ptr<Entry> &Known = Entries[&Callee];
  if (!Known) {
    Known = std::make_unique<Entry>();
    Known->All.IsAddressTaken = walkUses(Callee, [&](const CallBase &Call) {
      ++Known->All.CallSites;
      ++Known->CallSitesByCaller[Call.getFunction()];
    });
  }
  CalleeUses Result = Known->All;
  Result.CallSitesInCaller = Known->CallSitesByCaller.lookup(&Caller);
  return Result;
}

CallSiteView viewOf(const CallBase &CB,
                    const FunctionPropertiesInfo &CallerProperties,
                    const FunctionPropertiesInfo &CalleeProperties,
                    BodyCountsCache &Counts, CalleeUses Uses,
                    unsigned LoopDepth, bool LlvmDecision,
                    int64_t LlvmCostMinusThreshold) {
  const Function &Caller = *CB.getCaller();
  const Function &Callee = *CB.getCalledFunction();
  return {CB,
          Caller,
          Callee,
          CallerProperties,
          CalleeProperties,
          Counts.get(Caller),
          Counts.get(Callee),
          Uses,
          LoopDepth,
          LlvmDecision,
          LlvmCostMinusThreshold};
}

namespace {

using View = const CallSiteView &;

// Bodies of both functions.
int64_t callee_instruction_count(View V) {
  return V.CalleeProperties.TotalInstructionCount;
}
int64_t caller_instruction_count(View V) {
  return V.CallerProperties.TotalInstructionCount;
}
int64_t callee_load_count(View V) { return V.CalleeProperties.LoadInstCount; }
int64_t caller_load_count(View V) { return V.CallerProperties.LoadInstCount; }
int64_t callee_store_count(View V) { return V.CalleeProperties.StoreInstCount; }
int64_t caller_store_count(View V) { return V.CallerProperties.StoreInstCount; }
int64_t callee_call_count(View V) { return V.CalleeCounts.Calls; }
int64_t caller_call_count(View V) { return V.CallerCounts.Calls; }
int64_t callee_invoke_count(View V) { return V.CalleeCounts.Invokes; }
int64_t caller_invoke_count(View V) { return V.CallerCounts.Invokes; }
int64_t callee_alloca_count(View V) { return V.CalleeCounts.Allocas; }
int64_t callee_return_count(View V) { return V.CalleeCounts.Returns; }
int64_t callee_max_loop_depth(View V) {
  return V.CalleeProperties.MaxLoopDepth;
}
int64_t caller_max_loop_depth(View V) {
  return V.CallerProperties.MaxLoopDepth;
}
int64_t callee_direct_calls_to_defined_functions(View V) {
  return V.CalleeProperties.DirectCallsToDefinedFunctions;
}

// Who else calls the callee.
int64_t callee_call_site_count(View V) { return V.Uses.CallSites; }
int64_t callee_call_sites_in_caller(View V) { return V.Uses.CallSitesInCaller; }
int64_t is_callee_address_taken(View V) { return V.Uses.IsAddressTaken; }
int64_t is_callee_local(View V) { return V.Callee.hasLocalLinkage(); }
int64_t is_caller_local(View V) { return V.Caller.hasLocalLinkage(); }
int64_t is_callee_linkonce_or_weak(View V) {
  return V.Callee.hasLinkOnceLinkage() || V.Callee.hasWeakLinkage();
}
int64_t is_caller_linkonce_or_weak(View V) {
  return V.Caller.hasLinkOnceLinkage() || V.Caller.hasWeakLinkage();
}
int64_t is_callee_removable(View V) {
  return V.Callee.isDiscardableIfUnused() && V.Callee.hasOneUse();
}
int64_t has_callee_inline_hint(View V) {
  return V.Callee.hasFnAttribute(Attribute::InlineHint);
}
int64_t has_caller_inline_hint(View V) {
  return V.Caller.hasFnAttribute(Attribute::InlineHint);
}
int64_t is_callee_nounwind(View V) { return V.Callee.doesNotThrow(); }
int64_t is_caller_nounwind(View V) { return V.Caller.doesNotThrow(); }

// The call itself.
int64_t argument_count(View V) { return V.CB.arg_size(); }
int64_t pointer_argument_count(View V) {
  return count_if(V.CB.args(),
                  [](const Use &U) { return U->getType()->isPointerTy(); });
}
int64_t alloca_argument_count(View V) {
  return count_if(V.CB.args(), [](const Use &U) {
    return isa<AllocaInst>(U->stripInBoundsConstantOffsets());
  });
}
int64_t callsite_loop_depth(View V) { return V.LoopDepth; }
int64_t is_invoke(View V) { return isa<InvokeInst>(V.CB); }
int64_t is_result_void(View V) { return V.CB.getType()->isVoidTy(); }
int64_t is_result_unused(View V) { return V.CB.use_empty(); }
int64_t is_block_ending_unreachable(View V) {
  return isa<UnreachableInst>(V.CB.getParent()->getTerminator());
}
int64_t is_block_ending_return(View V) {
  return isa<ReturnInst>(V.CB.getParent()->getTerminator());
}

// What LLVM's own heuristic says.
int64_t llvm_decision(View V) { return V.LlvmDecision; }
int64_t llvm_cost_minus_threshold(View V) { return V.LlvmCostMinusThreshold; }

} // namespace

void computeOwnFeatures(const CallSiteView &V,
                        function_ref<void(Feature, int64_t)> Set) {
#define FASTIR_OWN_FEATURE(NAME, UNIT, DOC) Set(Feature::NAME, NAME(V));
#include "features/InlineFeatures.def"
}

} // namespace fastir
