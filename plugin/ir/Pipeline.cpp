//===- Pipeline.cpp - Running passes and analyses on a module -------------===//

#include "ir/Pipeline.h"
#include "ir/Target.h"

#include "llvm/Bitcode/BitcodeWriter.h"

using namespace llvm;

namespace fastir {

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

StringRef levelName(OptimizationLevel Level) {
  static constexpr std::pair<const OptimizationLevel *, StringRef> Names[] = {
      {&OptimizationLevel::O0, "O0"}, {&OptimizationLevel::O1, "O1"},
      {&OptimizationLevel::O2, "O2"}, {&OptimizationLevel::O3, "O3"},
      {&OptimizationLevel::Os, "Os"}, {&OptimizationLevel::Oz, "Oz"}};
  for (const auto &[Candidate, Name] : Names)
    if (*Candidate == Level)
      return Name;
  return "unknown";
}

Pipeline::Pipeline(TargetMachine *Machine, PipelineTuningOptions Options,
                   PassInstrumentationCallbacks *Callbacks)
    : Builder(Machine, Options, std::nullopt, Callbacks) {}

void Pipeline::registerAnalyses() {
  Builder.registerModuleAnalyses(MAM);
  Builder.registerCGSCCAnalyses(CGAM);
  Builder.registerFunctionAnalyses(FAM);
  Builder.registerLoopAnalyses(LAM);
  Builder.crossRegisterProxies(LAM, FAM, CGAM, MAM);
}

Error runPasses(Module &M, StringRef Passes) {
  auto Machine = createTargetOfOpt(M);
  Pipeline P(Machine.get(), PipelineTuningOptions());
  P.registerAnalyses();
  ModulePassManager Manager;
  if (Error E = P.Builder.parsePassPipeline(Manager, Passes))
    return E;
  Manager.run(M, P.MAM);
  return Error::success();
}

std::string writeBitcode(const Module &M, UseListOrder Order) {
  SmallVector<char, 0> Bitcode;
  raw_svector_ostream OS(Bitcode);
  WriteBitcodeToFile(M, OS, Order == UseListOrder::Keep);
  return std::string(Bitcode.data(), Bitcode.size());
}

} // namespace fastir
