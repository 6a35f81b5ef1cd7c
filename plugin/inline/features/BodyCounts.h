//===- BodyCounts.h - What the body of a function is made of ----*- C++ -*-===//

#ifndef FASTIR_INLINE_FEATURES_BODYCOUNTS_H
#define FASTIR_INLINE_FEATURES_BODYCOUNTS_H

#include "llvm/IR/Function.h"
#include "llvm/IR/Instruction.h"

#include <cstdint>

namespace fastir {

/// Whether \p U is a constant that is no address.
bool isLiteral(const llvm::Use &U);

/// Instructions of \p Block as llvm::FunctionPropertiesInfo counts them:
/// without those that produce no code in any case.
int64_t sizeOf(const llvm::BasicBlock &Block);

/// Counts over all blocks of a body, reached from its entry or not.
struct BodyCounts {
  int64_t Instructions = 0;
  int64_t Size = 0; ///< instructions that sizeOf() counts
  int64_t Loads = 0;
  int64_t Stores = 0;
  int64_t CallsOfDefined = 0; ///< direct calls of functions of the module
  int64_t Blocks = 0;
  int64_t Phis = 0;
  int64_t ConstantOperands = 0; ///< instructions that have one
  int64_t Calls = 0;
  int64_t Invokes = 0;
  int64_t MustTailCalls = 0;
  int64_t Allocas = 0;
  int64_t Returns = 0;

  /// Adds \p I, or takes it away where \p Sign is -1. Blocks are not counted.
  void add(const llvm::Instruction &I, int64_t Sign);

  friend bool operator==(const BodyCounts &A, const BodyCounts &B);
};

/// Uses of the arguments of \p F.
int64_t argumentUses(const llvm::Function &F);

} // namespace fastir

#endif // FASTIR_INLINE_FEATURES_BODYCOUNTS_H
