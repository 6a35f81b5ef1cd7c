//===- Stages.h - Between the stages of a compile ---------------*- C++ -*-===//

#ifndef FASTIR_ENGINE_STAGES_H
#define FASTIR_ENGINE_STAGES_H

#include "ir/Pipeline.h"

#include "llvm/Analysis/LazyCallGraph.h"

namespace fastir {

/// Looks on while a module is optimised, between the stages of that, and may
/// keep passes off what need not go through them.
class StageObserver {
public:
  virtual ~StageObserver() = default;

  /// Whether optional passes are to run.
  virtual bool wantsPasses() { return true; }
  /// Whether what is done to each SCC of the call graph, inlining and all the
  /// rest, is to be done to this one.
  virtual bool wantsPasses(const llvm::LazyCallGraph::SCC &) { return true; }
  /// Whether optional passes on single functions are to run on this one.
  virtual bool wantsPasses(const llvm::Function &) { return true; }

  /// Nothing has been inlined yet but what must be.
  virtual void beforeInlining(llvm::Module &) {}
  /// Each SCC of the call graph has had its turn.
  virtual void afterInlining(llvm::Module &, Pipeline &) {}
  /// From here on, passes look at the code of one function each, and at what
  /// others show, or remove what is not referred to.
  virtual void beforeLatePasses(llvm::Module &,
                                llvm::FunctionAnalysisManager &) {}
};

/// Has \p Observer look on while \p P runs. To be called before analyses are
/// registered, with the callbacks that \p P was made with; all must outlive it.
/// If a link comes after it (\p IsLinked), no passes are the last to look at
/// functions.
void observe(Pipeline &P, llvm::PassInstrumentationCallbacks &Callbacks,
             llvm::Module &M, StageObserver &Observer, bool IsLinked);

} // namespace fastir

#endif // FASTIR_ENGINE_STAGES_H
