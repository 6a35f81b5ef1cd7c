//===- Replay.cpp - Decisions read from files -----------------------------===//

#include "decision/Replay.h"
#include "decision/ModuleName.h"
#include "ir/Pipeline.h"
#include "support/Diagnostics.h"
#include "support/EscapedName.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

#include <mutex>
#include <string>

using namespace llvm;

namespace fastir {

/// The last module that a pipeline started on, on this thread.
static thread_local std::pair<const Module *, std::string> Named;

PreservedAnalyses ReplayNamePass::run(Module &M, ModuleAnalysisManager &) {
  Named = {&M, moduleName(M, writeBitcode(M, UseListOrder::Drop))};
  return PreservedAnalyses::all();
}

Expected<SiteAdvice> parseReplay(StringRef Text) {
  SiteAdvice Advice;
  SmallVector<StringRef> Lines;
  Text.split(Lines, '\n');
  for (auto [Index, Line] : enumerate(Lines)) {
    if (Line.empty())
      continue;
    SmallVector<StringRef, 4> Fields;
    Line.split(Fields, '\t');
    uint32_t Occurrence = 0;
    // More than any module has calls is a mistake, not a reason to allocate.
    if (Fields.size() != 4 || Fields[2].getAsInteger(10, Occurrence) ||
        Occurrence > 10'000'000 || (Fields[3] != "0" && Fields[3] != "1"))
      return createStringError("line " + Twine(Index + 1) +
                               " is not 'caller, callee, occurrence, 0 or 1' "
                               "with tabs between");
    const auto Caller = unescaped(Fields[0]), Callee = unescaped(Fields[1]);
    if (!Caller || !Callee)
      return createStringError("line " + Twine(Index + 1) +
                               " has a backslash before neither 't', 'n' nor "
                               "another backslash");
    Advice.set(*Caller, *Callee, Occurrence, Fields[3] == "1");
  }
  return Advice;
}

Expected<std::shared_ptr<Replay>> findReplay(StringRef Directory,
                                             const Module &M) {
  if (!sys::fs::is_directory(Directory))
    return createStringError("there is no folder '" + Directory +
                             "' to replay from");
  if (Named.first != &M) {
    static std::once_flag Once;
    std::call_once(Once, [&] {
      reportWarning(M.getContext(),
                    "replays are not found for modules of the linker, which no "
                    "collected bitcode names; the policy decides there");
    });
    return nullptr;
  }
  SmallString<256> Path(Directory);
  sys::path::append(Path, Named.second + ".replay");
  if (!sys::fs::exists(Path))
    return nullptr;
  auto Buffer = MemoryBuffer::getFile(Path, /*IsText=*/true);
  if (!Buffer)
    return createStringError("cannot read '" + Path +
                             "': " + Buffer.getError().message());
  Expected<SiteAdvice> Advice = parseReplay((*Buffer)->getBuffer());
  if (!Advice)
    return createStringError("cannot use '" + Path +
                             "': " + toString(Advice.takeError()));
  return std::make_shared<Replay>(std::move(*Advice));
}

} // namespace fastir
