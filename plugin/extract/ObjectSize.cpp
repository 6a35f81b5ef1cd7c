//===- ObjectSize.cpp - A row a symbol of the object file -----------------===//

#include "engine/Compiler.h"
#include "engine/ObjectSizes.h"
#include "extract/Table.h"
#include "ir/Pipeline.h"

using namespace llvm;

namespace fastir {

namespace {

/// A symbol, or what its section holds beside symbols.
struct SizeView {
  StringRef Module;
  const SectionSize &In;
  const SymbolSize *Symbol;
  uint64_t Bytes;
};
using View = const SizeView &;

StringRef module(View V) { return V.Module; }
StringRef section(View V) { return V.In.Name; }
StringRef kind(View V) { return sectionKindName(V.In.Kind); }
std::optional<StringRef> comdat(View V) {
  return V.In.Comdat.empty() ? std::nullopt
                             : std::optional<StringRef>(V.In.Comdat);
}
std::optional<StringRef> symbol(View V) {
  return V.Symbol ? std::optional<StringRef>(V.Symbol->Name) : std::nullopt;
}
uint64_t size(View V) { return V.Symbol ? V.Symbol->Bytes : V.Bytes; }
uint64_t bytes(View V) { return V.Bytes; }

std::vector<ColumnInfo> columns() {
  std::vector<ColumnInfo> Schema;
#include "extract/PushColumns.inc"

#include "extract/ObjectSize.def"
  return Schema;
}

void addRow(View V, Frame &Rows) {
#define FASTIR_COLUMN(NAME, TYPE, UNIT, DOC, SOURCE) Rows.add(NAME(V));
#include "extract/ObjectSize.def"
}

/// Symbols of one section by offset; a symbol that covers others comes first.
void addSection(StringRef Module, const SectionSize &In,
                MutableArrayRef<const SymbolSize *> Symbols, Frame &Rows) {
  // They lie in one array, in the object's order.
  sort(Symbols, [](const SymbolSize *A, const SymbolSize *B) {
    return std::tuple(A->Offset, ~A->Bytes, A) <
           std::tuple(B->Offset, ~B->Bytes, B);
  });
  uint64_t Covered = 0, Total = 0;
  for (const SymbolSize *Symbol : Symbols) {
    const uint64_t End = Symbol->Offset + Symbol->Bytes;
    const uint64_t Begin = std::max(Covered, Symbol->Offset);
    const uint64_t Own = End > Begin ? End - Begin : 0;
    Covered = std::max(Covered, End);
    Total += Own;
    addRow({Module, In, Symbol, Own}, Rows);
  }
  if (In.Bytes > Total)
    addRow({Module, In, nullptr, In.Bytes - Total}, Rows);
}

Error fill(Module &M, const Task &T, Frame &Rows) {
  const bool Optimises = !T.Level.empty();
  Expected<OptimizationLevel> Level =
      parseLevel(Optimises ? T.Level : StringRef("O2"));
  if (!Level)
    return Level.takeError();
  auto Machine = createTargetFor(M, *Level);
  if (!Machine)
    return Machine.takeError();
  if (Optimises) {
    auto Config = configure(T.Who, T.ModelPath, T.OnnxRuntimePath);
    if (!Config)
      return Config.takeError();
    optimise(M, **Machine, *Level, *Config);
  }
  auto Object = emitObject(M, **Machine);
  if (!Object)
    return Object.takeError();
  auto Sizes = measureObject(
      MemoryBufferRef(StringRef(Object->data(), Object->size()), T.Name));
  if (!Sizes)
    return Sizes.takeError();
  std::vector<std::vector<const SymbolSize *>> BySection(
      Sizes->Sections.size());
  for (const SymbolSize &Symbol : Sizes->Symbols)
    BySection[Symbol.Section].push_back(&Symbol);
  for (auto [In, Symbols] : zip_equal(Sizes->Sections, BySection))
    addSection(T.Name, In, Symbols, Rows);
  return Error::success();
}

} // namespace

Table objectSizeTable() {
  return {"object_size",
          "a row a symbol of the object file, and one for the rest of each "
          "loadable section",
          columns(),
          fill,
          ValueNames::Discard,
          Verification::All};
}

} // namespace fastir
