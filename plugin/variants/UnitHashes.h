//===- UnitHashes.h - Which code is the same as before ----------*- C++ -*-===//
//
// A unit is what the linker keeps or drops together: a comdat, or a function
// outside of comdats.
//
//===----------------------------------------------------------------------===//

#ifndef FASTIR_VARIANTS_UNITHASHES_H
#define FASTIR_VARIANTS_UNITHASHES_H

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/IR/Module.h"

#include <cstdint>

namespace fastir {

using UnitHashes = llvm::StringMap<uint64_t>;

enum class HashOf {
  Code, ///< what code generation reads
  /// Also what is told by the functions and variables that it refers to, which
  /// passes go by.
  CodeAndSurroundings,
};

/// Whether \p F is of a unit.
bool hasCode(const llvm::Function &F);

llvm::StringRef unitOf(const llvm::Function &F);

UnitHashes hashUnits(const llvm::Module &M, HashOf What);

/// The units of \p M that hash as in \p Known, without those that others of the
/// module depend on.
llvm::StringSet<> unchangedUnits(const llvm::Module &M, const UnitHashes &Known,
                                 HashOf What);

/// Drops the bodies of functions in \p Units.
void dropBodies(llvm::Module &M, const llvm::StringSet<> &Units);

} // namespace fastir

#endif // FASTIR_VARIANTS_UNITHASHES_H
