//===- CompiledTrees.cpp - Trees that are part of the program -------------===//

#include "model/CompiledTrees.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/xxhash.h"

#include <array>
#include <cmath>

using namespace llvm;

namespace fastir {

namespace {

struct CompiledTrees {
  uint64_t High, Low; ///< of the file's XXH3 hash of 128 bits
  size_t Size;        ///< of the file
  TreeEnsemble Trees;
};

} // namespace

// Defines Compiled, an array; written by WriteTrees.cpp.
#include "CompiledTrees.inc"

const TreeEnsemble *findCompiledTrees(StringRef Bytes) {
  if (none_of(Compiled, [&](const CompiledTrees &Each) {
        return Each.Size == Bytes.size();
      }))
    return nullptr;
  const XXH128_hash_t Hash = xxh3_128bits(arrayRefFromStringRef(Bytes));
  for (const CompiledTrees &Each : Compiled)
    if (Each.High == Hash.high64 && Each.Low == Hash.low64)
      return &Each.Trees;
  return nullptr;
}

} // namespace fastir
