//===- Diagnostics.cpp - Errors and warnings to the compiler's user -------===//

#include "support/Diagnostics.h"

#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Signals.h"
#include "llvm/Support/WithColor.h"

#include <mutex>
#include <unistd.h>

using namespace llvm;

namespace fastir {

enum class Host { Rustc, Lld, Other };

static Host host() {
  static const Host Result = [] {
    SmallString<256> Path;
    if (sys::fs::real_path("/proc/self/exe", Path))
      return Host::Other;
    StringRef Name = sys::path::filename(Path);
    if (Name.starts_with("rustc"))
      return Host::Rustc;
    return Name.contains("lld") ? Host::Lld : Host::Other;
  }();
  return Result;
}

/// Ends the process; the first thread that comes here is the only one. Others
/// are still at work: nothing may be torn down.
[[noreturn]] static void fail(StringRef Prefix, StringRef Line) {
  static std::mutex &Mutex = *new std::mutex;
  Mutex.lock();
  WithColor::error(errs(), Prefix) << Line << '\n';
  sys::RunInterruptHandlers(); // Removes temporary files.
  _exit(1);
}

void reportError(LLVMContext &Ctx, const Twine &Message) {
  const std::string Line = ("fastir: " + Message).str();
  switch (host()) {
  case Host::Rustc:
    // It drops plain diagnostics of LLVM on the floor.
    fail("", Line);
  case Host::Lld:
    // It would go on, and keep the object in its ThinLTO cache.
    fail("ld.lld", Line);
  case Host::Other:
    Ctx.diagnose(DiagnosticInfoGeneric(Line, DS_Error));
  }
}

void reportWarning(LLVMContext &Ctx, const Twine &Message) {
  const std::string Line = ("fastir: " + Message).str();
  if (host() == Host::Rustc)
    WithColor::warning(errs()) << Line << '\n';
  else
    Ctx.diagnose(DiagnosticInfoGeneric(Line, DS_Warning));
}

} // namespace fastir
