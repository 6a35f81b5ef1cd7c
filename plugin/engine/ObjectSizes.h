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
  EhFrame,     ///< unwind entries
  ExceptTable, ///< language-specific data of exceptions
  Relocations, ///< dynamic relocations that the linker will have to emit
};

/// Bytes of one kind that the linker keeps or drops together.
struct SizePiece {
  std::string Comdat; ///< signature of the comdat group; empty outside of any
  SectionKind Kind;
  uint64_t Bytes;
};

struct SymbolSize {
  std::string Name;
  SectionKind Kind;
  uint64_t Bytes;
};

struct ObjectSizes {
  std::vector<SizePiece> Pieces;   ///< sorted by comdat and kind
  std::vector<SymbolSize> Symbols; ///< in the object's order
};

/// The loadable bytes of the 64-bit little-endian ELF object \p Object:
/// allocated sections that take file space. Entries of .eh_frame belong to the
/// comdat of the function that they describe.
llvm::Expected<ObjectSizes> measureObject(llvm::MemoryBufferRef Object);

} // namespace fastir

#endif // FASTIR_ENGINE_OBJECTSIZES_H
