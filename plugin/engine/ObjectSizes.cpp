//===- ObjectSizes.cpp - What an object file will weigh when linked -------===//

#include "engine/ObjectSizes.h"

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

using Elf = ELF64LE;
using ElfFile = ELFFile<Elf>;
using Section = Elf::Shdr;

/// Size of one Elf64_Rela in .rela.dyn.
constexpr uint64_t DynamicRelocationBytes = 24;

class Measurer {
public:
  Measurer(const ELFObjectFile<Elf> &Object, bool BySymbol)
      : Object(Object), File(Object.getELFFile()), BySymbol(BySymbol) {}

  Expected<ObjectSizes> measure();

private:
  Error readGroups();
  Error readOwners();
  Error measureSection(const Section &S);
  Error measureEhFrame(const Section &S, ArrayRef<uint8_t> Bytes);
  Error measureRelocations(const Section &Relocations);
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
  const ElfFile &File;
  const bool BySymbol;
  ArrayRef<Section> Sections;
  std::vector<StringRef> ComdatOf; ///< by section index; empty for none
  std::vector<StringRef> OwnerOf;  ///< likewise: the one symbol of a section
  DenseMap<uint64_t, size_t> LoadableIndex; ///< into ObjectSizes::Sections
  std::map<std::tuple<std::string, std::string, SectionKind>, uint64_t> Pieces;
};

bool isLoadable(const Section &S) {
  return (S.sh_flags & ELF::SHF_ALLOC) && S.sh_type != ELF::SHT_NOBITS;
}

Expected<SectionKind> Measurer::kindOf(const Section &S) const {
  Expected<StringRef> Name = File.getSectionName(S);
  if (!Name)
    return Name.takeError();
  if (*Name == ".eh_frame")
    return SectionKind::EhFrame;
  if (Name->starts_with(".gcc_except_table"))
    return SectionKind::ExceptTable;
  if (S.sh_flags & ELF::SHF_EXECINSTR)
    return SectionKind::Text;
  if (S.sh_flags & ELF::SHF_WRITE)
    return SectionKind::Data;
  return SectionKind::ReadOnly;
}

Error Measurer::readGroups() {
  ComdatOf.resize(Sections.size());
  for (const Section &S : Sections) {
    if (S.sh_type != ELF::SHT_GROUP)
      continue;
    auto Members = File.getSectionContentsAsArray<Elf::Word>(S);
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
    for (Elf::Word Member : Members->drop_front())
      if (Member < ComdatOf.size())
        ComdatOf[Member] = *Name;
  }
  return Error::success();
}

/// A section that LLVM made for one symbol ends in its name: .text.f, .rodata.f
/// for its jump tables, .gcc_except_table.f. Sections of constants that the
/// linker merges belong to no symbol.
Error Measurer::readOwners() {
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
Expected<DenseMap<uint64_t, const Section *>>
Measurer::functionsOfFdes(const Section &EhFrame) {
  DenseMap<uint64_t, const Section *> Result;
  for (const Section &S : Sections) {
    if (S.sh_type != ELF::SHT_RELA || S.sh_info != indexOf(EhFrame))
      continue;
    auto Relocations = File.relas(S);
    if (!Relocations)
      return Relocations.takeError();
    auto SymbolTable = File.getSection(S.sh_link);
    if (!SymbolTable)
      return SymbolTable.takeError();
    for (const Elf::Rela &R : *Relocations) {
      auto Symbol = File.getRelocationSymbol(R, *SymbolTable);
      if (!Symbol)
        return Symbol.takeError();
      if (*Symbol && (*Symbol)->st_shndx < Sections.size())
        Result[R.r_offset] = &Sections[(*Symbol)->st_shndx];
    }
  }
  return Result;
}

/// Linkers round each entry up to the size of an address. The last entry of an
/// object may be padded with a word of no-ops, which is not its function's; in
/// any other, zeros at the end are its own.
static uint64_t linkedFdeBytes(ArrayRef<uint8_t> Entry, bool IsLast) {
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
  return alignTo(Entry.size() - (IsPadded ? Word : 0), sizeof(uint64_t));
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

Error Measurer::measureEhFrame(const Section &S, ArrayRef<uint8_t> Bytes) {
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
          linkedFdeBytes(Bytes.slice(At, *Total), At + *Total == Bytes.size()));
    At += *Total;
  }
}

Error Measurer::measureSection(const Section &S) {
  Expected<SectionKind> Kind = kindOf(S);
  if (!Kind)
    return Kind.takeError();
  if (*Kind != SectionKind::EhFrame) {
    add(indexOf(S), *Kind, S.sh_size);
    return Error::success();
  }
  auto Bytes = File.getSectionContents(S);
  if (!Bytes)
    return Bytes.takeError();
  return measureEhFrame(S, *Bytes);
}

/// Addresses stored in loadable sections that are not code need a dynamic
/// relocation each in position-independent output.
Error Measurer::measureRelocations(const Section &Relocations) {
  const Section &Target = Sections[Relocations.sh_info];
  if (!isLoadable(Target) || !(Target.sh_flags & ELF::SHF_WRITE))
    return Error::success();
  auto Entries = File.relas(Relocations);
  if (!Entries)
    return Entries.takeError();
  add(Relocations.sh_info, SectionKind::Relocations,
      Entries->size() * DynamicRelocationBytes);
  return Error::success();
}

Error Measurer::readSections(ObjectSizes &Sizes) {
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

Error Measurer::readSymbols(ObjectSizes &Sizes) {
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

Expected<ObjectSizes> Measurer::measure() {
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
    Error E = Error::success();
    if (S.sh_type == ELF::SHT_RELA && S.sh_info < Sections.size())
      E = joinErrors(std::move(E), measureRelocations(S));
    else if (isLoadable(S))
      E = joinErrors(std::move(E), measureSection(S));
    if (E)
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
  auto *ElfObject = dyn_cast<ELFObjectFile<Elf>>(Object->get());
  if (!ElfObject)
    return createStringError("sizes are known for 64-bit little-endian ELF "
                             "only, not for " +
                             (*Object)->getFileFormatName());
  return Measurer(*ElfObject, BySymbol).measure();
}

} // namespace fastir
