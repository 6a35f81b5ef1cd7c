//===- InlineSession.h - What both advisors keep of a module ----*- C++ -*-===//
//
// From the inliner's first visit to its last: who decides, the facts of the
// module, and the account of its growth.
//
//===----------------------------------------------------------------------===//

#ifndef FASTIR_INLINE_INLINESESSION_H
#define FASTIR_INLINE_INLINESESSION_H

#include "inline/AdvisorConfig.h"
#include "inline/FullCosts.h"
#include "inline/LlvmHeuristic.h"
#include "inline/ModelDecider.h"
#include "inline/ModuleGrowth.h"
#include "inline/features/ModuleFacts.h"
#include "inline/features/PendingInlining.h"

namespace fastir {

class InlineSession {
public:
  InlineSession(llvm::Module &M, llvm::FunctionAnalysisManager &FAM,
                llvm::InlineParams Params, AdvisorConfig Config);

  const AdvisorConfig Config;
  ModelDecider Decider;
  LlvmHeuristic Heuristic;
  ModuleFacts Facts;
  ModuleGrowth Growth;

  void enter(llvm::LazyCallGraph::SCC *SCC);

  /// What LLVM's heuristic says of \p CB, with the cost of the whole callee.
  DefaultDecision judge(llvm::CallBase &CB,
                        const FullCosts::Shortcuts &Allowed);

  /// Whether nothing in the callee forbids to inline \p CB, which a capped cost
  /// leaves open.
  bool isViable(llvm::CallBase &CB) { return Costs.compute(CB).has_value(); }

  /// Whether LLVM's heuristic has to leave \p CB alone, which is in dead code:
  /// MLInlineAdvisor holds on to the functions of the SCC that is visited, and
  /// inlining this call would delete one of them unseen. Passes that remove
  /// dead code will.
  bool holdsCallee(const llvm::CallBase &CB) const;

  /// To be called before \p CB is inlined.
  std::unique_ptr<PendingInlining> expectInlining(llvm::CallBase &CB);
  void recordInlining(const PendingInlining &Pending, bool CalleeWasDeleted);
  void recordFailure(const PendingInlining &Pending);

  /// With AdvisorConfig::VerifyFacts, reports what of \p F is not up to date.
  void verify(const llvm::Function &F);

private:
  /// With AdvisorConfig::VerifyFacts, reports if LLVM says something else of
  /// \p CB than \p Judged.
  void verify(llvm::CallBase &CB, const DefaultDecision &Judged);

  FullCosts Costs;
  llvm::SmallPtrSet<const llvm::Function *, 4> SccFunctions;
};

} // namespace fastir

#endif // FASTIR_INLINE_INLINESESSION_H
