//===- LeanInlineAdvisor.h - A model's decisions at little cost -*- C++ -*-===//
//
// For models that name lean features only: LLVM's cost model runs once a call,
// as it does without us, and MLInlineAdvisor's books are not kept. Decisions
// are those that FastirInlineAdvisor takes by the same model.
//
//===----------------------------------------------------------------------===//

#ifndef FASTIR_ADVISOR_LEANINLINEADVISOR_H
#define FASTIR_ADVISOR_LEANINLINEADVISOR_H

#include "advisor/AdvisorConfig.h"
#include "advisor/ModelDecider.h"
#include "features/CallFlow.h"
#include "features/InlineFeatures.h"
#include "model/OnnxModelRunner.h"

#include "llvm/Analysis/InlineAdvisor.h"

namespace fastir {

class LeanInlineAdvisor : public llvm::InlineAdvisor {
public:
  LeanInlineAdvisor(llvm::Module &M, llvm::FunctionAnalysisManager &FAM,
                    llvm::InlineParams Params, llvm::InlineContext IC,
                    AdvisorConfig Config);

  /// Whether \p Config asks for nothing that only FastirInlineAdvisor has.
  static bool suffices(const AdvisorConfig &Config);

  void onPassEntry(llvm::LazyCallGraph::SCC *SCC) override;

  /// Called by advices. \p CalleeInstructions as it was before.
  void onInlined(const llvm::Function &Caller, int64_t CalleeInstructions,
                 bool CalleeWasDeleted);

private:
  std::unique_ptr<llvm::InlineAdvice>
  getAdviceImpl(llvm::CallBase &CB) override;
  std::unique_ptr<llvm::InlineAdvice> askModel(llvm::CallBase &CB);
  CallFlow flowOf(const llvm::CallBase &CB);
  void fillFeatures(llvm::CallBase &CB, const LlvmVerdict &Verdict);
  void forgetBody(const llvm::Function &F);
  bool hasGrownTooMuch() const;

  const AdvisorConfig Config;
  ModelDecider Decider;
  LlvmHeuristic Heuristic;
  OnnxModelRunner Runner;
  struct FlowNeed {
    const OnnxModel *Of;
    CallFlowCache::Path Path;
  };
  llvm::SmallVector<FlowNeed, 2> FlowNeeds; ///< of models that name any of it
  BodyCountsCache BodyCounts;
  CallFlowCache Flows;
  int64_t InitialInstructions = 0;
  int64_t Instructions = 0;
};

} // namespace fastir

#endif // FASTIR_ADVISOR_LEANINLINEADVISOR_H
