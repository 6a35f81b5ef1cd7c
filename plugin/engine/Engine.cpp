//===- Engine.cpp - Compiling one module under given decisions ------------===//

#include "engine/Engine.h"
#include "engine/Compile.h"
#include "engine/Compiler.h"
#include "engine/LinkAlone.h"
#include "engine/Recorder.h"
#include "ir/BuildPhase.h"
#include "ir/ModuleReader.h"
#include "ir/ModuleSource.h"
#include "ir/Pipeline.h"

using namespace llvm;

namespace fastir {

namespace {

/// The size attributes of clang at \p Level.
void relevel(Module &M, OptimizationLevel Level) {
  for (Function &F : M) {
    if (F.isDeclaration() || F.hasOptNone())
      continue;
    F.removeFnAttr(Attribute::MinSize);
    F.removeFnAttr(Attribute::OptimizeForSize);
    if (Level.getSizeLevel() > 0)
      F.addFnAttr(Attribute::OptimizeForSize);
    if (Level.getSizeLevel() > 1)
      F.addFnAttr(Attribute::MinSize);
  }
}

} // namespace

Expected<Compile> Compile::prepare(const CompileRequest &Request,
                                   std::shared_ptr<QuietContext> Context) {
  Expected<OptimizationLevel> Level = parseLevel(Request.Level);
  if (!Level)
    return Level.takeError();
  Expected<ThinOrFullLTOPhase> Phase = parsePhase(Request.Phase);
  if (!Phase)
    return Phase.takeError();
  Expected<StringRef> Source = findModule(Request.Bitcode);
  if (!Source)
    return Source.takeError();
  auto M = readModule(*Source, Request.Name, *Context, ValueNames::Discard);
  if (!M)
    return M.takeError();
  if (Error E = verify(**M))
    return E;
  if (Request.Relevel)
    relevel(**M, *Level);
  const OptimizationLevel OfPipeline = pipelineLevel(*Level, *Phase);
  auto Machine = createTargetFor(**M, OfPipeline);
  if (!Machine)
    return Machine.takeError();
  if (Request.BySymbol || *Phase != ThinOrFullLTOPhase::None)
    (*Machine)->Options.FunctionSections = (*Machine)->Options.DataSections =
        true;
  Expected<AdvisorConfig> Config =
      configure(Request.Who, Request.ModelPath, Request.OnnxRuntimePath);
  if (!Config)
    return Config.takeError();
  return Compile{Request, std::move(Context),  std::move(*M),     OfPipeline,
                 *Phase,  std::move(*Machine), std::move(*Config)};
}

Expected<ObjectSizes> Compile::measure() {
  auto Object = emitObject(*M, *Machine);
  if (!Object)
    return Object.takeError();
  if (Error E = Context->takeError())
    return E;
  return measureObject(
      MemoryBufferRef(StringRef(Object->data(), Object->size()), Request.Name),
      Request.BySymbol);
}

static Expected<CompileResult> compile(const CompileRequest &Request) {
  Expected<Compile> Run =
      Compile::prepare(Request, std::make_shared<QuietContext>());
  if (!Run)
    return Run.takeError();
  CompileResult Result;
  std::optional<BaseStateRecorder> State;
  if (Request.KeepState) {
    Result.State = std::make_shared<BaseState>();
    Result.State->Context = Run->Context;
    State.emplace(*Result.State, Run->Level);
  }
  if (Request.RecordDecisions || !Request.Overrides.empty() ||
      !Request.Sites.empty() || !Request.CalleeOverrides.empty())
    Run->Config.Observer = std::make_shared<Recorder>(Request, Result);
  optimise(*Run->M, *Run->Machine, Run->Level, Run->Config,
           State ? &*State : nullptr, Run->Phase);
  linkAlone(*Run->M, *Run->Machine, Run->Level, Run->Phase, Request.Internal);
  if (State)
    State->finish(*Run->M);
  Expected<ObjectSizes> Sizes = Run->measure();
  if (!Sizes)
    return Sizes.takeError();
  Result.Sizes = std::move(*Sizes);
  return Result;
}

Expected<CompileResult> compileModule(const CompileRequest &Request) {
  Expected<CompileResult> Result = compile(Request);
  if (!Result)
    return createStringError(Request.Name + ": " +
                             toString(Result.takeError()));
  return Result;
}

} // namespace fastir
