//===- WasmSizes.cpp - What a WebAssembly object will weigh ---------------===//

#include "engine/WasmSizes.h"

#include <map>
#include <tuple>

using namespace llvm;
using namespace llvm::object;

namespace fastir {

static SectionKind segmentKind(StringRef Name) {
  if (Name.starts_with(".gcc_except_table") ||
      Name.starts_with(".rodata.gcc_except_table"))
    return SectionKind::ExceptTable;
  return Name.starts_with(".rodata") ? SectionKind::ReadOnly
                                     : SectionKind::Data;
}

/// Linkers leave out zeros, which memory begins with.
static bool takesSpace(const WasmSegment &Segment) {
  return !Segment.Data.Name.starts_with(".bss") &&
         !Segment.Data.Name.starts_with(".tbss");
}

ObjectSizes measureWasm(const WasmObjectFile &Object, bool BySymbol) {
  ObjectSizes Result;
  std::map<std::tuple<std::string, std::string, SectionKind>, uint64_t> Pieces;
  auto Add = [&](std::string Name, uint32_t Comdat, StringRef Owner,
                 SectionKind Kind, uint64_t Bytes) {
    std::string Group;
    if (Comdat != UINT32_MAX)
      Group = Object.linkingData().Comdats[Comdat].str();
    if (Bytes)
      Pieces[{Group, BySymbol ? Owner.str() : "", Kind}] += Bytes;
    Result.Sections.push_back({std::move(Name), std::move(Group), Kind, Bytes});
  };

  for (const wasm::WasmFunction &F : Object.functions())
    Add((".text." + F.SymbolName).str(), F.Comdat, F.SymbolName,
        SectionKind::Text, F.Size);

  std::vector<StringRef> Owners(Object.dataSegments().size());
  for (const SymbolRef Reference : Object.symbols()) {
    const WasmSymbol &Symbol = Object.getWasmSymbol(Reference);
    if (Symbol.isTypeData() && Symbol.isDefined())
      Owners[Symbol.Info.DataRef.Segment] = Symbol.Info.Name;
  }
  std::vector<size_t> SectionOf(Owners.size());
  for (const auto &[Index, Segment] : enumerate(Object.dataSegments())) {
    if (!takesSpace(Segment))
      continue;
    SectionOf[Index] = Result.Sections.size();
    const bool IsMerged =
        Segment.Data.LinkingFlags & wasm::WASM_SEG_FLAG_STRINGS;
    Add(Segment.Data.Name.str(), Segment.Data.Comdat,
        IsMerged ? StringRef() : Owners[Index], segmentKind(Segment.Data.Name),
        Segment.Data.Content.size());
  }

  for (const SymbolRef Reference : Object.symbols()) {
    const WasmSymbol &Symbol = Object.getWasmSymbol(Reference);
    if (Symbol.isUndefined())
      continue;
    if (Symbol.isTypeFunction()) {
      const size_t Index =
          Symbol.Info.ElementIndex - Object.getNumImportedFunctions();
      Result.Symbols.push_back({Symbol.Info.Name.str(), SectionKind::Text,
                                Object.functions()[Index].Size, Index,
                                /*Offset=*/0});
    } else if (Symbol.isTypeData()) {
      const wasm::WasmDataReference &Where = Symbol.Info.DataRef;
      if (!takesSpace(Object.dataSegments()[Where.Segment]))
        continue;
      const size_t Index = SectionOf[Where.Segment];
      Result.Symbols.push_back({Symbol.Info.Name.str(),
                                Result.Sections[Index].Kind, Where.Size, Index,
                                Where.Offset});
    }
  }
  for (const auto &[Key, Bytes] : Pieces)
    Result.Pieces.push_back(
        {std::get<0>(Key), std::get<1>(Key), std::get<2>(Key), Bytes});
  return Result;
}

} // namespace fastir
