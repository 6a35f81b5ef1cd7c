//===- ObjectSizes.h - What an object file will weigh when linked -*- C++ -*-=//

#ifndef FASTIR_ENGINE_OBJECTSIZES_H
#define FASTIR_ENGINE_OBJECTSIZES_H

#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBufferRef.h"

#include <cstdint>
#include <string>
#include <vector>

namespace fastir {

/// Where bytes go in the linked file. The order is part of the C interface.
enum class SectionKind : uint8_t {
  Text,        ///< code
  ReadOnly,    ///< constants, strings, jump tables
  Data,        ///< what is written at run time or by relocation
  EhFrame,     ///< unwind entries: .eh_frame, ARM's .ARM.exidx
  ExceptTable, ///< language-specific data of exceptions
  Relocations, ///< dynamic relocations that the linker will have to emit
};

/// Bytes of one kind that the linker keeps or drops together.
struct SizePiece {
  std::string Comdat; ///< signature of the comdat group; empty outside of any
  std::string Symbol; ///< whose section it is, where each has its own
  SectionKind Kind;
  uint64_t Bytes;
};

/// A loadable section as it is in the object.
struct SectionSize {
  std::string Name;
  std::string Comdat; ///< empty outside of any group
  SectionKind Kind;
  uint64_t Bytes;
};

struct SymbolSize {
  std::string Name;
  SectionKind Kind;
  uint64_t Bytes;
  size_t Section;  ///< index into ObjectSizes::Sections
  uint64_t Offset; ///< in the section
};

struct ObjectSizes {
  std::vector<SizePiece> Pieces;     ///< sorted by comdat, symbol and kind
  std::vector<SectionSize> Sections; ///< in the object's order
  std::vector<SymbolSize> Symbols;   ///< in the object's order
};

/// The loadable bytes of \p Object. In little-endian ELF these are allocated
/// sections that take file space; for WebAssembly see engine/WasmSizes.h.
/// Entries of .eh_frame belong to the comdat of the function that they
/// describe. With \p BySymbol pieces outside of comdats are separated by the
/// function or object that they belong to, for objects where each has a section
/// of its own.
llvm::Expected<ObjectSizes> measureObject(llvm::MemoryBufferRef Object,
                                          bool BySymbol = false);

/// text, rodata, data, eh_frame, except_table or relocations.
llvm::StringRef sectionKindName(SectionKind Kind);
constexpr size_t SectionKindCount = 6;

} // namespace fastir

#endif // FASTIR_ENGINE_OBJECTSIZES_H
