//===- DecisionLog.cpp - A log of decisions in MLGO's format --------------===//

#include "trace/DecisionLog.h"
#include "features/InlineFeatures.h"
#include "support/Diagnostics.h"

#include "llvm/Analysis/InlineModelFeatureMaps.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"

#include <limits>
#include <map>
#include <mutex>

using namespace llvm;

namespace fastir {

namespace {

/// Tensors that follow the features in each observation.
enum Extra : size_t {
  DefaultDecision = FeatureCount,
  Prediction,
  Advice,
};

std::vector<TensorSpec> loggedTensors() {
  std::vector<TensorSpec> Specs = featureSpecs();
  Specs.push_back(DefaultDecisionSpec);
  Specs.push_back(TensorSpec::createSpec<float>("prediction", {1}));
  Specs.push_back(InlineDecisionSpec);
  return Specs;
}

/// The observations of all modules that this process logged to one file.
class LogFile {
public:
  /// Adds what one module logged and writes the file anew.
  Error add(StringRef Path, StringRef ModuleName, StringRef Text);

private:
  std::string Header;
  std::map<std::string, std::string> Observations; ///< by module name
};

Error LogFile::add(StringRef Path, StringRef ModuleName, StringRef Text) {
  auto [First, Rest] = Text.split('\n');
  Header = First.str();
  Observations[ModuleName.str()] += Rest;
  return writeToOutput(Path, [&](raw_ostream &OS) {
    OS << Header << '\n';
    for (const auto &[Name, Body] : Observations)
      OS << Body;
    return Error::success();
  });
}

Error addToLogFile(StringRef Path, StringRef ModuleName, StringRef Text) {
  static std::mutex Mutex;
  static auto &Files = *new StringMap<LogFile>;
  std::lock_guard<std::mutex> Lock(Mutex);
  return Files[Path].add(Path, ModuleName, Text);
}

Error cannotWrite(StringRef Path, const Twine &Why) {
  return createStringError("cannot write log '" + Path + "': " + Why);
}

/// Tries to create a file beside \p Path, where the log will be renamed from.
Error checkWritable(StringRef Path) {
  if (sys::fs::is_directory(Path))
    return cannotWrite(Path, "it is a directory");
  SmallString<256> Probe;
  if (std::error_code Code =
          sys::fs::createUniqueFile(Path + ".%%%%%%%%.tmp", Probe))
    return cannotWrite(Path, Code.message());
  sys::fs::remove(Probe);
  return Error::success();
}

} // namespace

Expected<std::shared_ptr<DecisionLog>> DecisionLog::create(StringRef Path,
                                                           const Module &M) {
  if (Error E = checkWritable(Path))
    return std::move(E);
  return std::shared_ptr<DecisionLog>(new DecisionLog(Path, M));
}

DecisionLog::DecisionLog(StringRef Path, const Module &M)
    : Path(Path), ModuleName(M.getModuleIdentifier()), Context(M.getContext()),
      Log(std::make_unique<raw_string_ostream>(Text), loggedTensors(),
          TensorSpec::createSpec<float>("reward", {1}),
          /*IncludeReward=*/false, InlineDecisionSpec) {}

DecisionLog::~DecisionLog() {
  Log.flush();
  if (Error E = addToLogFile(Path, ModuleName, Text))
    reportError(Context,
                toString(cannotWrite(Path, toString(std::move(E)))));
}

void DecisionLog::onDecision(const Decision &D) {
  auto LogTensor = [&](size_t Index, const auto &Value) {
    Log.logTensorValue(Index, reinterpret_cast<const char *>(&Value));
  };
  Log.switchContext(
      (ModuleName + ": " + D.Caller + " -> " + D.Callee).str());
  Log.startObservation();
  for (auto [Index, Value] : enumerate(D.Features))
    LogTensor(Index, Value);
  LogTensor(DefaultDecision, static_cast<int64_t>(D.LlvmDecision));
  LogTensor(Prediction,
            D.Prediction.value_or(std::numeric_limits<float>::quiet_NaN()));
  LogTensor(Advice, static_cast<int64_t>(D.Advice));
  Log.endObservation();
}

} // namespace fastir
