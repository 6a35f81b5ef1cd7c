//===- WriteTrees.cpp - Writes trees as C++ -------------------------------===//
//
// A program of the build: write_trees OUTPUT MODEL... writes the trees of ONNX
// files as the arrays that CompiledTrees.cpp includes. What is no tree ensemble
// that the plugin evaluates by itself is left out.
//
//===----------------------------------------------------------------------===//

#include "model/OnnxMetadata.h"
#include "model/OnnxTrees.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/ToolOutputFile.h"
#include "llvm/Support/WithColor.h"
#include "llvm/Support/xxhash.h"

#include <cmath>

using namespace llvm;
using namespace fastir;

namespace {

void write(raw_ostream &Out, float Value) {
  if (std::isnan(Value))
    Out << "NAN";
  else if (std::isinf(Value))
    Out << (Value < 0 ? "-INFINITY" : "INFINITY");
  else
    Out << format("%a", Value) << "f";
}
void write(raw_ostream &Out, uint32_t Value) { Out << Value; }
void write(raw_ostream &Out, bool Value) { Out << (Value ? "true" : "false"); }

void write(raw_ostream &Out, const TreeEnsemble::Run &R) {
  Out << "{" << R.Feature << ", ";
  write(Out, R.Value);
  Out << ", ";
  write(Out, R.NothingIfTrue);
  Out << ", ";
  write(Out, R.NothingIfFalse);
  Out << ", " << R.First << ", " << R.Count << "}";
}

void write(raw_ostream &Out, const TreeEnsemble::Step &S) {
  if (S)
    write(Out, *S);
  else
    Out << "std::nullopt";
}

/// An array of the name \p Name, or nothing if it would be empty.
template <typename T>
void writeArray(raw_ostream &Out, const char *Type, const Twine &Name,
                ArrayRef<T> Values) {
  if (Values.empty())
    return;
  Out << "static constexpr " << Type << " " << Name << "[] = {";
  for (const auto &[Index, Value] : enumerate(Values)) {
    Out << (Index % 16 ? " " : "\n  ");
    if constexpr (sizeof(T) == 1)
      write(Out, uint32_t(Value));
    else
      write(Out, Value);
    Out << ",";
  }
  Out << "\n};\n";
}

/// Calls \p Visit with each array: its type, its name and its values.
template <typename F> void forEachArray(const TreeEnsemble &Trees, F Visit) {
  Visit("float", "Values", Trees.Values);
  Visit("uint32_t", "Features", Trees.Features);
  Visit("uint8_t", "Modes", Trees.Modes);
  Visit("uint32_t", "TrueForNaN", Trees.TrueForNaN);
  Visit("uint32_t", "True", Trees.True);
  Visit("uint32_t", "False", Trees.False);
  Visit("float", "Leaves", Trees.Leaves);
  Visit("uint32_t", "Roots", Trees.Roots);
  Visit("TreeEnsemble::Run", "Runs", Trees.Runs);
  Visit("TreeEnsemble::Step", "Steps", Trees.Steps);
}

/// The arrays of the trees in \p Bytes, named with \p Number, and to \p Entry
/// the element of Compiled that they are of.
Error writeModel(raw_ostream &Out, raw_ostream &Entry, StringRef Bytes,
                 size_t Number) {
  Expected<StringMap<std::string>> Properties = readMetadataProperties(Bytes);
  if (!Properties)
    return Properties.takeError();
  const size_t Columns =
      StringRef(Properties->lookup("fastir.features")).count(',') + 1;
  Expected<TreeLists> Lists = readOnnxTrees(Bytes, Columns);
  if (!Lists)
    return Lists.takeError();
  const TreeEnsemble Trees = Lists->ensemble();
  const XXH128_hash_t Hash = xxh3_128bits(arrayRefFromStringRef(Bytes));
  Entry << "  {" << Hash.high64 << "u, " << Hash.low64 << "u, " << Bytes.size()
        << ", {";
  forEachArray(Trees, [&](const char *Type, StringRef Name, auto Values) {
    writeArray(Out, Type, Name + Twine(Number), Values);
    if (Values.empty())
      Entry << "{}, ";
    else
      Entry << Name << Number << ", ";
  });
  Entry << "TreeEnsemble::Aggregate(" << unsigned(Trees.How) << "), ";
  write(Entry, Trees.Base);
  Entry << "}},\n";
  return Error::success();
}

Error writeAll(StringRef Path, ArrayRef<char *> Models) {
  std::error_code Code;
  ToolOutputFile File(Path, Code, sys::fs::OF_None);
  if (Code)
    return createStringError(Code, Path);
  std::string Entries;
  raw_string_ostream Entry(Entries);
  for (const auto &[Number, Model] : enumerate(Models)) {
    auto Bytes = MemoryBuffer::getFile(Model);
    if (!Bytes)
      return createStringError(Bytes.getError(), Model);
    Error E = writeModel(File.os(), Entry, (*Bytes)->getBuffer(), Number);
    if (E.isA<NotUnderstood>())
      consumeError(std::move(E));
    else if (E)
      return createStringError(Twine(Model) + ": " + toString(std::move(E)));
  }
  File.os() << "static constexpr std::array<CompiledTrees, "
            << StringRef(Entries).count('\n') << "> Compiled = {{\n"
            << Entries << "}};\n";
  File.keep();
  return Error::success();
}

} // namespace

int main(int Count, char **Arguments) {
  const ArrayRef<char *> Given(Arguments, Count);
  if (Error E = writeAll(Given[1], Given.drop_front(2))) {
    WithColor::error(errs(), Given[0]) << toString(std::move(E)) << "\n";
    return 1;
  }
  return 0;
}
