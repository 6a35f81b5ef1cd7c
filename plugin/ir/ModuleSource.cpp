//===- ModuleSource.cpp - Where in a file the module is -------------------===//

#include "ir/ModuleSource.h"
#include "ir/ModuleReader.h"

#include "llvm/BinaryFormat/Magic.h"
#include "llvm/Object/ObjectFile.h"

using namespace llvm;
using namespace llvm::object;

namespace fastir {

namespace {

/// Files that people give in place of a module, by how they begin.
struct OtherFile {
  StringRef Magic;
  StringRef Is;
};

constexpr OtherFile OtherFiles[] = {
    {"!<arch>\n",
     "an archive; extract its members (llvm-ar-22 x) and give those"},
    {"!<thin>\n", "a thin archive; give the files that it names"},
    {"\x1f\x8b", "compressed with gzip; decompress it first"},
    {"\x28\xb5\x2f\xfd", "compressed with zstd; decompress it first"},
    {"\xfd"
     "7zXZ",
     "compressed with xz; decompress it first"},
    {"BZh", "compressed with bzip2; decompress it first"},
    {"\x04\x22\x4d\x18", "compressed with lz4; decompress it first"},
    {"PK\x03\x04", "a zip archive; extract its members and give those"},
    {"PAR1", "a Parquet file; llvm_tools.stream() reads those"},
    {"CPCH", "a precompiled header or module of clang"},
};

bool isObject(file_magic Magic) {
  switch (Magic) {
  case file_magic::elf:
  case file_magic::elf_relocatable:
  case file_magic::elf_executable:
  case file_magic::elf_shared_object:
  case file_magic::macho_object:
  case file_magic::macho_executable:
  case file_magic::macho_dynamically_linked_shared_lib:
  case file_magic::macho_bundle:
  case file_magic::coff_object:
  case file_magic::pecoff_executable:
  case file_magic::wasm_object:
    return true;
  default:
    return false;
  }
}

Expected<StringRef> findInObject(StringRef Source) {
  auto Object = ObjectFile::createObjectFile(MemoryBufferRef(Source, ""));
  if (!Object)
    return createStringError("it is an object file that cannot be read: " +
                             oneLine(toString(Object.takeError())));
  for (const SectionRef &Section : (*Object)->sections()) {
    Expected<StringRef> Name = Section.getName();
    if (!Name)
      return Name.takeError();
    // LLVM itself knows .llvm.lto and Mach-O's section, and .llvmbc no more.
    if (*Name != ".llvmbc" && !Section.isBitcode())
      continue;
    Expected<StringRef> Content = Section.getContents();
    if (!Content)
      return Content.takeError();
    // -fembed-bitcode=marker leaves a byte at most.
    if (Content->size() > 1)
      return *Content;
  }
  return createStringError(
      "it is an object file (" + (*Object)->getFileFormatName().lower() +
      ") without bitcode; give what clang writes with -emit-llvm, or compile "
      "with -fembed-bitcode=all or -ffat-lto-objects");
}

} // namespace

Expected<StringRef> findModule(StringRef Source) {
  if (Source.trim().empty())
    return createStringError("it is empty");
  for (const OtherFile &Other : OtherFiles)
    if (Source.starts_with(Other.Magic))
      return createStringError("it is " + Other.Is);
  const file_magic Magic = identify_magic(Source);
  if (Magic == file_magic::bitcode)
    return Source;
  if (isObject(Magic))
    return findInObject(Source);
  // No text holds a null, not even in a comment.
  if (Source.contains('\0'))
    return createStringError(
        "it is neither bitcode nor textual IR nor an object file");
  return Source;
}

} // namespace fastir
