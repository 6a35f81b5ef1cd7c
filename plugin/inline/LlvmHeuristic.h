//===- LlvmHeuristic.h - LLVM's own inlining decision -----------*- C++ -*-===//

#ifndef FASTIR_INLINE_LLVMHEURISTIC_H
#define FASTIR_INLINE_LLVMHEURISTIC_H

#include "inline/DefaultDecision.h"

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Analysis/InlineAdvisor.h"

#include <memory>

namespace fastir {

/// The cost as a number: -CostSentinel for always, CostSentinel for never.
int64_t asNumber(const llvm::InlineCost &Cost);

/// LLVM's default inlining heuristic, deferral included: llvm::shouldInline,
/// fed as llvm::DefaultInlineAdvisor feeds it.
class LlvmHeuristic {
public:
  LlvmHeuristic(llvm::FunctionAnalysisManager &FAM, llvm::InlineParams Params);
  ~LlvmHeuristic();

  enum class Remarks { Emit, Suppress };

  /// How far the cost of a call is counted.
  enum class Count {
    ToThreshold,
    /// To the end, which gives the decision that LLVM takes if counting only
    /// adds to the cost; see FullCosts.
    Whole
  };

  /// With Remarks::Suppress LLVM's remarks on calls that it would not inline
  /// are not emitted: the decision is another policy's.
  DefaultDecision decide(llvm::CallBase &CB, Remarks Mode,
                         Count Extent = Count::ToThreshold);

  /// The same without a remark, given what the cost model says of \p CB.
  DefaultDecision decide(llvm::CallBase &CB, const llvm::InlineCost &Cost);

  /// Whether the threshold of the calls in \p Caller depends on how often they
  /// are executed.
  bool weighsFrequency(llvm::Function &Caller);

  /// How often \p CB ran, if the module carries an execution profile that
  /// says so.
  std::optional<uint64_t> profileCount(llvm::CallBase &CB);

  /// The cost and threshold of \p CB, computed to the end even past the
  /// threshold, where decide() stops.
  llvm::InlineCost fullCost(llvm::CallBase &CB);

  /// The same, but counting may stop at \p Cap: then the cost is no less than
  /// that, nor than the threshold.
  llvm::InlineCost cappedCost(llvm::CallBase &CB, int Cap);

private:
  llvm::InlineParams fullParams() const;
  llvm::InlineCost cost(llvm::CallBase &CB, const llvm::InlineParams &Params,
                        llvm::OptimizationRemarkEmitter *ORE);
  DefaultDecision
  decide(llvm::CallBase &CB,
         llvm::function_ref<llvm::InlineCost(llvm::CallBase &)> CostOf,
         llvm::OptimizationRemarkEmitter &ORE);
  llvm::ProfileSummaryInfo *profileOf(llvm::Function &F);
  llvm::OptimizationRemarkEmitter &silentEmitter();

  struct SilentContext;

  llvm::FunctionAnalysisManager &FAM;
  const llvm::InlineParams Params;
  std::unique_ptr<SilentContext> Silent;
};

} // namespace fastir

#endif // FASTIR_INLINE_LLVMHEURISTIC_H
