//===- Diagnostics.cpp - Errors and warnings to the compiler's user -------===//

#include "support/Diagnostics.h"

#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/WithColor.h"

#include <unistd.h>

using namespace llvm;

namespace fastir {

/// rustc drops plain diagnostics of LLVM on the floor.
static bool isHostRustc() {
  static const bool Result = [] {
    SmallString<256> Path;
    return !sys::fs::real_path("/proc/self/exe", Path) &&
           sys::path::filename(Path).starts_with("rustc");
  }();
  return Result;
}

void reportError(LLVMContext &Ctx, const Twine &Message) {
  const std::string Line = ("fastir: " + Message).str();
  if (isHostRustc()) {
    WithColor::error(errs()) << Line << '\n';
    // Other threads of rustc are still at work: nothing may be torn down.
    _exit(1);
  }
  Ctx.diagnose(DiagnosticInfoGeneric(Line, DS_Error));
}

void reportWarning(LLVMContext &Ctx, const Twine &Message) {
  const std::string Line = ("fastir: " + Message).str();
  if (isHostRustc())
    WithColor::warning(errs()) << Line << '\n';
  else
    Ctx.diagnose(DiagnosticInfoGeneric(Line, DS_Warning));
}

} // namespace fastir
