//===- ModuleFacts.h - A module while calls are inlined in it ---*- C++ -*-===//
//
// What features and the account of growth are computed from: counts of bodies,
// control flow, who calls whom. All of it is kept up to date as calls are
// inlined, in time that depends on what is inlined and not on the size of the
// module. Passes other than inlining change the functions of one SCC between
// two visits of the inliner; these are counted anew.
//
//===----------------------------------------------------------------------===//

#ifndef FASTIR_INLINE_FEATURES_MODULEFACTS_H
#define FASTIR_INLINE_FEATURES_MODULEFACTS_H

#include "inline/features/BodyCounts.h"
#include "inline/features/CallCensus.h"
#include "inline/features/ControlFlow.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/Analysis/LazyCallGraph.h"
#include "llvm/IR/InstrTypes.h"
#include "llvm/IR/ValueHandle.h"

#include <memory>
#include <optional>
#include <string>

namespace fastir {

/// What is known of one direct call in a block that is reached.
struct CallFlow {
  bool IsCyclic = false; ///< it can be executed again before a return
  /// It is executed only when an exception is on its way or will be, or when
  /// the program ends.
  bool IsExceptional = false;
  /// See shortestPath().
  int64_t CalleeShortestPath = 0;
};

/// A call as it was when its inlining was advised.
struct PendingInlining;

class ModuleFacts {
public:
  explicit ModuleFacts(llvm::Module &M);
  ~ModuleFacts();

  const BodyCounts &bodyOf(const llvm::Function &F);
  int64_t argumentUsesOf(const llvm::Function &F);
  CalleeUses usesOf(const llvm::Function &Callee, const llvm::Function &Caller);
  CallFlow flowOf(const llvm::CallBase &CB);
  bool isReachable(const llvm::BasicBlock &Block);

  /// A number that is another once the body of \p F may have changed.
  uint64_t versionOf(const llvm::Function &F);

  /// See reachedSize().
  int64_t sizeOf(const llvm::Function &F);

  /// Of all functions that the module defines.
  int64_t size();

  /// The inliner visits \p SCC; null for all functions at once.
  void enter(llvm::LazyCallGraph::SCC *SCC);

  /// \p CB is about to be inlined. One of the two below has to follow before
  /// anything else is asked.
  std::unique_ptr<PendingInlining> expectInlining(llvm::CallBase &CB);
  /// Returns the instructions by which the module has grown, as
  /// llvm::MLInlineAdvisor counts them.
  int64_t recordInlining(const PendingInlining &Pending, bool CalleeWasDeleted);
  void recordFailure(const PendingInlining &Pending);

  /// What of \p F is not as a count from scratch has it; empty if all is.
  std::string verify(const llvm::Function &F);

private:
  struct FunctionFacts {
    BodyCounts Body;
    std::optional<ControlFlow> Flow;
    std::optional<int64_t> ArgumentUses;
    std::optional<int64_t> ShortestPath;
    std::optional<int64_t> Size; ///< reachedSize(), where there is no Flow
    uint64_t Version = 0;
    /// Of the phis that took in results, those that have a constant operand.
    llvm::SmallPtrSet<const llvm::PHINode *, 4> PhisWithConstants;
  };
  /// A function that other passes may change or delete.
  struct Visited {
    explicit Visited(llvm::Function &F) : Address(&F), Handle(&F) {}
    const llvm::Function *Address;
    llvm::WeakVH Handle;
  };

  FunctionFacts &factsOf(const llvm::Function &F);
  ControlFlow &controlFlowOf(const llvm::Function &F);
  void count(const llvm::Instruction &I, FunctionFacts &Facts, int64_t Sign);
  void countResults(const PendingInlining &Pending, FunctionFacts &Facts);
  FunctionFacts &countAnew(const llvm::Function &F);
  void forget(const llvm::Function *F);
  void recount(const llvm::Function &F);
  void discover(const llvm::Function &F);
  void recordBody(const PendingInlining &Pending);

  llvm::Module &M;
  std::optional<CallCensus> Census;
  llvm::DenseMap<const llvm::Function *, std::unique_ptr<FunctionFacts>> Known;
  llvm::SmallVector<Visited, 4> LastVisited;
  bool MayBeSplit = false; ///< a coroutine was visited last
  uint64_t LastVersion = 0;
};

} // namespace fastir

#endif // FASTIR_INLINE_FEATURES_MODULEFACTS_H
