//===- CostKey.h - What the cost model sees of a call -----------*- C++ -*-===//
//
// Two calls of one callee that have the same key have the same cost, and the
// same threshold where no frequency counts: a key holds what
// llvm::getInlineCost reads of a call and its caller to compute them.
//
//===----------------------------------------------------------------------===//

#ifndef FASTIR_INLINE_COSTKEY_H
#define FASTIR_INLINE_COSTKEY_H

#include "llvm/ADT/SmallString.h"
#include "llvm/IR/InstrTypes.h"

#include <optional>

namespace fastir {

/// Which calls of one callee can have a key: for others, the cost model looks
/// further than a key says.
enum class KeyedCalls { None, WithoutGlobals, All };

/// Goes by the callee's body; to be asked again when that has changed.
KeyedCalls keyedCallsOf(const llvm::Function &Callee);

using CostKey = llvm::SmallString<128>;

/// None if the cost model sees of \p CB what a key does not hold. \p HasAllocas
/// says whether its callee has any.
std::optional<CostKey> costKeyOf(const llvm::CallBase &CB, KeyedCalls Keyed,
                                 bool HasAllocas);

} // namespace fastir

#endif // FASTIR_INLINE_COSTKEY_H
