//===- LinkAlone.cpp - A module's way through an LTO link -----------------===//

#include "engine/LinkAlone.h"
#include "engine/Compiler.h"
#include "ir/BuildPhase.h"

#include "llvm/Transforms/IPO/Internalize.h"

using namespace llvm;

namespace fastir {

void linkAlone(Module &M, TargetMachine &Machine, OptimizationLevel Level,
               ThinOrFullLTOPhase Phase, const StringSet<> &Internal) {
  const std::optional<ThinOrFullLTOPhase> Link = linkAfter(Phase);
  if (!Link)
    return;
  internalizeModule(M, [&](const GlobalValue &Global) {
    return !Internal.contains(Global.getName());
  });
  for (GlobalValue &Global : M.global_values())
    if (!Global.isDeclaration())
      Global.setDSOLocal(true);
  AdvisorConfig Config;
  Config.Who = Policy::Llvm;
  optimise(M, Machine, pipelineLevel(Level, *Link), Config, nullptr, *Link);
}

} // namespace fastir
