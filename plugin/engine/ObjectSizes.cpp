//===- ObjectSizes.cpp - What an object file will weigh when linked -------===//

#include "engine/ObjectSizes.h"
#include "engine/WasmSizes.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/BinaryFormat/ELF.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/Endian.h"

#include <cinttypes>
#include <map>
#include <tuple>

using namespace llvm;
using namespace llvm::object;

namespace fastir {

namespace {

constexpr StringLiteral EhFrameName = ".eh_frame";

template <class Elf> class Measurer {
public:
  Measurer(const ELFObjectFile<Elf> &Object, bool BySymbol)
      : Object(Object), File(Object.getELFFile()), BySymbol(BySymbol) {}

  Expected<ObjectSizes> measure();

private:
  using Section = typename Elf::Shdr;

  Error readGroups();
  Error readOwners();
  Error measureSection(const Section &S);
  Error measureEhFrame(const Section &S, ArrayRef<uint8_t> Bytes);
  void measureRelocations(const Section &Relocations);
  Error readSections(ObjectSizes &Sizes);
  Error readSymbols(ObjectSizes &Sizes);
  Expected<DenseMap<uint64_t, const Section *>>
  functionsOfFdes(const Section &EhFrame);

  size_t indexOf(const Section &S) const { return &S - &Sections[0]; }
  Expected<SectionKind> kindOf(const Section &S) const;
  void add(size_t Section, SectionKind Kind, uint64_t Bytes) {
    if (Bytes)
      Pieces[{ComdatOf[Section].str(), OwnerOf[Section].str(), Kind}] += Bytes;
  }

  const ELFObjectFile<Elf> &Object;
  const ELFFile<Elf> &File;
  const bool BySymbol;
  ArrayRef<Section> Sections;
  std::vector<StringRef> ComdatOf; ///< by section index; empty for none
  std::vector<StringRef> OwnerOf;  ///< likewise: the one symbol of a section
  DenseMap<uint64_t, size_t> LoadableIndex; ///< into ObjectSizes::Sections
  std::map<std::tuple<std::string, std::string, SectionKind>, uint64_t> Pieces;
};

template <class Section> bool isLoadable(const Section &S) {
  return (S.sh_flags & ELF::SHF_ALLOC) && S.sh_type != ELF::SHT_NOBITS;
}

template <class Section> bool isRelocations(const Section &S) {
  return S.sh_type == ELF::SHT_RELA || S.sh_type == ELF::SHT_REL;
}

template <class Elf>
Expected<SectionKind> Measurer<Elf>::kindOf(const Section &S) const {
  Expected<StringRef> Name = File.getSectionName(S);
  if (!Name)
    return Name.takeError();
  if (*Name == EhFrameName || Name->starts_with(".ARM.exidx"))
    return SectionKind::EhFrame;
  if (Name->starts_with(".gcc_except_table") || Name->starts_with(".ARM.extab"))
    return SectionKind::ExceptTable;
  if (S.sh_flags & ELF::SHF_EXECINSTR)
    return SectionKind::Text;
  if (S.sh_flags & ELF::SHF_WRITE)
    return SectionKind::Data;
  return SectionKind::ReadOnly;
}

template <class Elf> Error Measurer<Elf>::readGroups() {
  ComdatOf.resize(Sections.size());
  for (const Section &S : Sections) {
    if (S.sh_type != ELF::SHT_GROUP)
      continue;
    auto Members =
        File.template getSectionContentsAsArray<typename Elf::Word>(S);
    if (!Members)
      return Members.takeError();
    auto SymbolTable = File.getSection(S.sh_link);
    if (!SymbolTable)
      return SymbolTable.takeError();
    auto Symbol = File.getSymbol(*SymbolTable, S.sh_info);
    if (!Symbol)
      return Symbol.takeError();
    auto Strings = File.getStringTableForSymtab(**SymbolTable, Sections);
    if (!Strings)
      return Strings.takeError();
    auto Name = (*Symbol)->getName(*Strings);
    if (!Name)
      return Name.takeError();
    // The first word is a flag: only GRP_COMDAT groups are merged.
    if (Members->empty() || !((*Members)[0] & ELF::GRP_COMDAT))
      continue;
    for (typename Elf::Word Member : Members->drop_front())
      if (Member < ComdatOf.size())
        ComdatOf[Member] = *Name;
  }
  return Error::success();
}

/// A section that LLVM made for one symbol ends in its name: .text.f, .rodata.f
/// for its jump tables, .gcc_except_table.f. Sections of constants that the
/// linker merges belong to no symbol.
template <class Elf> Error Measurer<Elf>::readOwners() {
  StringSet<> Symbols;
  for (const ELFSymbolRef Symbol : Object.symbols()) {
    auto Name = Symbol.getName();
    if (!Name)
      return Name.takeError();
    if (!Name->empty() && Symbol.getELFType() != ELF::STT_SECTION)
      Symbols.insert(*Name);
  }
  for (const Section &S : Sections) {
    auto Name = File.getSectionName(S);
    if (!Name)
      return Name.takeError();
    if ((S.sh_flags & ELF::SHF_MERGE) || !isLoadable(S))
      continue;
    // The longest suffix after a dot that names a symbol.
    for (size_t Dot = Name->find('.', 1); Dot != StringRef::npos;
         Dot = Name->find('.', Dot + 1)) {
      auto Found = Symbols.find(Name->drop_front(Dot + 1));
      if (Found == Symbols.end())
        continue;
      OwnerOf[indexOf(S)] = Name->drop_front(Dot + 1);
      break;
    }
  }
  return Error::success();
}

/// For each relocated offset of .eh_frame the section that it points into.
template <class Elf>
Expected<DenseMap<uint64_t, const typename Elf::Shdr *>>
Measurer<Elf>::functionsOfFdes(const Section &EhFrame) {
  DenseMap<uint64_t, const Section *> Result;
  auto Read = [&](auto Relocations, const Section *SymbolTable) -> Error {
    if (!Relocations)
      return Relocations.takeError();
    for (const typename Elf::Rel &R : *Relocations) {
      auto Symbol = File.getRelocationSymbol(R, SymbolTable);
      if (!Symbol)
        return Symbol.takeError();
      if (*Symbol && (*Symbol)->st_shndx < Sections.size())
        Result[R.r_offset] = &Sections[(*Symbol)->st_shndx];
    }
    return Error::success();
  };
  for (const Section &S : Sections) {
    if (!isRelocations(S) || S.sh_info != indexOf(EhFrame))
      continue;
    auto SymbolTable = File.getSection(S.sh_link);
    if (!SymbolTable)
      return SymbolTable.takeError();
    if (Error E = S.sh_type == ELF::SHT_REL ? Read(File.rels(S), *SymbolTable)
                                            : Read(File.relas(S), *SymbolTable))
      return E;
  }
  return Result;
}

/// Linkers round each entry up to the size of an address. The last entry of an
/// object may be padded with a word of no-ops, which is not its function's; in
/// any other, zeros at the end are its own.
static uint64_t linkedFdeBytes(ArrayRef<uint8_t> Entry, bool IsLast,
                               size_t AddressBytes) {
  // Length, CIE pointer, address, range, then the length of what the CIE's
  // augmentation asks for: a byte, as it is small.
  constexpr size_t AugmentationOffset = 16, Word = 4;
  if (Entry.size() <= AugmentationOffset)
    return Entry.size();
  const size_t Needed = AugmentationOffset + 1 + Entry[AugmentationOffset];
  const bool IsPadded = IsLast && Entry.size() >= Needed + Word &&
                        all_of(Entry.take_back(Word), [](uint8_t Byte) {
                          return Byte == 0; // DW_CFA_nop
                        });
  return alignTo(Entry.size() - (IsPadded ? Word : 0), AddressBytes);
}

/// The size of the entry of .eh_frame that begins at \p At; 0 for the end. What
/// lld refuses is an error in its words, lest bytes be left out in silence.
static Expected<uint64_t> entrySize(ArrayRef<uint8_t> Bytes, uint64_t At) {
  constexpr uint64_t LengthBytes = 4, IdBytes = 4;
  auto Corrupted = [&](const char *Why) {
    return createStringError("corrupted .eh_frame: %s, at 0x%" PRIx64, Why, At);
  };
  if (At == Bytes.size())
    return 0;
  if (Bytes.size() - At < LengthBytes)
    return Corrupted("CIE/FDE too small");
  const uint64_t Length = support::endian::read32le(&Bytes[At]);
  if (Length == 0)
    return 0;
  if (Length == UINT32_MAX) // 64-bit DWARF
    return Corrupted("CIE/FDE too large");
  if (Length < IdBytes)
    return Corrupted("CIE/FDE too small");
  if (Length + LengthBytes > Bytes.size() - At)
    return Corrupted("CIE/FDE ends past the end of the section");
  return Length + LengthBytes;
}

template <class Elf>
Error Measurer<Elf>::measureEhFrame(const Section &S, ArrayRef<uint8_t> Bytes) {
  auto Functions = functionsOfFdes(S);
  if (!Functions)
    return Functions.takeError();
  // An entry: length, then the CIE pointer (0 in a CIE), then, in an FDE, the
  // function's address.
  constexpr uint64_t IdOffset = 4, FunctionOffset = 8;
  for (uint64_t At = 0;;) {
    Expected<uint64_t> Total = entrySize(Bytes, At);
    if (!Total)
      return Total.takeError();
    if (*Total == 0)
      return Error::success();
    const bool IsFde = support::endian::read32le(&Bytes[At + IdOffset]) != 0;
    const Section *Function = Functions->lookup(At + FunctionOffset);
    // Linkers keep one copy of a CIE for the whole program: not counted.
    if (IsFde)
      add(Function ? indexOf(*Function) : 0, SectionKind::EhFrame,
          linkedFdeBytes(Bytes.slice(At, *Total), At + *Total == Bytes.size(),
                         sizeof(typename Elf::uint)));
    At += *Total;
  }
}

template <class Elf> Error Measurer<Elf>::measureSection(const Section &S) {
  Expected<StringRef> Name = File.getSectionName(S);
  Expected<SectionKind> Kind = kindOf(S);
  if (!Name || !Kind)
    return joinErrors(Name.takeError(), Kind.takeError());
  if (*Name != EhFrameName) {
    add(indexOf(S), *Kind, S.sh_size);
    return Error::success();
  }
  auto Bytes = File.getSectionContents(S);
  if (!Bytes)
    return Bytes.takeError();
  return measureEhFrame(S, *Bytes);
}

/// Addresses stored in loadable sections that are not code need a dynamic
/// relocation each in position-independent output, of the same form.
template <class Elf>
void Measurer<Elf>::measureRelocations(const Section &Relocations) {
  const Section &Target = Sections[Relocations.sh_info];
  if (isLoadable(Target) && (Target.sh_flags & ELF::SHF_WRITE))
    add(Relocations.sh_info, SectionKind::Relocations, Relocations.sh_size);
}

template <class Elf> Error Measurer<Elf>::readSections(ObjectSizes &Sizes) {
  for (const Section &S : Sections) {
    if (!isLoadable(S))
      continue;
    Expected<StringRef> Name = File.getSectionName(S);
    Expected<SectionKind> Kind = kindOf(S);
    if (!Name || !Kind)
      return joinErrors(Name.takeError(), Kind.takeError());
    LoadableIndex[indexOf(S)] = Sizes.Sections.size();
    Sizes.Sections.push_back(
        {Name->str(), ComdatOf[indexOf(S)].str(), *Kind, S.sh_size});
  }
  return Error::success();
}

template <class Elf> Error Measurer<Elf>::readSymbols(ObjectSizes &Sizes) {
  for (const ELFSymbolRef Symbol : Object.symbols()) {
    if (!is_contained(
            {ELF::STT_FUNC, ELF::STT_GNU_IFUNC, ELF::STT_OBJECT, ELF::STT_TLS},
            Symbol.getELFType()))
      continue;
    auto In = Symbol.getSection();
    auto Name = Symbol.getName();
    if (!In || !Name)
      return joinErrors(In.takeError(), Name.takeError());
    if (*In == Object.section_end())
      continue;
    auto Loadable = LoadableIndex.find((*In)->getIndex());
    if (Loadable == LoadableIndex.end())
      continue;
    const size_t Index = Loadable->second;
    Sizes.Symbols.push_back({Name->str(), Sizes.Sections[Index].Kind,
                             Symbol.getSize(), Index,
                             cantFail(Symbol.getValue())});
  }
  return Error::success();
}

template <class Elf> Expected<ObjectSizes> Measurer<Elf>::measure() {
  auto All = File.sections();
  if (!All)
    return All.takeError();
  Sections = *All;
  if (Error E = readGroups())
    return E;
  OwnerOf.resize(Sections.size());
  if (BySymbol)
    if (Error E = readOwners())
      return E;
  for (const Section &S : Sections) {
    if (isRelocations(S) && S.sh_info < Sections.size())
      measureRelocations(S);
    else if (isLoadable(S))
      if (Error E = measureSection(S))
        return E;
  }
  ObjectSizes Result;
  if (Error E = readSections(Result))
    return E;
  if (Error E = readSymbols(Result))
    return E;
  for (const auto &[Key, Bytes] : Pieces)
    Result.Pieces.push_back(
        {std::get<0>(Key), std::get<1>(Key), std::get<2>(Key), Bytes});
  return Result;
}

} // namespace

StringRef sectionKindName(SectionKind Kind) {
  switch (Kind) {
  case SectionKind::Text:
    return "text";
  case SectionKind::ReadOnly:
    return "rodata";
  case SectionKind::Data:
    return "data";
  case SectionKind::EhFrame:
    return "eh_frame";
  case SectionKind::ExceptTable:
    return "except_table";
  case SectionKind::Relocations:
    return "relocations";
  }
  llvm_unreachable("covered switch");
}

Expected<ObjectSizes> measureObject(MemoryBufferRef Buffer, bool BySymbol) {
  auto Object = ObjectFile::createObjectFile(Buffer);
  if (!Object)
    return Object.takeError();
  if (auto *Elf64 = dyn_cast<ELFObjectFile<ELF64LE>>(Object->get()))
    return Measurer<ELF64LE>(*Elf64, BySymbol).measure();
  if (auto *Elf32 = dyn_cast<ELFObjectFile<ELF32LE>>(Object->get()))
    return Measurer<ELF32LE>(*Elf32, BySymbol).measure();
  if (auto *Wasm = dyn_cast<WasmObjectFile>(Object->get()))
    return measureWasm(*Wasm, BySymbol);
  return createStringError("sizes are known for little-endian ELF and "
                           "WebAssembly only, not for " +
                           (*Object)->getFileFormatName());
}

} // namespace fastir
