//===- OwnPath.cpp - Where our own shared object lies ---------------------===//

#include "support/OwnPath.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <dlfcn.h>

using namespace llvm;

namespace fastir {

std::string ownDirectory() {
  Dl_info Info;
  if (!dladdr(reinterpret_cast<void *>(&ownDirectory), &Info) ||
      !Info.dli_fname)
    return "";
  SmallString<256> Path;
  if (sys::fs::real_path(Info.dli_fname, Path))
    return "";
  return sys::path::parent_path(Path).str();
}

} // namespace fastir
