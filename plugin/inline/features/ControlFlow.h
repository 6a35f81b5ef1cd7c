//===- ControlFlow.h - What leads to a block, and where it leads -*- C++ -*-==//
//
// In place of analyses of loops, of branch probabilities and of dominators that
// a compile would not make. A caller's facts are computed once and then updated
// by each call that is inlined in it, in time that depends on what was inlined
// and not on the caller.
//
//===----------------------------------------------------------------------===//

#ifndef FASTIR_INLINE_FEATURES_CONTROLFLOW_H
#define FASTIR_INLINE_FEATURES_CONTROLFLOW_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/IR/Function.h"

#include <cstdint>
#include <vector>

namespace fastir {

/// Whether \p Block ends in a return.
bool returns(const llvm::BasicBlock &Block);

/// Where the invoke at the end of \p Block unwinds to; null if there is none.
const llvm::BasicBlock *unwindDestOf(const llvm::BasicBlock &Block);

/// Instructions of \p F in blocks that are reached from its entry, as
/// llvm::FunctionPropertiesInfo counts them.
int64_t reachedSize(const llvm::Function &F);

struct BlockFacts {
  bool IsReached = false;         ///< from the function's entry
  bool IsReachedNormally = false; ///< the same, without unwinding
  bool CanReturn = false;         ///< a return can be reached from here
  /// The same for blocks that can reach one another; 0 if the block cannot be
  /// executed again.
  unsigned Cycle = 0;
};

/// Where a call was before it was inlined.
struct InlinedBlock {
  const llvm::BasicBlock *CallBlock = nullptr;
  /// The end of the block, which goes where what follows the call goes; null if
  /// the call was an invoke.
  const llvm::Instruction *Terminator = nullptr;
  const llvm::BasicBlock *NormalDest = nullptr; ///< of an invoke
  const llvm::BasicBlock *UnwindDest = nullptr; ///< likewise
  unsigned FirstNewNumber = 0; ///< blocks of this number and above are new
};

/// The new blocks of the function of \p Inlined: first those that come after
/// its block, then those behind its unwind destination, which are the rest of
/// that where it was split. \p Visit also says which.
enum class NewBlock { Inlined, UnwindRest };
void forEachNewBlock(
    const InlinedBlock &Inlined,
    llvm::function_ref<void(const llvm::BasicBlock &, NewBlock)> Visit);

class ControlFlow {
public:
  explicit ControlFlow(const llvm::Function &F);

  BlockFacts get(const llvm::BasicBlock &Block) const;

  /// Instructions in blocks that are not reached, as sizeOf() counts them.
  int64_t unreachedSize() const { return UnreachedSize; }

  /// Updates the facts after a call was inlined; returns false if they have to
  /// be computed anew.
  [[nodiscard]] bool update(const InlinedBlock &Inlined);

  /// Whether both say the same of all blocks that are reached.
  bool agreesWith(const ControlFlow &Other) const;

private:
  BlockFacts &at(const llvm::BasicBlock &Block);
  void reachNormally();
  bool updateAround(const InlinedBlock &Inlined, const BlockFacts &Before);
  bool removeEdges(const llvm::BasicBlock &From, const BlockFacts &Before,
                   llvm::ArrayRef<const llvm::BasicBlock *> To,
                   bool ReturnsOtherwise);
  bool removeNormalEdges(llvm::ArrayRef<const llvm::BasicBlock *> To);
  bool lowerCanReturn(const llvm::BasicBlock &Block);
  friend class InlinedRegion;

  const llvm::Function *F;
  unsigned Epoch;
  unsigned LastCycle = 0;
  int64_t UnreachedSize = 0;
  std::vector<BlockFacts> Facts; ///< by block number
};

} // namespace fastir

#endif // FASTIR_INLINE_FEATURES_CONTROLFLOW_H
