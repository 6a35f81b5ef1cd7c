//===- Compiler.cpp - Optimising and generating code ----------------------===//

#include "engine/Compiler.h"
#include "inline/AdvisorFactory.h"
#include "inline/features/InlineFeatures.h"
#include "ir/BuildPhase.h"
#include "ir/Pipeline.h"
#include "ir/Target.h"
#include "model/Model.h"

#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/IR/LegacyPassManager.h"

using namespace llvm;

namespace fastir {

Expected<std::unique_ptr<TargetMachine>>
createTargetFor(const Module &M, OptimizationLevel Level) {
  switch (Level.getSpeedupLevel()) {
  case 1:
    return createTarget(M, CodeGenOptLevel::Less);
  case 3:
    return createTarget(M, CodeGenOptLevel::Aggressive);
  default:
    return createTarget(M, CodeGenOptLevel::Default);
  }
}

Expected<AdvisorConfig> configure(Policy Who, StringRef ModelPath,
                                  StringRef OnnxRuntimePath) {
  AdvisorConfig Config;
  Config.Who = Who;
  if (Who == Policy::Model) {
    auto Model = Model::open(ModelPath, inliningSchema(),
                             {Runtime::Auto, OnnxRuntimePath.str()});
    if (!Model)
      return Model.takeError();
    Config.Models.push_back(*Model);
  }
  return Config;
}

/// Loop passes as clang's driver sets them for each level.
static PipelineTuningOptions tuningOf(OptimizationLevel Level) {
  PipelineTuningOptions Options;
  Options.LoopUnrolling = Level.getSpeedupLevel() > 1;
  Options.LoopInterleaving = Level.getSpeedupLevel() > 1;
  Options.LoopVectorization =
      Level.getSpeedupLevel() > 1 && Level != OptimizationLevel::Oz;
  Options.SLPVectorization = Level.getSpeedupLevel() > 1;
  return Options;
}

/// As lld sets them.
static PipelineTuningOptions tuningAtLink() {
  PipelineTuningOptions Options;
  Options.LoopVectorization = Options.SLPVectorization = true;
  return Options;
}

OptimizationLevel pipelineLevel(OptimizationLevel Level,
                                ThinOrFullLTOPhase Phase) {
  return isAtLink(Phase) && Level.getSizeLevel() ? OptimizationLevel::O2
                                                 : Level;
}

static ModulePassManager buildPasses(PassBuilder &Builder,
                                     OptimizationLevel Level,
                                     ThinOrFullLTOPhase Phase) {
  switch (Phase) {
  case ThinOrFullLTOPhase::ThinLTOPreLink:
    return Builder.buildThinLTOPreLinkDefaultPipeline(Level);
  case ThinOrFullLTOPhase::FullLTOPreLink:
    return Builder.buildLTOPreLinkDefaultPipeline(Level);
  case ThinOrFullLTOPhase::ThinLTOPostLink:
    return Builder.buildThinLTODefaultPipeline(Level,
                                               /*ImportSummary=*/nullptr);
  case ThinOrFullLTOPhase::FullLTOPostLink:
    return Builder.buildLTODefaultPipeline(Level, /*ExportSummary=*/nullptr);
  default:
    return Builder.buildPerModuleDefaultPipeline(Level);
  }
}

void optimise(Module &M, TargetMachine &Machine, OptimizationLevel Level,
              const AdvisorConfig &Config, StageObserver *Observer,
              ThinOrFullLTOPhase Phase) {
  PassInstrumentationCallbacks Callbacks;
  Pipeline P(&Machine, isAtLink(Phase) ? tuningAtLink() : tuningOf(Level),
             &Callbacks);
  if (Observer)
    observe(P, Callbacks, M, *Observer, linkAfter(Phase).has_value());
  registerAdvisor(P.Builder,
                  [&](Module &) -> Expected<AdvisorConfig> { return Config; });
  P.registerAnalyses();
  buildPasses(P.Builder, Level, Phase).run(M, P.MAM);
}

Expected<SmallVector<char, 0>> emitObject(Module &M, TargetMachine &Machine) {
  SmallVector<char, 0> Object;
  raw_svector_ostream OS(Object);
  legacy::PassManager PM;
  PM.add(new TargetLibraryInfoWrapperPass(M.getTargetTriple()));
  if (Machine.addPassesToEmitFile(PM, OS, nullptr, CodeGenFileType::ObjectFile))
    return createStringError("the target cannot emit object files");
  PM.run(M);
  return Object;
}

} // namespace fastir
