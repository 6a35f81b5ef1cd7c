//===- ModuleName.cpp - What a module is called across compiles -----------===//

#include "trace/ModuleName.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SHA256.h"

using namespace llvm;

namespace fastir {

std::string moduleName(const Module &M, StringRef Bitcode) {
  const std::string Hash =
      toHex(SHA256::hash(arrayRefFromStringRef(Bitcode)), /*LowerCase=*/true);
  return (sys::path::filename(M.getSourceFileName()) + "-" +
          StringRef(Hash).take_front(16))
      .str();
}

} // namespace fastir
