//===- Profile.cpp - Tuned decisions, as a project keeps them -------------===//

#include "decision/Profile.h"
#include "ir/BodyHash.h"
#include "ir/BuildPhase.h"
#include "ir/Pipeline.h"
#include "support/EscapedName.h"

#include "llvm/ADT/StableHashing.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Regex.h"

using namespace llvm;

namespace fastir {

static constexpr StringLiteral Neither =
    "it is neither a module, nor a function with its hash, nor a callee with "
    "its occurrence";
static constexpr StringLiteral HeaderNames[] = {
    "fastir-profile", "llvm", "objective", "level", "target", "model"};

/// Takes the first line from \p Text.
static StringRef takeLine(StringRef &Text) {
  StringRef Line;
  std::tie(Line, Text) = Text.split('\n');
  return Line;
}

static bool isMergeConflict(StringRef Line) {
  return Line.starts_with("<<<<<<< ") || Line.starts_with(">>>>>>> ") ||
         Line == "=======";
}

Error Profile::wrong(size_t LineNumber, const Twine &What) const {
  return createStringError(
      "cannot use profile '" + File->getBufferIdentifier() + "': " +
      (LineNumber ? "line " + Twine(LineNumber) + ": " : Twine()) + What);
}

Expected<Profile> Profile::read(StringRef Path) {
  auto Buffer = MemoryBuffer::getFile(Path, /*IsText=*/true);
  if (!Buffer)
    return createStringError("cannot read profile '" + Path +
                             "': " + Buffer.getError().message());
  Profile Read(std::move(*Buffer));
  if (Error E = Read.parse())
    return E;
  return Read;
}

/// The header, and where the sections are.
Error Profile::parse() {
  StringRef Text = File->getBuffer();
  if (!Text.consume_back("\nend\n"))
    return wrong(0, Text.starts_with(HeaderNames[0])
                        ? "its end is missing"
                        : "it is no profile of Fastir");
  size_t Number = 0;
  for (StringRef Name : HeaderNames) {
    ++Number;
    auto [Found, Value] = takeLine(Text).split('\t');
    if (Found != Name)
      return wrong(Number, "it should begin with '" + Name + "'");
    Header[Name] = Value;
  }
  if (Header["fastir-profile"] != "2")
    return wrong(1, "its format is '" + Header["fastir-profile"] +
                        "', and this Fastir reads 2");
  if (Header["llvm"] != Twine(LLVM_VERSION_MAJOR).str())
    return wrong(2, "it was made with LLVM " + Header["llvm"] +
                        ", and this is LLVM " + Twine(LLVM_VERSION_MAJOR));
  Section *Open = nullptr;
  while (!Text.empty()) {
    ++Number;
    StringRef Line = takeLine(Text);
    if (isMergeConflict(Line))
      return wrong(Number, "a merge left a conflict here");
    if (!Line.consume_front("module\t")) {
      if (!Open)
        return wrong(Number, "no module comes before it");
      Open->Text = StringRef(Open->Text.data(),
                             Line.data() + Line.size() - Open->Text.data());
      continue;
    }
    auto [Key, Policy] = Line.rsplit('\t');
    auto [Path, Phase] = Key.rsplit('\t');
    if (Path.empty() || Phase.empty() ||
        (Policy != "model" && Policy != "llvm"))
      return wrong(Number, Neither);
    Open = &Sections[Key];
    if (Open->FirstLine)
      return wrong(Number, "the module is there twice");
    *Open = {Number, Policy, Text.take_front(0)};
  }
  return Error::success();
}

Expected<ModuleProfile> Profile::parse(const Section &Found,
                                       const Module &M) const {
  ModuleProfile Result;
  Result.Who = Found.Policy == "llvm" ? Policy::Llvm : Policy::Model;
  StringMap<const Function *> Defined;
  for (const Function &F : M)
    if (!F.isDeclaration())
      Defined[get_stable_name(F.getName())] = &F;
  StringRef Text = Found.Text;
  std::string Caller;
  bool HasCaller = false, IsStale = false;
  for (size_t Number = Found.FirstLine + 1; !Text.empty(); ++Number) {
    StringRef Line = takeLine(Text);
    SmallVector<StringRef, 3> Fields;
    Line.split(Fields, '\t');
    std::optional<std::string> Name;
    if (Fields.size() == 3)
      Name = unescaped(Fields[1]);
    if (!Name)
      return wrong(Number, Neither);
    if (Fields[0] == "function") {
      uint64_t Hash = 0;
      if (Fields[2].size() != 16 || !to_integer(Fields[2], Hash, 16))
        return wrong(Number, Neither);
      Caller = std::move(*Name);
      HasCaller = true;
      const Function *F = Defined.lookup(Caller);
      IsStale = !F || bodyHash(*F) != Hash;
      continue;
    }
    uint32_t Occurrence = 0;
    // More than any module has calls is a mistake, not a reason to allocate.
    if (!HasCaller || (Fields[0] != "inline" && Fields[0] != "leave") ||
        !to_integer(Fields[2], Occurrence, 10) || Occurrence > 10'000'000)
      return wrong(Number, Neither);
    ++Result.Total;
    if (IsStale)
      ++Result.Stale;
    else
      Result.Advice.set(Caller, *Name, Occurrence, Fields[0] == "inline");
  }
  return Result;
}

/// What the module's source is called by a profile, with all that is above the
/// project's root. The hash in rustc's names changes with every release.
static std::string longPath(const Module &M) {
  SmallString<256> Path(M.getSourceFileName());
  sys::fs::make_absolute(Path);
  sys::path::remove_dots(Path, /*remove_dot_dot=*/true);
  static const Regex OfRustc("^(.+)\\.[0-9a-f]{1,16}(-cgu\\.[0-9]+)$");
  SmallVector<StringRef, 3> Parts;
  if (OfRustc.match(Path, &Parts))
    return (Parts[1] + Parts[2]).str();
  return Path.str().str();
}

Expected<std::optional<ModuleProfile>>
Profile::find(const Module &M, ThinOrFullLTOPhase Phase,
              std::optional<OptimizationLevel> Level) const {
  if (Level && levelName(*Level) != Header.lookup("level"))
    return std::nullopt;
  const std::string Path = longPath(M);
  for (StringRef Suffix = Path; !Suffix.empty();
       Suffix = Suffix.split('/').second) {
    auto It = Sections.find((Suffix + "\t" + phaseName(Phase)).str());
    if (It == Sections.end())
      continue;
    const std::string Target = M.getTargetTriple().str();
    if (Target != Header.lookup("target"))
      return wrong(0, "it is for " + Header.lookup("target") +
                          ", and this module for " + Target);
    Expected<ModuleProfile> Found = parse(It->second, M);
    if (!Found)
      return Found.takeError();
    return std::move(*Found);
  }
  return std::nullopt;
}

} // namespace fastir
