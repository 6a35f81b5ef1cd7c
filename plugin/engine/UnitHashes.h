//===- UnitHashes.h - Which code is the same as before ----------*- C++ -*-===//
//
// A unit is what the linker keeps or drops together: a comdat, or a function
// outside of comdats.
//
//===----------------------------------------------------------------------===//

#ifndef FASTIR_ENGINE_UNITHASHES_H
#define FASTIR_ENGINE_UNITHASHES_H

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/IR/Module.h"

#include <cstdint>

namespace fastir {

/// By unit, a hash of all that the code of its functions depends on.
using UnitHashes = llvm::StringMap<uint64_t>;

/// Whether \p F is of a unit.
bool hasCode(const llvm::Function &F);

llvm::StringRef unitOf(const llvm::Function &F);

UnitHashes hashUnits(const llvm::Module &M);

/// The units of \p M that hash as in \p Known: their code would come out the
/// same. Without those that others of the module depend on.
llvm::StringSet<> unchangedUnits(const llvm::Module &M,
                                 const UnitHashes &Known);

/// Drops the bodies of functions in \p Units.
void dropBodies(llvm::Module &M, const llvm::StringSet<> &Units);

} // namespace fastir

#endif // FASTIR_ENGINE_UNITHASHES_H
