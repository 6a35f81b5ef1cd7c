//===- LeanInlineAdvisor.h - A model's decisions at little cost -*- C++ -*-===//
//
// For models that name lean features only: LLVM's cost model runs once a call,
// as it does without us, and MLInlineAdvisor's books are not kept. Decisions
// are those that FastirInlineAdvisor takes by the same model.
//
//===----------------------------------------------------------------------===//

#ifndef FASTIR_INLINE_LEANINLINEADVISOR_H
#define FASTIR_INLINE_LEANINLINEADVISOR_H

#include "inline/InlineSession.h"
#include "model/FastirModelRunner.h"

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

private:
  std::unique_ptr<llvm::InlineAdvice>
  getAdviceImpl(llvm::CallBase &CB) override;
  std::unique_ptr<llvm::InlineAdvice> getMandatoryAdvice(llvm::CallBase &CB,
                                                         bool Advice) override;
  std::unique_ptr<llvm::InlineAdvice> askModel(llvm::CallBase &CB);
  std::unique_ptr<llvm::InlineAdvice> followLlvm(llvm::CallBase &CB);
  std::unique_ptr<llvm::InlineAdvice> leaveAlone(llvm::CallBase &CB);
  std::unique_ptr<llvm::InlineAdvice> advise(llvm::CallBase &CB, bool Inline,
                                             Reason Why);
  bool isRemarked(llvm::CallBase &CB);
  EarlyFacts earlyFacts(const llvm::CallBase &CB, bool LlvmInlines);
  FullCosts::Shortcuts shortcuts(const llvm::CallBase &CB,
                                 const ModelNeeds &Needs);
  void fillFeatures(llvm::CallBase &CB, const DefaultDecision &Default);

  InlineSession Session;
  FastirModelRunner Runner;
};

} // namespace fastir

#endif // FASTIR_INLINE_LEANINLINEADVISOR_H
