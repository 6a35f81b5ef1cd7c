//===- UnitHashes.h - Which code is the same as before ----------*- C++ -*-===//
//
// A unit is what the linker keeps or drops together: a comdat, or a function
// outside of comdats.
//
//===----------------------------------------------------------------------===//

#ifndef FASTIR_ENGINE_UNITHASHES_H
#define FASTIR_ENGINE_UNITHASHES_H

#include "llvm/ADT/StringMap.h"
#include "llvm/IR/Module.h"

#include <cstdint>
#include <string>
#include <vector>

namespace fastir {

/// By unit, a hash of all that the code of its functions depends on.
using UnitHashes = llvm::StringMap<uint64_t>;

UnitHashes hashUnits(const llvm::Module &M);

/// Drops the bodies of functions in units that hash as in \p Known: their code
/// would come out the same. Returns those units, sorted.
std::vector<std::string> dropUnchanged(llvm::Module &M,
                                       const UnitHashes &Known);

} // namespace fastir

#endif // FASTIR_ENGINE_UNITHASHES_H
