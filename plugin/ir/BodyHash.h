//===- BodyHash.h - What stays of a function as numbers change --*- C++ -*-===//

#ifndef FASTIR_IR_BODYHASH_H
#define FASTIR_IR_BODYHASH_H

#include "llvm/IR/Function.h"

#include <cstdint>

namespace fastir {

/// A hash of \p F's instructions and what they refer to, but for names of
/// values, debug information, integers and addresses within variables: with
/// these, a line number or the layout of a structure would be part of it.
uint64_t bodyHash(const llvm::Function &F);

} // namespace fastir

#endif // FASTIR_IR_BODYHASH_H
