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

#include "decision/Replay.h"
#include "host/BitcodeCollector.h"
#include "host/Options.h"
#include "inline/AdvisorFactory.h"
#include "model/OrtLibrary.h"

#include "llvm/Config/llvm-config.h"
#include "llvm/Plugins/PassPlugin.h"

using namespace llvm;

static void registerCallbacks(PassBuilder &PB) {
  fastir::registerAdvisor(PB, fastir::configFromOptions);
  PB.registerPipelineStartEPCallback(
      [](ModulePassManager &MPM, OptimizationLevel Level) {
        if (std::string Dir = fastir::collectDirectory(); !Dir.empty())
          MPM.addPass(fastir::BitcodeCollectorPass(Dir, Level));
        if (!fastir::replayDirectory().empty())
          MPM.addPass(fastir::ReplayNamePass());
      });
}

extern "C" LLVM_ATTRIBUTE_VISIBILITY_DEFAULT PassPluginLibraryInfo
llvmGetPassPluginInfo() {
  // Here no compiler has threads yet.
  fastir::forbidTelemetry();
  return {LLVM_PLUGIN_API_VERSION, "Fastir", LLVM_VERSION_STRING,
          registerCallbacks};
}
