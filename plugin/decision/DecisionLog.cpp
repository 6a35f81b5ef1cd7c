//===- DecisionLog.cpp - A log of decisions in MLGO's format --------------===//

#include "decision/DecisionLog.h"
#include "decision/LogFile.h"
#include "decision/ModuleName.h"
#include "support/Diagnostics.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Analysis/InlineModelFeatureMaps.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/xxhash.h"

#include <limits>

using namespace llvm;

namespace fastir {

namespace {

/// The features, and what follows them in each observation.
std::vector<TensorSpec> loggedTensors(const FeatureSchema &Schema) {
  std::vector<TensorSpec> Specs = Schema.specs();
  Specs.push_back(TensorSpec::createSpec<int64_t>("profile_count", {1}));
  Specs.push_back(DefaultDecisionSpec);
  Specs.push_back(TensorSpec::createSpec<float>("prediction", {1}));
  Specs.push_back(InlineDecisionSpec);
  return Specs;
}

/// In a folder each module has a log of its own, so that the compiles of a
/// build do not meet: named by the source and by where it was compiled.
std::string logInside(StringRef Directory, const Module &M) {
  SmallString<256> Where;
  sys::fs::current_path(Where);
  Where += M.getModuleIdentifier();
  SmallString<256> Result(Directory);
  sys::path::append(Result, nameWithHash(M.getModuleIdentifier(),
                                         utohexstr(xxh3_64bits(Where), true)) +
                                ".fastirlog");
  return Result.str().str();
}

Error cannotWrite(StringRef Path, const Twine &Why) {
  return createStringError("cannot write log '" + Path + "': " + Why);
}

/// Tries to create a file beside \p Path, where the log will be renamed from.
Error checkWritable(StringRef Path) {
  SmallString<256> Probe;
  if (std::error_code Code =
          sys::fs::createUniqueFile(Path + ".%%%%%%%%.tmp", Probe))
    return cannotWrite(Path, Code.message());
  sys::fs::remove(Probe);
  return Error::success();
}

} // namespace

Expected<std::shared_ptr<DecisionLog>>
DecisionLog::create(StringRef Path, const Module &M,
                    const FeatureSchema &Schema) {
  std::string File =
      sys::fs::is_directory(Path) ? logInside(Path, M) : Path.str();
  if (Error E = checkWritable(File))
    return E;
  return std::shared_ptr<DecisionLog>(new DecisionLog(File, M, Schema));
}

DecisionLog::DecisionLog(StringRef Path, const Module &M,
                         const FeatureSchema &Schema)
    : Path(Path), ModuleName(M.getModuleIdentifier()), Context(M.getContext()),
      Log(std::make_unique<raw_string_ostream>(Text), loggedTensors(Schema),
          TensorSpec::createSpec<float>("reward", {1}),
          /*IncludeReward=*/false, InlineDecisionSpec) {}

DecisionLog::~DecisionLog() {
  Log.flush();
  if (Error E = addToLogFile(Path, ModuleName, Text))
    reportError(Context, toString(cannotWrite(Path, toString(std::move(E)))));
}

void DecisionLog::startContext(const Decision &D) {
  Log.switchContext((ModuleName + ": " + D.Caller + " -> " + D.Callee).str());
  if (D.Runtime.empty())
    return;
  // One more member of the object that the line is. Readers of MLGO's logs
  // pass over it.
  constexpr StringLiteral End = "}\n";
  assert(StringRef(Text).ends_with(End) && "the log does not write at once");
  Text.insert(Text.size() - End.size(),
              (",\"runtime\":\"" + D.Runtime + "\"").str());
}

void DecisionLog::onDecision(const Decision &D) {
  auto LogTensor = [&](size_t Index, const auto &Value) {
    Log.logTensorValue(Index, reinterpret_cast<const char *>(&Value));
  };
  startContext(D);
  Log.startObservation();
  for (auto [Index, Value] : enumerate(D.Features))
    LogTensor(Index, Value);
  size_t Next = D.Features.size();
  constexpr uint64_t Largest = std::numeric_limits<int64_t>::max();
  LogTensor(Next++, D.ProfileCount ? static_cast<int64_t>(
                                         std::min(*D.ProfileCount, Largest))
                                   : int64_t(-1));
  LogTensor(Next++, static_cast<int64_t>(D.LlvmDecision));
  LogTensor(Next++,
            D.Prediction.value_or(std::numeric_limits<float>::quiet_NaN()));
  LogTensor(Next++, static_cast<int64_t>(D.Advice));
  Log.endObservation();
}

} // namespace fastir
