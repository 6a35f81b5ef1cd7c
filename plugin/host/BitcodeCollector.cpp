//===- BitcodeCollector.cpp - Keeping modules for a corpus ----------------===//

#include "host/BitcodeCollector.h"
#include "decision/ModuleName.h"
#include "ir/BuildPhase.h"
#include "ir/Pipeline.h"
#include "support/Diagnostics.h"

#include "llvm/IR/Module.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Path.h"

using namespace llvm;

namespace fastir {

static Error write(StringRef Path, StringRef Bytes) {
  return writeToOutput(Path, [&](raw_ostream &OS) {
    OS << Bytes;
    return Error::success();
  });
}

static std::string describe(const Module &M, OptimizationLevel Level,
                            ThinOrFullLTOPhase Phase) {
  SmallString<256> Directory;
  if (sys::fs::current_path(Directory))
    Directory.clear();
  std::string Text;
  raw_string_ostream OS(Text);
  json::OStream JSON(OS);
  JSON.object([&] {
    JSON.attribute("source", json::fixUTF8(M.getSourceFileName()));
    JSON.attribute("directory", json::fixUTF8(Directory));
    JSON.attribute("target", M.getTargetTriple().str());
    JSON.attribute("level", levelName(Level));
    JSON.attribute("phase", phaseName(Phase));
  });
  OS << '\n';
  return Text;
}

static Error collect(const Module &M, StringRef Directory,
                     OptimizationLevel Level, ThinOrFullLTOPhase Phase) {
  const std::string Bytes = writeBitcode(M, UseListOrder::Drop);
  SmallString<256> Stem(Directory);
  sys::path::append(Stem, moduleName(M, Bytes));
  if (std::error_code Code = sys::fs::create_directories(Directory))
    return errorCodeToError(Code);
  // The description last: a bitcode file counts once it is described.
  if (Error E = write((Stem + ".bc").str(), Bytes))
    return E;
  return write((Stem + ".json").str(), describe(M, Level, Phase));
}

PreservedAnalyses BitcodeCollectorPass::run(Module &M,
                                            ModuleAnalysisManager &) {
  if (Error E = collect(M, Directory, Level, Phase))
    reportError(M.getContext(), "cannot collect bitcode into '" + Directory +
                                    "': " + toString(std::move(E)));
  return PreservedAnalyses::all();
}

} // namespace fastir
