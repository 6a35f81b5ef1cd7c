//===- Reuse.h - What a variant takes over from its base --------*- C++ -*-===//
//
// A variant of a compile decides otherwise on a few calls. Most functions come
// out as they did in the base: their bodies after inlining are taken from
// there, and once late passes are all that is left to do to them, nothing is
// done any more.
//
//===----------------------------------------------------------------------===//

#ifndef FASTIR_VARIANTS_REUSE_H
#define FASTIR_VARIANTS_REUSE_H

#include "variants/BaseState.h"
#include "variants/Variants.h"

#include "llvm/ADT/SmallPtrSet.h"

#include <functional>
#include <optional>

namespace fastir {

/// Functions that turn out to be missing among those that are compiled anew.
struct Missing {
  std::vector<std::string> Changed; ///< may come out otherwise
  std::vector<std::string> Needed;  ///< by what may change
  /// Whether these would help.
  bool IsKnown = true;
};

/// Who calls whom in a compile, going by its decisions.
class DecidedCalls {
public:
  DecidedCalls(llvm::ArrayRef<RecordedDecision> Decisions,
               const BaseState &Base);

  /// The functions that have to be compiled anew to know what \p V comes to:
  /// those that it may change, and what is inlined into them.
  llvm::StringSet<> affectedBy(const Variant &V, const Missing &More) const;

private:
  using Edges = llvm::StringMap<llvm::SmallVector<llvm::StringRef, 4>>;
  /// Adds to \p Names all that is reached \p From them.
  static void follow(const Edges &From, llvm::StringSet<> &Names);

  Edges Callees;        ///< by caller
  Edges InlinedCallees; ///< by caller
  Edges InlinedInto;    ///< by callee
  /// Functions that cannot be taken over from the base.
  llvm::SmallVector<llvm::StringRef, 4> Own;
};

/// Looks on while a base compile is done again, and from some point on a
/// variant of it.
class Reuse : public StageObserver {
public:
  /// \p GiveUp is called when it turns out that the variant cannot be compiled
  /// in this way, with what would help, if that is known; it must not return.
  Reuse(const BaseState &Base, llvm::Module &M, Policy Who,
        std::function<void(const Missing &)> GiveUp)
      : Base(Base), M(M), Who(Who), GiveUp(std::move(GiveUp)) {}

  /// Nothing more is wanted.
  void stop() { IsOver = true; }

  /// From now on this is a variant that changes nothing but \p Functions and
  /// what they are inlined into; without, one that may change anything.
  void beginVariant(std::optional<llvm::StringSet<>> Functions);

  /// A decision is to be taken, with advice from the base; nothing
  /// if there is none.
  void onAsked(llvm::StringRef Callee, std::optional<bool> Advice);

  void onInlined(llvm::StringRef Caller, llvm::StringRef Callee,
                 int64_t Instructions);

  bool wantsPasses() override { return !IsOver; }
  bool wantsPasses(const llvm::LazyCallGraph::SCC &SCC) override;
  bool wantsPasses(const llvm::Function &F) override { return !isSettled(F); }
  void afterInlining(llvm::Module &M, Pipeline &P) override;
  void beforeLatePasses(llvm::Module &M,
                        llvm::FunctionAnalysisManager &FAM) override;

  /// Whether \p F is as in the base: what is left of its body stands for what
  /// it refers to.
  bool isSettled(const llvm::Function &F) const { return Settled.contains(&F); }

  /// As CompileResult has it.
  const std::vector<std::string> &attributesChanged() const {
    return AttributesChanged;
  }
  uint64_t reused() const { return Reused; }

private:
  bool isFrozen(const llvm::Function *F) const { return Frozen.contains(F); }
  bool canFreeze(const llvm::Function &F) const;
  std::vector<std::string> frozenUsers(const llvm::Function &F) const;
  void checkVariables() const;
  void checkAttributes();
  void checkGrowth() const;
  void restoreBodies(llvm::FunctionAnalysisManager &FAM);
  void emptyUnused(llvm::FunctionAnalysisManager &FAM);
  void takeOverReferences();
  bool canSettle(const llvm::Function &F) const;
  void stubOut(llvm::Function &F);

  const BaseState &Base;
  llvm::Module &M;
  const Policy Who;
  const std::function<void(const Missing &)> GiveUp;
  bool IsOver = false;
  bool HasDeparted = false;
  /// What the variant may change; nothing if all of it.
  std::optional<llvm::StringSet<>> Affected;
  /// Functions that nothing was done to; their bodies are the base's.
  llvm::SmallPtrSet<const llvm::Function *, 32> Frozen;
  llvm::StringMap<int64_t> Growth;
  llvm::SmallPtrSet<const llvm::Function *, 32> Settled;
  std::vector<std::string> AttributesChanged;
  uint64_t Reused = 0;
};

} // namespace fastir

#endif // FASTIR_VARIANTS_REUSE_H
