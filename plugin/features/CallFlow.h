//===- CallFlow.h - How often a call is executed, roughly -------*- C++ -*-===//
//
// In place of analyses of loops, of branch probabilities and of dominators that
// a compile would not make.
//
//===----------------------------------------------------------------------===//

#ifndef FASTIR_FEATURES_CALLFLOW_H
#define FASTIR_FEATURES_CALLFLOW_H

#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/IR/Function.h"
#include "llvm/IR/InstrTypes.h"

#include <cstdint>

namespace fastir {

/// What is known of one direct call.
struct CallFlow {
  bool IsCyclic = false; ///< it can be executed again before a return
  /// It is executed only when an exception is on its way or will be, or when
  /// the program ends.
  bool IsExceptional = false;
  /// The fewest instructions that the callee executes before it returns without
  /// unwinding, a call counted as 20; 100 if that is more, or never.
  int64_t CalleeShortestPath = 0;
};

/// What walks over the control flow of functions have found.
class CallFlowCache {
public:
  enum class Path { Unasked, Asked };

  /// \p OfCallee says whether its shortest path is wanted too.
  CallFlow get(const llvm::CallBase &CB, Path OfCallee = Path::Asked);

  /// Whether there is a way to \p Block from its function's entry.
  bool isReachable(const llvm::BasicBlock &Block);

  /// The blocks of \p F have changed.
  void forget(const llvm::Function &F);
  void clear();

private:
  void lookAt(const llvm::Function &F);

  const llvm::Function *Of = nullptr; ///< the one whose blocks are known
  llvm::BitVector Reached;            ///< by number; empty: not asked for yet
  llvm::BitVector ReachedNormally;    ///< the same, without unwinding
  bool HasReturn = false;
  llvm::DenseMap<const llvm::Function *, int64_t> ShortestPaths;
};

} // namespace fastir

#endif // FASTIR_FEATURES_CALLFLOW_H
