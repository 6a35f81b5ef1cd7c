//===- PinnedSettings.cpp - The settings beside a pinned plugin -----------===//

#include "host/PinnedSettings.h"
#include "support/OwnPath.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CRC.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SHA256.h"

#include <chrono>

using namespace llvm;

namespace fastir {

namespace {

constexpr StringLiteral PinnedName = "libFastirInline-pinned.so";
constexpr size_t FingerprintSize = 16;

struct PinnedFile {
  std::string File;
  int64_t Size = 0;
  int64_t Crc32 = 0; ///< not known of ONNX Runtime, which is too large to read
};

struct SettingsFile {
  int64_t Format = 0;
  std::string Policy;
  std::string Runtime;
  std::vector<PinnedFile> Files;
  std::vector<std::string> Models;
  std::string Profile;
  bool Strict = false;
  std::optional<PinnedFile> OnnxRuntime;
};

bool fromJSON(const json::Value &Value, PinnedFile &File, json::Path Path) {
  json::ObjectMapper Map(Value, Path);
  return Map && Map.map("file", File.File) && Map.map("size", File.Size) &&
         Map.mapOptional("crc32", File.Crc32);
}

bool fromJSON(const json::Value &Value, SettingsFile &Read, json::Path Path) {
  json::ObjectMapper Map(Value, Path);
  return Map && Map.map("format", Read.Format) &&
         Map.map("policy", Read.Policy) && Map.map("runtime", Read.Runtime) &&
         Map.map("files", Read.Files) && Map.map("models", Read.Models) &&
         Map.map("profile", Read.Profile) && Map.map("strict", Read.Strict) &&
         Map.map("onnxruntime", Read.OnnxRuntime);
}

Error changed(StringRef Path) {
  return createStringError(
      "'" + Path + "' is not as it was when 'fastir flags' pinned it; remove " +
      sys::path::parent_path(Path) + " and run 'fastir flags' again");
}

/// Whether the modification time is the one that a pinned file of these
/// contents was given; it is another where the folder was copied without them.
bool hasTimeStamp(const sys::fs::file_status &Status, int64_t Crc32) {
  constexpr int64_t Range = int64_t(1) << 31;
  auto Time = Status.getLastModificationTime().time_since_epoch();
  return Time == std::chrono::seconds(Crc32 % Range);
}

Error checkContents(StringRef Path, const PinnedFile &Expected) {
  sys::fs::file_status Status;
  if (sys::fs::status(Path, Status) ||
      int64_t(Status.getSize()) != Expected.Size)
    return changed(Path);
  if (hasTimeStamp(Status, Expected.Crc32))
    return Error::success();
  auto Bytes = MemoryBuffer::getFile(Path, /*IsText=*/false,
                                     /*RequiresNullTerminator=*/false);
  if (!Bytes ||
      crc32(arrayRefFromStringRef((*Bytes)->getBuffer())) != Expected.Crc32)
    return changed(Path);
  return Error::success();
}

Error checkRuntime(const PinnedFile &Expected) {
  uint64_t Size = 0;
  if (!sys::fs::file_size(Expected.File, Size) &&
      int64_t(Size) == Expected.Size)
    return Error::success();
  return createStringError("ONNX Runtime '" + Expected.File +
                           "' is not the one that 'fastir flags' found; run "
                           "'fastir flags' again");
}

/// The text of \p Path, if the name of its folder is the start of its hash.
Expected<std::unique_ptr<MemoryBuffer>> readSettings(StringRef Path) {
  auto Text = MemoryBuffer::getFile(Path);
  if (!Text)
    return changed(Path);
  auto Hash = SHA256::hash(arrayRefFromStringRef((*Text)->getBuffer()));
  StringRef Folder = sys::path::filename(sys::path::parent_path(Path));
  if (toHex(Hash, /*LowerCase=*/true).substr(0, FingerprintSize) != Folder)
    return changed(Path);
  return std::move(*Text);
}

Expected<PinnedSettings> readPinned() {
  const std::string Directory = ownDirectory();
  auto InFolder = [&](StringRef Name) {
    SmallString<256> Path(Directory);
    sys::path::append(Path, Name);
    return Path.str().str();
  };
  const std::string Path = InFolder("settings.json");
  auto Text = readSettings(Path);
  if (!Text)
    return Text.takeError();
  auto Read = json::parse<SettingsFile>((*Text)->getBuffer());
  if (!Read || Read->Format != 3) {
    consumeError(Read.takeError());
    return changed(Path);
  }
  for (const PinnedFile &File : Read->Files)
    if (Error E = checkContents(InFolder(File.File), File))
      return E;
  PinnedSettings Result;
  Result.Fingerprint = sys::path::filename(Directory).str();
  Result.Policy = Read->Policy;
  Result.Runtime = Read->Runtime;
  for (const std::string &Name : Read->Models)
    Result.Models.push_back(InFolder(Name));
  if (!Read->Profile.empty())
    Result.Profile = InFolder(Read->Profile);
  Result.StrictProfile = Read->Strict;
  if (Read->OnnxRuntime) {
    if (Error E = checkRuntime(*Read->OnnxRuntime))
      return E;
    Result.OnnxRuntime = Read->OnnxRuntime->File;
  }
  return Result;
}

/// What readPinned() gave, for every thread to look at.
struct Outcome {
  bool Pinned = ownName() == PinnedName;
  PinnedSettings Settings;
  std::string Failure;

  Outcome() {
    if (!Pinned)
      return;
    if (Expected<PinnedSettings> Read = readPinned())
      Settings = std::move(*Read);
    else
      Failure = toString(Read.takeError());
  }
};

} // namespace

Expected<const PinnedSettings *> pinnedSettings() {
  // Never destroyed: other threads may still be deciding while a process ends.
  static const Outcome &Once = *new Outcome;
  if (!Once.Failure.empty())
    return createStringError(Once.Failure);
  return Once.Pinned ? &Once.Settings : nullptr;
}

} // namespace fastir
