//===- CallSites.cpp - Numbers of call sites and blocks -------------------===//

#include "extract/CallSites.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/IR/IntrinsicInst.h"

using namespace llvm;

namespace fastir {

void forEachCallSite(Module &M, function_ref<void(const CallSite &)> Visit) {
  int64_t Number = 0;
  for (Function &F : M)
    for (auto [Block, BB] : enumerate(F))
      for (Instruction &I : BB)
        if (auto *CB = dyn_cast<CallBase>(&I); CB && !isa<IntrinsicInst>(I))
          Visit({*CB, Number++, static_cast<int64_t>(Block)});
}

} // namespace fastir
