//===- ObjectSizes.cpp - What an object file will weigh when linked -------===//

#include "engine/ObjectSizes.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/BinaryFormat/ELF.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/Endian.h"

#include <map>

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
  explicit Measurer(const ELFObjectFile<Elf> &Object)
      : Object(Object), File(Object.getELFFile()) {}

  Expected<ObjectSizes> measure();

private:
  Error readGroups();
  Error measureSection(const Section &S);
  Error measureEhFrame(const Section &S, ArrayRef<uint8_t> Bytes);
  Error measureRelocations(const Section &Relocations);
  Error readSections(ObjectSizes &Sizes);
  Error readSymbols(ObjectSizes &Sizes);
  Expected<DenseMap<uint64_t, const Section *>>
  functionsOfFdes(const Section &EhFrame);

  size_t indexOf(const Section &S) const { return &S - &Sections[0]; }
  Expected<SectionKind> kindOf(const Section &S) const;
  void add(StringRef Comdat, SectionKind Kind, uint64_t Bytes) {
    if (Bytes)
      Pieces[{Comdat.str(), Kind}] += Bytes;
  }

  const ELFObjectFile<Elf> &Object;
  const ElfFile &File;
  ArrayRef<Section> Sections;
  std::vector<StringRef> ComdatOf; ///< by section index; empty for none
  DenseMap<uint64_t, size_t> LoadableIndex; ///< into ObjectSizes::Sections
  std::map<std::pair<std::string, SectionKind>, uint64_t> Pieces;
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

Error Measurer::measureEhFrame(const Section &S, ArrayRef<uint8_t> Bytes) {
  auto Functions = functionsOfFdes(S);
  if (!Functions)
    return Functions.takeError();
  // An entry: length, then the CIE pointer (0 in a CIE), then, in an FDE, the
  // function's address.
  constexpr uint64_t IdOffset = 4, FunctionOffset = 8;
  for (uint64_t At = 0; At + FunctionOffset <= Bytes.size();) {
    const uint64_t Length = support::endian::read32le(&Bytes[At]);
    const uint64_t Total = Length + IdOffset;
    if (Length == 0 || At + Total > Bytes.size())
      break;
    const bool IsFde = support::endian::read32le(&Bytes[At + IdOffset]) != 0;
    const Section *Function = Functions->lookup(At + FunctionOffset);
    // Linkers keep one copy of a CIE for the whole program: not counted.
    if (IsFde)
      add(Function ? ComdatOf[indexOf(*Function)] : "", SectionKind::EhFrame,
          Total);
    At += Total;
  }
  return Error::success();
}

Error Measurer::measureSection(const Section &S) {
  Expected<SectionKind> Kind = kindOf(S);
  if (!Kind)
    return Kind.takeError();
  if (*Kind != SectionKind::EhFrame) {
    add(ComdatOf[indexOf(S)], *Kind, S.sh_size);
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
  add(ComdatOf[Relocations.sh_info], SectionKind::Relocations,
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
    Result.Pieces.push_back({Key.first, Key.second, Bytes});
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

Expected<ObjectSizes> measureObject(MemoryBufferRef Buffer) {
  auto Object = ObjectFile::createObjectFile(Buffer);
  if (!Object)
    return Object.takeError();
  auto *ElfObject = dyn_cast<ELFObjectFile<Elf>>(Object->get());
  if (!ElfObject)
    return createStringError("sizes are known for 64-bit little-endian ELF "
                             "only, not for " +
                             (*Object)->getFileFormatName());
  return Measurer(*ElfObject).measure();
}

} // namespace fastir
