//===- FastirInlineAdvisor.h - Inlining as a policy says --------*- C++ -*-===//
//
// LLVM's MLInlineAdvisor decides what is legal and mandatory, computes MLGO's
// features and keeps the books; this subclass adds our own features and puts
// the policy in place of MLGO's model.
//
//===----------------------------------------------------------------------===//

#ifndef FASTIR_INLINE_FASTIRINLINEADVISOR_H
#define FASTIR_INLINE_FASTIRINLINEADVISOR_H

#include "inline/FastirInlineAdvice.h"
#include "inline/InlineSession.h"
#include "model/FastirModelRunner.h"

#include "llvm/Analysis/MLInlineAdvisor.h"

namespace fastir {

class FastirInlineAdvisor : public llvm::MLInlineAdvisor {
public:
  FastirInlineAdvisor(llvm::Module &M, llvm::ModuleAnalysisManager &MAM,
                      llvm::InlineParams Params, AdvisorConfig Config);

  void onPassEntry(llvm::LazyCallGraph::SCC *SCC) override;

  ModuleFacts &facts() { return Session.Facts; }

  /// Whether \p Config leaves any decision in \p M to other than LLVM's
  /// heuristic, or wants to see them.
  static bool hasWork(const llvm::Module &M, const AdvisorConfig &Config);

private:
  std::unique_ptr<llvm::InlineAdvice>
  getAdviceImpl(llvm::CallBase &CB) override;
  std::unique_ptr<llvm::MLInlineAdvice>
  getAdviceFromModel(llvm::CallBase &CB,
                     llvm::OptimizationRemarkEmitter &ORE) override;
  std::unique_ptr<llvm::MLInlineAdvice>
  getMandatoryAdviceImpl(llvm::CallBase &CB) override;

  std::unique_ptr<llvm::InlineAdvice> followLlvm(llvm::CallBase &CB);
  std::unique_ptr<llvm::InlineAdvice> refuse(llvm::CallBase &CB);
  std::unique_ptr<llvm::MLInlineAdvice>
  trackedAdvice(llvm::CallBase &CB, bool Recommendation, Reason Why);

  bool isReachable(llvm::CallBase &CB);
  bool decide(llvm::CallBase &CB, Reason &Why);
  void fillOwnFeatures(llvm::CallBase &CB, const DefaultDecision &Default);
  FastirModelRunner &runner() {
    return static_cast<FastirModelRunner &>(*ModelRunner);
  }

  InlineSession Session;
};

} // namespace fastir

#endif // FASTIR_INLINE_FASTIRINLINEADVISOR_H
