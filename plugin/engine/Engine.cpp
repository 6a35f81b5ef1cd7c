//===- Engine.cpp - Compiling one module under given decisions ------------===//

#include "engine/Engine.h"
#include "advisor/AdvisorFactory.h"
#include "features/InlineFeatures.h"
#include "model/OnnxModel.h"

#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/DiagnosticPrinter.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/IRReader/IRReader.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"

#include <limits>
#include <mutex>

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

/// Keeps the first error of a context; stock handlers would end the process.
class ErrorKeeper : public DiagnosticHandler {
public:
  explicit ErrorKeeper(std::string &Message) : Message(Message) {}
  bool handleDiagnostics(const DiagnosticInfo &Info) override {
    if (Info.getSeverity() != DS_Error || !Message.empty())
      return true;
    raw_string_ostream OS(Message);
    DiagnosticPrinterRawOStream Printer(OS);
    Info.print(Printer);
    return true;
  }

private:
  std::string &Message;
};

Expected<OptimizationLevel> parseLevel(StringRef Name) {
  static const std::pair<StringRef, const OptimizationLevel *> Levels[] = {
      {"O1", &OptimizationLevel::O1},
      {"O2", &OptimizationLevel::O2},
      {"O3", &OptimizationLevel::O3},
      {"Os", &OptimizationLevel::Os},
      {"Oz", &OptimizationLevel::Oz}};
  for (const auto &[Candidate, Level] : Levels)
    if (Candidate == Name)
      return *Level;
  return createStringError("unknown optimisation level '" + Name +
                           "'; it is one of O1, O2, O3, Os, Oz");
}

Expected<std::unique_ptr<TargetMachine>> createTarget(const Module &M,
                                                      OptimizationLevel Level) {
  static std::once_flag Once;
  std::call_once(Once, [] {
    InitializeAllTargetInfos();
    InitializeAllTargets();
    InitializeAllTargetMCs();
    InitializeAllAsmPrinters();
    InitializeAllAsmParsers();
  });
  std::string Message;
  const Triple &T = M.getTargetTriple();
  const Target *Found = TargetRegistry::lookupTarget(T, Message);
  if (!Found)
    return createStringError(Message);
  // CPU and features stand on each function; clang's default is PIC.
  CodeGenOptLevel CodeGen = Level.getSpeedupLevel() == 1 ? CodeGenOptLevel::Less
                            : Level.getSpeedupLevel() == 3
                                ? CodeGenOptLevel::Aggressive
                                : CodeGenOptLevel::Default;
  std::unique_ptr<TargetMachine> Machine(Found->createTargetMachine(
      T, /*CPU=*/"", /*Features=*/"", TargetOptions(), Reloc::PIC_,
      M.getCodeModel(), CodeGen));
  if (!Machine)
    return createStringError("no code generator for " + T.str());
  return Machine;
}

Expected<AdvisorConfig> configOf(const CompileRequest &Request,
                                 CompileResult &Result) {
  AdvisorConfig Config;
  Config.Who = Request.Who;
  if (Request.Who == Policy::Model) {
    auto Model = OnnxModel::get(Request.ModelPath, Request.OnnxRuntimePath);
    if (!Model)
      return Model.takeError();
    Config.Model = *Model;
  }
  if (Request.RecordDecisions || !Request.Overrides.empty() ||
      !Request.CalleeOverrides.empty())
    Config.Observer = std::make_shared<Recorder>(Request, Result);
  return Config;
}

/// Vectorisation as clang's driver sets it for each level.
PipelineTuningOptions tuningOf(OptimizationLevel Level) {
  PipelineTuningOptions Options;
  Options.LoopVectorization =
      Level.getSpeedupLevel() > 1 && Level != OptimizationLevel::Oz;
  Options.SLPVectorization = Level.getSpeedupLevel() > 1;
  return Options;
}

void optimise(Module &M, TargetMachine &Machine, OptimizationLevel Level,
              const AdvisorConfig &Config) {
  PassBuilder PB(&Machine, tuningOf(Level));
  registerAdvisor(PB,
                  [&](Module &) -> Expected<AdvisorConfig> { return Config; });
  LoopAnalysisManager LAM;
  FunctionAnalysisManager FAM;
  CGSCCAnalysisManager CGAM;
  ModuleAnalysisManager MAM;
  PB.registerModuleAnalyses(MAM);
  PB.registerCGSCCAnalyses(CGAM);
  PB.registerFunctionAnalyses(FAM);
  PB.registerLoopAnalyses(LAM);
  PB.crossRegisterProxies(LAM, FAM, CGAM, MAM);
  PB.buildPerModuleDefaultPipeline(Level).run(M, MAM);
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

Expected<CompileResult> compile(const CompileRequest &Request) {
  Expected<OptimizationLevel> Level = parseLevel(Request.Level);
  if (!Level)
    return Level.takeError();
  std::string Failure;
  LLVMContext Context;
  // Names cost time and change nothing; textual IR cannot be read without.
  Context.setDiscardValueNames(
      isBitcode(Request.Bitcode.bytes_begin(), Request.Bitcode.bytes_end()));
  Context.setDiagnosticHandler(std::make_unique<ErrorKeeper>(Failure));
  SMDiagnostic ParseError;
  // A copy, since the reader of textual IR needs a terminating null.
  auto Source = MemoryBuffer::getMemBufferCopy(Request.Bitcode, Request.Name);
  auto M = parseIR(*Source, ParseError, Context);
  if (!M)
    return createStringError(ParseError.getMessage());
  auto Machine = createTarget(*M, *Level);
  if (!Machine)
    return Machine.takeError();
  CompileResult Result;
  Expected<AdvisorConfig> Config = configOf(Request, Result);
  if (!Config)
    return Config.takeError();
  optimise(*M, **Machine, *Level, *Config);
  auto Object = emitObject(*M, **Machine);
  if (!Object)
    return Object.takeError();
  if (!Failure.empty())
    return createStringError(Failure);
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
