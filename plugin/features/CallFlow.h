//===- BlockFlow.h - How often blocks are executed, roughly -----*- C++ -*-===//
//
// What analyses of loops and of branch probabilities tell, without one that a
// compile would not make.
//
//===----------------------------------------------------------------------===//

#ifndef FASTIR_FEATURES_BLOCKFLOW_H
#define FASTIR_FEATURES_BLOCKFLOW_H

#include "llvm/ADT/BitVector.h"
#include "llvm/IR/Function.h"

namespace fastir {

/// What is known of one block.
struct BlockFlow {
  bool IsCyclic = false; ///< it can be executed again before a return
  /// It is executed only when an exception is on its way or will be, or when
  /// the program ends.
  bool IsExceptional = false;
};

/// BlockFlow of blocks, mostly of one function at a time.
class BlockFlowCache {
public:
  BlockFlow get(const llvm::BasicBlock &Block);

  /// The function's blocks have changed.
  void forget() { Of = nullptr; }

private:
  const llvm::Function *Of = nullptr;
  llvm::BitVector Normal; ///< by number: reached from the entry, none unwinding
};

} // namespace fastir

#endif // FASTIR_FEATURES_BLOCKFLOW_H
