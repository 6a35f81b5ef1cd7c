//===- OwnPath.cpp - Where our own shared object lies ---------------------===//

#include "support/OwnPath.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <dlfcn.h>

using namespace llvm;

namespace fastir {

static SmallString<256> ownPath() {
  Dl_info Info;
  SmallString<256> Path;
  if (!dladdr(reinterpret_cast<void *>(&ownDirectory), &Info) ||
      !Info.dli_fname || sys::fs::real_path(Info.dli_fname, Path))
    Path.clear();
  return Path;
}

std::string ownDirectory() { return sys::path::parent_path(ownPath()).str(); }

std::string ownName() { return sys::path::filename(ownPath()).str(); }

} // namespace fastir
