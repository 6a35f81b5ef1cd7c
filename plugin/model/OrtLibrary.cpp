//===- OrtLibrary.cpp - Finding and loading ONNX Runtime ------------------===//

#include "model/OrtLibrary.h"
#include "support/OwnPath.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <algorithm>
#include <cstdlib>
#include <dlfcn.h>
#include <mutex>
#include <vector>

using namespace llvm;

namespace fastir {

Error OrtLibrary::check(OrtStatus *Status) const {
  if (!Status)
    return Error::success();
  std::string Message = Api->GetErrorMessage(Status);
  Api->ReleaseStatus(Status);
  // One line, as every message of ours.
  std::replace(Message.begin(), Message.end(), '\n', ' ');
  return createStringError(Message);
}

/// libonnxruntime.so.* in directory/onnxruntime/capi, sorted; empty if none.
static std::string findInSitePackages(StringRef Directory) {
  SmallString<256> Capi(Directory);
  sys::path::append(Capi, "onnxruntime", "capi");
  std::vector<std::string> Found;
  std::error_code Code;
  for (sys::fs::directory_iterator It(Capi, Code), End; It != End && !Code;
       It.increment(Code))
    if (sys::path::filename(It->path()).starts_with("libonnxruntime.so"))
      Found.push_back(It->path());
  if (Found.empty())
    return "";
  return *std::max_element(Found.begin(), Found.end());
}

/// Walks up from our own shared object to the site-packages that hold it.
static std::string findBesideSelf() {
  std::string Directory = ownDirectory();
  while (!Directory.empty() && Directory != "/") {
    if (std::string Found = findInSitePackages(Directory); !Found.empty())
      return Found;
    Directory = sys::path::parent_path(Directory).str();
  }
  return "";
}

static std::vector<std::string> candidates(StringRef Path) {
  if (!Path.empty())
    return {Path.str()};
  std::vector<std::string> Result;
  if (std::string Found = findBesideSelf(); !Found.empty())
    Result.push_back(Found);
  Result.push_back("libonnxruntime.so.1");
  Result.push_back("libonnxruntime.so");
  return Result;
}

static Error unusable(StringRef Path, const Twine &Why) {
  return createStringError("cannot use ONNX Runtime '" + Path + "': " + Why);
}

static Expected<OrtLibrary> initialise(void *Handle, StringRef Path) {
  using GetApiBaseType = const OrtApiBase *(*)();
  auto GetApiBase =
      reinterpret_cast<GetApiBaseType>(dlsym(Handle, "OrtGetApiBase"));
  if (!GetApiBase)
    return unusable(Path, "it does not export OrtGetApiBase");
  const OrtApiBase *Base = GetApiBase();
  OrtLibrary Library{Base->GetApi(MinOrtApiVersion), nullptr};
  if (!Library.Api)
    return unusable(Path, Twine("version ") + Base->GetVersionString() +
                              " is too old; 1." + Twine(MinOrtApiVersion) +
                              " or newer is needed");
  // Errors come as statuses, too, which are reported in one line.
  if (Error E = Library.check(Library.Api->CreateEnv(ORT_LOGGING_LEVEL_FATAL,
                                                     "fastir", &Library.Env)))
    return unusable(Path, toString(std::move(E)));
  // For builds that do not know the variables of forbidTelemetry.
  consumeError(Library.check(Library.Api->DisableTelemetryEvents(Library.Env)));
  return Library;
}

void forbidTelemetry() {
  // Its releases do not agree on the name.
  for (const char *Name : {"ORT_DISABLE_TELEMETRY", "ORT_TELEMETRY_DISABLED"}) {
    const char *Set = std::getenv(Name);
    if (!Set || StringRef(Set) != "1")
      setenv(Name, "1", /*overwrite=*/1);
  }
}

/// Why the loader refuses \p Library, without the name that it begins with;
/// empty if there is no such file.
static std::string whyNotLoaded(StringRef Library) {
  StringRef Reason = dlerror();
  if (!Reason.consume_front((Library + ": ").str()))
    return Reason.str(); // of another library, which this one needs
  if (Reason == "cannot open shared object file: No such file or directory")
    return "";
  return Reason.str();
}

static Expected<OrtLibrary> load(StringRef Path) {
  forbidTelemetry();
  // Of the first that is there and cannot be loaded.
  Error Refused = Error::success();
  for (const std::string &Candidate : candidates(Path)) {
    if (void *Handle = dlopen(Candidate.c_str(), RTLD_NOW | RTLD_LOCAL)) {
      consumeError(std::move(Refused));
      return initialise(Handle, Candidate);
    }
    std::string Reason = whyNotLoaded(Candidate);
    if (!Reason.empty() && !Refused)
      Refused = unusable(Candidate, Reason);
  }
  if (Refused)
    return Refused;
  if (!Path.empty())
    return unusable(Path, "No such file or directory");
  return createStringError(
      "cannot find ONNX Runtime; install it with 'pip install onnxruntime' or "
      "name its library with -fastir-onnxruntime=");
}

Expected<const OrtLibrary *> getOrtLibrary(StringRef Path) {
  static std::mutex Mutex;
  // Never destroyed: other threads may still be deciding while a process ends.
  static auto &Loaded = *new StringMap<OrtLibrary>;
  std::lock_guard<std::mutex> Lock(Mutex);
  if (auto It = Loaded.find(Path); It != Loaded.end())
    return &It->second;
  Expected<OrtLibrary> Library = load(Path);
  if (!Library)
    return Library.takeError();
  return &Loaded.try_emplace(Path, *Library).first->second;
}

} // namespace fastir
