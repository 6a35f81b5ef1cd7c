//===- Stages.cpp - Between the stages of a compile -----------------------===//

#include "engine/Stages.h"

#include "llvm/Analysis/LoopInfo.h"
#include "llvm/IR/PassInstrumentation.h"

using namespace llvm;

namespace fastir {

namespace {

/// The pass that walks the call graph.
constexpr StringLiteral Walk = "ModuleInlinerWrapperPass";

/// The pass that does to one SCC all that the walk does to it.
constexpr StringLiteral Visit = "DevirtSCCRepeatedPass";

class LatePasses : public PassInfoMixin<LatePasses> {
public:
  explicit LatePasses(StageObserver &Observer) : Observer(Observer) {}

  PreservedAnalyses run(Module &M, ModuleAnalysisManager &AM) {
    Observer.beforeLatePasses(
        M, AM.getResult<FunctionAnalysisManagerModuleProxy>(M).getManager());
    return PreservedAnalyses::all();
  }

  static bool isRequired() { return true; }

private:
  StageObserver &Observer;
};

bool wantsPass(StageObserver &Observer, StringRef Pass, Any &IR) {
  if (!Observer.wantsPasses())
    return false;
  if (const auto **F = any_cast<const Function *>(&IR))
    return Observer.wantsPasses(**F);
  if (const auto **L = any_cast<const Loop *>(&IR))
    return Observer.wantsPasses(*(*L)->getHeader()->getParent());
  if (const auto **SCC = any_cast<const LazyCallGraph::SCC *>(&IR))
    return Pass != Visit || Observer.wantsPasses(**SCC);
  return true;
}

} // namespace

void observe(Pipeline &P, PassInstrumentationCallbacks &Callbacks, Module &M,
             StageObserver &Observer, bool IsLinked) {
  Callbacks.registerShouldRunOptionalPassCallback(
      [&](StringRef Pass, Any IR) { return wantsPass(Observer, Pass, IR); });
  Callbacks.registerBeforeNonSkippedPassCallback([&](StringRef Pass, Any) {
    if (Pass == Walk)
      Observer.beforeInlining(M);
  });
  Callbacks.registerAfterPassCallback(
      [&](StringRef Pass, Any, const PreservedAnalyses &) {
        if (Pass == Walk)
          Observer.afterInlining(M, P);
      });
  if (IsLinked)
    return;
  P.Builder.registerOptimizerEarlyEPCallback(
      [&](ModulePassManager &Manager, OptimizationLevel, ThinOrFullLTOPhase) {
        Manager.addPass(LatePasses(Observer));
      });
}

} // namespace fastir
