//===- InlinePlugin.cpp - libFastirInline.so ------------------------------===//
//
// The entry point that stock opt, clang, lld and rustc look for:
//
//   opt -load-pass-plugin=libFastirInline.so -passes='default<Oz>' x.bc
//   clang -Oz -fpass-plugin=libFastirInline.so x.c
//   ld.lld --load-pass-plugin=libFastirInline.so x.o
//   RUSTC_BOOTSTRAP=1 rustc -Copt-level=z -Zllvm-plugins=libFastirInline.so
//   x.rs
//
//===----------------------------------------------------------------------===//

#include "decision/ProfilePass.h"
#include "decision/Replay.h"
#include "host/BitcodeCollector.h"
#include "host/Options.h"
#include "inline/AdvisorFactory.h"
#include "model/OrtLibrary.h"

#include "llvm/Config/llvm-config.h"
#include "llvm/Plugins/PassPlugin.h"

using namespace llvm;

static void addCollector(ModulePassManager &MPM, OptimizationLevel Level,
                         ThinOrFullLTOPhase Phase) {
  if (std::string Dir = fastir::collectDirectory(); !Dir.empty())
    MPM.addPass(fastir::BitcodeCollectorPass(Dir, Level, Phase));
}

static void addProfile(ModulePassManager &MPM, ThinOrFullLTOPhase Phase,
                       std::optional<OptimizationLevel> Level = std::nullopt) {
  if (auto [Path, Strict] = fastir::profileSettings(); !Path.empty())
    MPM.addPass(fastir::ProfilePass(Path, Strict, Phase, Level));
}

static void registerCallbacks(PassBuilder &PB) {
  fastir::registerAdvisor(PB, fastir::configFromOptions);
  PB.registerPipelineStartEPCallback(
      [](ModulePassManager &MPM, OptimizationLevel Level) {
        // What goes into a compile before the link is the same with LTO.
        addCollector(MPM, Level, ThinOrFullLTOPhase::None);
        addProfile(MPM, ThinOrFullLTOPhase::None, Level);
        if (!fastir::replayDirectory().empty())
          MPM.addPass(fastir::ReplayNamePass());
      });
  // The first place in the back ends of LTO where passes can be added.
  PB.registerPipelineEarlySimplificationEPCallback(
      [](ModulePassManager &MPM, OptimizationLevel Level,
         ThinOrFullLTOPhase Phase) {
        if (Phase != ThinOrFullLTOPhase::ThinLTOPostLink)
          return;
        addCollector(MPM, Level, Phase);
        addProfile(MPM, Phase);
      });
  PB.registerFullLinkTimeOptimizationEarlyEPCallback(
      [](ModulePassManager &MPM, OptimizationLevel Level) {
        addCollector(MPM, Level, ThinOrFullLTOPhase::FullLTOPostLink);
        addProfile(MPM, ThinOrFullLTOPhase::FullLTOPostLink);
      });
}

extern "C" LLVM_ATTRIBUTE_VISIBILITY_DEFAULT PassPluginLibraryInfo
llvmGetPassPluginInfo() {
  // Here no compiler has threads yet.
  fastir::forbidTelemetry();
  return {LLVM_PLUGIN_API_VERSION, "Fastir", LLVM_VERSION_STRING,
          registerCallbacks};
}
