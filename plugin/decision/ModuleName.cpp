//===- ModuleName.cpp - What a module is called across compiles -----------===//

#include "decision/ModuleName.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SHA256.h"

using namespace llvm;

namespace fastir {

/// Of a source's name. File systems take 255 bytes (Linux, NAME_MAX); what is
/// left is for the hash, suffixes such as ".fastirlog", those of temporary
/// files (19 bytes in LLVM), and what callers put around a module's name.
static constexpr size_t MostBytes = 128;

std::string nameWithHash(StringRef Path, StringRef Hash) {
  std::string Name = json::fixUTF8(sys::path::filename(Path));
  for (char &C : Name)
    if (static_cast<unsigned char>(C) < 0x20 || C == 0x7f)
      C = '_';
  if (Name.size() > MostBytes) {
    size_t End = MostBytes;
    // Not within a character: bytes that continue one are 10xxxxxx.
    while ((Name[End] & 0xc0) == 0x80)
      --End;
    Name.resize(End);
  }
  return Name + "-" + Hash.str();
}

std::string moduleName(const Module &M, StringRef Bitcode) {
  const std::string Hash =
      toHex(SHA256::hash(arrayRefFromStringRef(Bitcode)), /*LowerCase=*/true);
  return nameWithHash(M.getSourceFileName(), StringRef(Hash).take_front(16));
}

} // namespace fastir
