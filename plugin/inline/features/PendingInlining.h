//===- PendingInlining.h - A call about to be inlined -----------*- C++ -*-===//

#ifndef FASTIR_INLINE_FEATURES_PENDINGINLINING_H
#define FASTIR_INLINE_FEATURES_PENDINGINLINING_H

#include "inline/features/ControlFlow.h"

#include "llvm/ADT/SetVector.h"
#include "llvm/IR/InstrTypes.h"

#include <cstdint>

namespace fastir {

/// What llvm::InlineFunction may change, as it was before: the call goes; new
/// instructions come in its place, at the start of the entry block, and where
/// an invoke unwinds to.
struct PendingInlining {
  explicit PendingInlining(llvm::CallBase &CB);

  /// Hands the instructions that have come to \p Visit.
  void
  forEachNew(llvm::function_ref<void(const llvm::Instruction &)> Visit) const;

  llvm::Function &Caller;
  llvm::Function &Callee;
  const llvm::Instruction *Call;
  const llvm::Instruction *Previous; ///< in the block; null if none
  const llvm::Instruction *Next;     ///< likewise
  const llvm::Instruction *EntryFirst;
  InlinedBlock Block;
  /// Instructions that stay, and may have other operands or neighbours.
  llvm::SmallSetVector<const llvm::Instruction *, 8> Touched;
  /// The result as it flows into phis that are not touched otherwise: these may
  /// have thousands of operands.
  struct PhiOperand {
    const llvm::PHINode *Phi;
    unsigned Number;
  };
  llvm::SmallVector<PhiOperand, 2> ResultInPhis;
  int64_t UnwindPhis; ///< phis of the unwind destination
  int64_t CallerSize = 0;
  int64_t CalleeSize = 0;
  bool IsPlain = false;   ///< nothing else can change
  bool IsCounted = false; ///< the account of growth sees it
};

} // namespace fastir

#endif // FASTIR_INLINE_FEATURES_PENDINGINLINING_H
