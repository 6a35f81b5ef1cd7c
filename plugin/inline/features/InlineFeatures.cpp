//===- InlineFeatures.cpp - Features of a call site -----------------------===//
//
// One small function a feature, named as in InlineFeatures.def.
//
//===----------------------------------------------------------------------===//

#include "inline/features/InlineFeatures.h"

#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"

using namespace llvm;

namespace fastir {

ArrayRef<FeatureInfo> featureTable() {
  static constexpr FeatureInfo Table[] = {
#define FASTIR_MLGO_FEATURE(NAME, UNIT, DOC) {#NAME, UNIT, DOC, true},
#define FASTIR_OWN_FEATURE(NAME, UNIT, DOC) {#NAME, UNIT, DOC, false},
#include "inline/features/InlineFeatures.def"
  };
  return Table;
}

const FeatureSchema &inliningSchema() {
  static const FeatureSchema Schema = [] {
    SmallVector<StringRef> Names;
    for (const FeatureInfo &Info : featureTable())
      Names.push_back(Info.Name);
    return FeatureSchema(Names);
  }();
  return Schema;
}

CallSiteView viewOf(const CallBase &CB, ModuleFacts &Facts, LoopFacts Loops,
                    const DefaultDecision &Llvm) {
  const Function &Caller = *CB.getCaller();
  const Function &Callee = *CB.getCalledFunction();
  return {CB,
          Caller,
          Callee,
          Facts.bodyOf(Caller),
          Facts.bodyOf(Callee),
          Facts.argumentUsesOf(Callee),
          Facts.usesOf(Callee, Caller),
          Facts.usesOf(Caller, Caller),
          Facts.flowOf(CB),
          Loops,
          Llvm};
}

bool isLean(Feature F) {
  switch (F) {
  case Feature::callee_max_loop_depth:
  case Feature::caller_max_loop_depth:
  case Feature::callsite_loop_depth:
  // LLVM's cost where it stopped counting; llvm_full_cost is counted instead.
  case Feature::llvm_cost_minus_threshold:
    return false;
  default:
    return !featureTable()[static_cast<size_t>(F)].IsMlgo;
  }
}

static bool isLinkOnceOrWeak(const Function &F) {
  return F.hasLinkOnceLinkage() || F.hasWeakLinkage();
}

bool isEarly(Feature F) {
  switch (F) {
  case Feature::llvm_decision:
  case Feature::callee_instruction_count:
  case Feature::is_callee_discardable:
  case Feature::is_callee_linkonce_or_weak:
    return true;
  default:
    return false;
  }
}

int64_t EarlyFacts::feature(Feature F) const {
  switch (F) {
  case Feature::llvm_decision:
    return LlvmInlines;
  case Feature::callee_instruction_count:
    return CalleeInstructions;
  case Feature::is_callee_discardable:
    return Callee.isDiscardableIfUnused();
  case Feature::is_callee_linkonce_or_weak:
    return isLinkOnceOrWeak(Callee);
  default:
    llvm_unreachable("not early");
  }
}

namespace {

using View = const CallSiteView &;

// Bodies of both functions.
int64_t callee_instruction_count(View V) { return V.CalleeCounts.Instructions; }
int64_t caller_instruction_count(View V) { return V.CallerCounts.Instructions; }
int64_t callee_load_count(View V) { return V.CalleeCounts.Loads; }
int64_t caller_load_count(View V) { return V.CallerCounts.Loads; }
int64_t callee_store_count(View V) { return V.CalleeCounts.Stores; }
int64_t caller_store_count(View V) { return V.CallerCounts.Stores; }
int64_t callee_call_count(View V) { return V.CalleeCounts.Calls; }
int64_t caller_call_count(View V) { return V.CallerCounts.Calls; }
int64_t callee_invoke_count(View V) { return V.CalleeCounts.Invokes; }
int64_t caller_invoke_count(View V) { return V.CallerCounts.Invokes; }
int64_t callee_alloca_count(View V) { return V.CalleeCounts.Allocas; }
int64_t callee_return_count(View V) { return V.CalleeCounts.Returns; }
int64_t callee_max_loop_depth(View V) { return V.Loops.CalleeMaxDepth; }
int64_t caller_max_loop_depth(View V) { return V.Loops.CallerMaxDepth; }
int64_t callee_direct_calls_to_defined_functions(View V) {
  return V.CalleeCounts.CallsOfDefined;
}
int64_t callee_block_count(View V) { return V.CalleeCounts.Blocks; }
int64_t caller_block_count(View V) { return V.CallerCounts.Blocks; }
int64_t callee_constant_operand_count(View V) {
  return V.CalleeCounts.ConstantOperands;
}
int64_t callee_argument_use_count(View V) { return V.CalleeArgumentUses; }
int64_t callee_phi_count(View V) { return V.CalleeCounts.Phis; }
int64_t callee_shortest_path(View V) { return V.Flow.CalleeShortestPath; }
int64_t has_callee_personality(View V) { return V.Callee.hasPersonalityFn(); }
int64_t has_caller_personality(View V) { return V.Caller.hasPersonalityFn(); }

// Who else calls the callee.
int64_t callee_caller_count(View V) { return V.Uses.Callers; }
int64_t callee_total_argument_count(View V) { return V.Uses.Arguments; }
int64_t callee_total_constant_argument_count(View V) {
  return V.Uses.ConstantArguments;
}
int64_t callee_call_sites_ending_in_return(View V) {
  return V.Uses.SitesEndingInReturn;
}
int64_t callee_invoke_site_count(View V) { return V.Uses.Invokes; }
int64_t callee_copies_instruction_count(View V) {
  return V.Uses.CallSites * V.CalleeCounts.Instructions;
}
int64_t caller_call_site_count(View V) { return V.CallerUses.CallSites; }
int64_t is_caller_address_taken(View V) { return V.CallerUses.IsAddressTaken; }
int64_t is_callee_discardable(View V) {
  return V.Callee.isDiscardableIfUnused();
}
int64_t is_caller_discardable(View V) {
  return V.Caller.isDiscardableIfUnused();
}
int64_t callee_call_site_count(View V) { return V.Uses.CallSites; }
int64_t callee_call_sites_in_caller(View V) { return V.Uses.CallSitesInCaller; }
int64_t is_callee_address_taken(View V) { return V.Uses.IsAddressTaken; }
int64_t is_callee_local(View V) { return V.Callee.hasLocalLinkage(); }
int64_t is_caller_local(View V) { return V.Caller.hasLocalLinkage(); }
int64_t is_callee_linkonce_or_weak(View V) {
  return isLinkOnceOrWeak(V.Callee);
}
int64_t is_caller_linkonce_or_weak(View V) {
  return isLinkOnceOrWeak(V.Caller);
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
int64_t constant_argument_count(View V) {
  return count_if(V.CB.args(), isLiteral);
}
int64_t forwarded_argument_count(View V) {
  return count_if(V.CB.args(), [&](const Use &U) {
    const auto *Own = dyn_cast<Argument>(U);
    return Own && Own->getArgNo() == V.CB.getArgOperandNo(&U);
  });
}
int64_t is_followed_by_return(View V) { return isBeforeReturn(V.CB); }
int64_t is_in_entry_block(View V) { return V.CB.getParent()->isEntryBlock(); }
int64_t callsite_loop_depth(View V) { return V.Loops.SiteDepth; }
int64_t is_callsite_in_cycle(View V) { return V.Flow.IsCyclic; }
int64_t is_callsite_exceptional(View V) { return V.Flow.IsExceptional; }
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
int64_t llvm_decision(View V) { return V.Llvm.Inlines; }
int64_t llvm_full_cost(View V) { return V.Llvm.FullCost; }
int64_t llvm_cost_minus_threshold(View V) { return V.Llvm.CostMinusThreshold; }

} // namespace

void computeOwnFeatures(const CallSiteView &V,
                        function_ref<void(Feature, int64_t)> Set) {
#define FASTIR_OWN_FEATURE(NAME, UNIT, DOC) Set(Feature::NAME, NAME(V));
#include "inline/features/InlineFeatures.def"
}

} // namespace fastir
