//===- Engine.cpp - Compiling one module under given decisions ------------===//

#include "engine/Engine.h"
#include "engine/Compiler.h"
#include "ir/ModuleReader.h"
#include "ir/Pipeline.h"

#include <limits>

using namespace llvm;

namespace fastir {

namespace {

/// Applies the overrides of a request and records what is asked for.
class Recorder : public DecisionObserver {
public:
  Recorder(const CompileRequest &Request, CompileResult &Result)
      : Request(Request), Result(Result) {}

  std::optional<bool> overrule(size_t Index, StringRef Callee) override {
    auto It =
        lower_bound(Request.Overrides, std::pair<uint32_t, bool>(Index, 0));
    if (It != Request.Overrides.end() && It->first == Index)
      return It->second;
    auto ByCallee = Request.CalleeOverrides.find(Callee);
    if (ByCallee != Request.CalleeOverrides.end())
      return ByCallee->second;
    return std::nullopt;
  }

  void onDecision(const Decision &D) override {
    if (!Request.RecordDecisions)
      return;
    append_range(Result.Features, D.Features);
    Result.Decisions.push_back(
        {D.Caller.str(), D.Callee.str(),
         D.Prediction.value_or(std::numeric_limits<float>::quiet_NaN()),
         D.LlvmDecision, D.Advice});
  }

private:
  const CompileRequest &Request;
  CompileResult &Result;
};

Expected<CompileResult> compile(const CompileRequest &Request) {
  Expected<OptimizationLevel> Level = parseLevel(Request.Level);
  if (!Level)
    return Level.takeError();
  QuietContext Context;
  auto M =
      readModule(Request.Bitcode, Request.Name, Context, ValueNames::Discard);
  if (!M)
    return M.takeError();
  if (Error E = verify(**M))
    return E;
  auto Machine = createTargetFor(**M, *Level);
  if (!Machine)
    return Machine.takeError();
  CompileResult Result;
  Expected<AdvisorConfig> Config =
      configure(Request.Who, Request.ModelPath, Request.OnnxRuntimePath);
  if (!Config)
    return Config.takeError();
  if (Request.RecordDecisions || !Request.Overrides.empty() ||
      !Request.CalleeOverrides.empty())
    Config->Observer = std::make_shared<Recorder>(Request, Result);
  optimise(**M, **Machine, *Level, *Config);
  auto Object = emitObject(**M, **Machine);
  if (!Object)
    return Object.takeError();
  if (Error E = Context.takeError())
    return E;
  auto Sizes = measureObject(
      MemoryBufferRef(StringRef(Object->data(), Object->size()), Request.Name));
  if (!Sizes)
    return Sizes.takeError();
  Result.Sizes = std::move(*Sizes);
  return Result;
}

} // namespace

Expected<CompileResult> compileModule(const CompileRequest &Request) {
  Expected<CompileResult> Result = compile(Request);
  if (!Result)
    return createStringError(Request.Name + ": " +
                             toString(Result.takeError()));
  return Result;
}

} // namespace fastir
