//===- LogFile.cpp - One file that several modules log to -----------------===//

#include "decision/LogFile.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/ManagedStatic.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/WithColor.h"
#include "llvm/Support/raw_ostream.h"

#include <cstdlib>
#include <mutex>
#include <tuple>
#include <vector>

using namespace llvm;

namespace fastir {

namespace {

class LogFile {
public:
  Error add(StringRef Path, StringRef ModuleName, StringRef Text);

  /// Writes the file anew if its modules are not in the order of their names.
  Error order(StringRef Path);

private:
  /// Where in the file a module's observations are.
  struct Part {
    std::string ModuleName;
    uint64_t Begin;
    uint64_t Size;
  };

  Error create(StringRef Path, StringRef Text);
  Error append(StringRef Text);

  int File = -1;
  uint64_t Size = 0;
  bool IsRegular = true;
  std::vector<Part> Parts;
};

/// Opens a temporary file that is renamed when it has a module in it: the old
/// log is whole until then. What is no regular file, such as a pipe, is written
/// to as it is.
Error LogFile::create(StringRef Path, StringRef Text) {
  sys::fs::file_status Status;
  if (!sys::fs::status(Path, Status) && !sys::fs::is_regular_file(Status)) {
    IsRegular = false;
    if (std::error_code Code = sys::fs::openFileForWrite(
            Path, File, sys::fs::CD_OpenExisting, sys::fs::OF_Append))
      return errorCodeToError(Code);
    return append(Text);
  }
  SmallString<256> Temporary;
  if (std::error_code Code =
          sys::fs::createUniqueFile(Path + ".%%%%%%%%.tmp", File, Temporary))
    return errorCodeToError(Code);
  Error E = append(Text);
  if (!E)
    E = errorCodeToError(sys::fs::rename(Temporary, Path));
  if (E)
    sys::fs::remove(Temporary);
  return E;
}

Error LogFile::append(StringRef Text) {
  raw_fd_ostream OS(File, /*shouldClose=*/false, /*unbuffered=*/true);
  OS << Text;
  const std::error_code Code = OS.error();
  OS.clear_error();
  // Part of a module is no use without the rest.
  if (Code && IsRegular)
    (void)sys::fs::resize_file(File, Size);
  if (!Code)
    Size += Text.size();
  return errorCodeToError(Code);
}

Error LogFile::add(StringRef Path, StringRef ModuleName, StringRef Text) {
  const StringRef Observations = Text.split('\n').second;
  const bool IsFirst = File == -1;
  if (Error E = IsFirst ? create(Path, Text) : append(Observations))
    return E;
  Parts.push_back(
      {ModuleName.str(), Size - Observations.size(), Observations.size()});
  return Error::success();
}

Error LogFile::order(StringRef Path) {
  auto ByName = [](const Part &A, const Part &B) {
    return std::tie(A.ModuleName, A.Begin) < std::tie(B.ModuleName, B.Begin);
  };
  if (!IsRegular || is_sorted(Parts, ByName))
    return Error::success();
  auto Content = MemoryBuffer::getOpenFile(sys::fs::convertFDToNativeFile(File),
                                           Path, Size,
                                           /*RequiresNullTerminator=*/false);
  if (!Content)
    return errorCodeToError(Content.getError());
  const StringRef Text = (*Content)->getBuffer();
  const StringRef Header = Text.take_front(Parts.front().Begin);
  sort(Parts, ByName);
  return writeToOutput(Path, [&](raw_ostream &OS) {
    OS << Header;
    for (const Part &P : Parts)
      OS << Text.substr(P.Begin, P.Size);
    return Error::success();
  });
}

/// Never destroyed: the process ends in several ways.
struct LogFiles {
  std::mutex Mutex;
  StringMap<LogFile> ByPath;
  bool AreOrdered = false;
};

LogFiles &logFiles() {
  static auto &Files = *new LogFiles;
  return Files;
}

void orderLogFiles() {
  LogFiles &Files = logFiles();
  std::lock_guard<std::mutex> Lock(Files.Mutex);
  if (std::exchange(Files.AreOrdered, true))
    return;
  for (auto &Entry : Files.ByPath)
    if (Error E = Entry.second.order(Entry.first()))
      WithColor::warning(errs())
          << "fastir: log '" << Entry.first()
          << "' is not in the order of modules: " << toString(std::move(E))
          << '\n';
}

struct AtShutdown {
  ~AtShutdown() { orderLogFiles(); }
};

/// lld shuts LLVM down and leaves with _exit; rustc leaves with exit and does
/// not shut LLVM down; opt and clang do both.
void orderAtTheEnd() {
  static ManagedStatic<AtShutdown> Shutdown;
  (void)*Shutdown;
  std::atexit(orderLogFiles);
}

} // namespace

Error addToLogFile(StringRef Path, StringRef ModuleName, StringRef Text) {
  LogFiles &Files = logFiles();
  std::lock_guard<std::mutex> Lock(Files.Mutex);
  if (Files.ByPath.empty())
    orderAtTheEnd();
  // A process that logs on after a shutdown has another end to come.
  Files.AreOrdered = false;
  return Files.ByPath[Path].add(Path, ModuleName, Text);
}

} // namespace fastir
