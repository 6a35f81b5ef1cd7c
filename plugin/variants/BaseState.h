//===- BaseState.h - What a compile keeps for its variants ------*- C++ -*-===//

#ifndef FASTIR_VARIANTS_BASESTATE_H
#define FASTIR_VARIANTS_BASESTATE_H

#include "engine/Stages.h"
#include "ir/ModuleReader.h"
#include "variants/UnitHashes.h"

#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

#include <memory>
#include <string>
#include <vector>

namespace fastir {

/// The state of a compile between its stages, for variants of it: what comes
/// out the same in them need not be done again.
struct BaseState {
  /// Of Inlined; variants are compiled in it too.
  std::shared_ptr<QuietContext> Context;

  /// The module after inlining, without what variables and aliases refer to.
  /// Null if nothing can be taken from there.
  std::unique_ptr<llvm::Module> Inlined;
  /// Variables of Inlined that came up while calls were inlined: strings that
  /// calls of library functions are simplified to.
  llvm::SmallPtrSet<const llvm::GlobalValue *, 8> Added;
  /// Functions of Inlined whose bodies other modules can take over.
  llvm::StringSet<> Portable;
  /// Instructions before inlining, and what inlining added to each caller, as
  /// ModuleGrowth counts them; shrinking aside.
  int64_t Instructions = 0;
  llvm::StringMap<int64_t> Growth;

  /// Whether a module that grew by so much is left to LLVM's own decisions.
  bool isTooMuch(int64_t Growth) const;

  /// The code of each unit before late passes.
  UnitHashes Early;
  /// By function, what its code refers to after late passes, of what the module
  /// defines. Functions for which late passes make something new are left out.
  llvm::StringMap<std::vector<std::string>> References;

  /// The code of each unit at last.
  UnitHashes Final;
};

/// Fills a BaseState along a compile.
class BaseStateRecorder : public StageObserver {
public:
  BaseStateRecorder(BaseState &State, llvm::OptimizationLevel Level)
      : State(State), Level(Level) {}

  void beforeInlining(llvm::Module &M) override;
  void afterInlining(llvm::Module &M, Pipeline &P) override;
  void beforeLatePasses(llvm::Module &M,
                        llvm::FunctionAnalysisManager &FAM) override;
  /// To be called when \p M is optimised.
  void finish(llvm::Module &M);

private:
  BaseState &State;
  const llvm::OptimizationLevel Level;
  llvm::StringSet<> Original; ///< globals before inlining
  llvm::StringSet<> Early;    ///< globals before late passes
};

} // namespace fastir

#endif // FASTIR_VARIANTS_BASESTATE_H
