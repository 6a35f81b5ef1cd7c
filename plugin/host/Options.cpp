//===- Options.cpp - The plugin's options ---------------------------------===//

#include "host/Options.h"
#include "decision/DecisionLog.h"
#include "decision/ProfilePass.h"
#include "decision/Replay.h"
#include "host/PinnedSettings.h"
#include "inline/features/InlineFeatures.h"
#include "model/Model.h"
#include "support/Diagnostics.h"
#include "support/OwnPath.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/WithColor.h"

#include <unistd.h>

using namespace llvm;

namespace fastir {

/// LLVM would abort on the first option that it has from another copy of the
/// plugin. Comes before the options in this file, and so in time.
[[maybe_unused]] static const bool Alone = [] {
  if (cl::getRegisteredOptions().count("fastir-policy")) {
    WithColor::error(errs()) << "fastir: two copies of the plugin are loaded; "
                                "use the flags of one 'fastir flags' alone\n";
    _exit(1);
  }
  return true;
}();

static cl::OptionCategory Category("Fastir options");

static cl::opt<std::string>
    PolicyOption("fastir-policy", cl::cat(Category),
                 cl::value_desc("model|llvm|always|never"),
                 cl::desc("Who decides on inlining (FASTIR_POLICY)"));
static cl::opt<std::string>
    ModelOption("fastir-model", cl::cat(Category), cl::value_desc("file.onnx"),
                cl::desc("The model that decides; by default those shipped "
                         "(FASTIR_MODEL)"));
static cl::opt<std::string>
    RuntimeOption("fastir-runtime", cl::cat(Category),
                  cl::value_desc("auto|native|onnxruntime"),
                  cl::desc("What evaluates the model: the plugin, which can "
                           "evaluate trees, ONNX Runtime, or the first that "
                           "can (FASTIR_RUNTIME)"));
static cl::opt<std::string> OnnxRuntimeOption(
    "fastir-onnxruntime", cl::cat(Category),
    cl::value_desc("libonnxruntime.so"),
    cl::desc("ONNX Runtime's library; by default found beside "
             "the plugin (FASTIR_ONNXRUNTIME)"));
static cl::opt<std::string>
    LogOption("fastir-log", cl::cat(Category), cl::value_desc("file"),
              cl::desc("Log each decision in MLGO's format (FASTIR_LOG)"));
static cl::opt<std::string>
    ReplayOption("fastir-replay", cl::cat(Category), cl::value_desc("dir"),
                 cl::desc("Take the decisions that files in this folder give, "
                          "before the policy's (FASTIR_REPLAY)"));
static cl::opt<std::string> ProfileOption(
    "fastir-profile", cl::cat(Category), cl::value_desc("file"),
    cl::desc("Take the decisions that 'fastir tune' wrote to this file, before "
             "the policy's (FASTIR_PROFILE)"));
static cl::opt<bool> StrictProfileOption(
    "fastir-profile-strict", cl::cat(Category),
    cl::desc("Fail where a function that the profile has decisions for has "
             "changed, in place of leaving it to the policy "
             "(FASTIR_PROFILE_STRICT=1)"));
static cl::opt<std::string>
    CollectOption("fastir-collect", cl::cat(Category), cl::value_desc("dir"),
                  cl::desc("Keep the module's bitcode from before "
                           "optimisation (FASTIR_COLLECT)"));

static cl::opt<bool> VerifyFactsOption(
    "fastir-verify-facts", cl::cat(Category), cl::Hidden,
    cl::desc("Count everything anew at each decision, and compare; for tests"));

/// The value of an option or else of its environment twin.
static std::string valueOf(const cl::opt<std::string> &Option,
                           StringRef Variable) {
  if (Option.getNumOccurrences())
    return Option;
  return sys::Process::GetEnv(Variable).value_or("");
}

std::string collectDirectory() {
  return valueOf(CollectOption, "FASTIR_COLLECT");
}

std::string replayDirectory() { return valueOf(ReplayOption, "FASTIR_REPLAY"); }

ProfileSettings profileSettings() {
  Expected<const PinnedSettings *> Pinned = pinnedSettings();
  if (!Pinned)
    consumeError(Pinned.takeError()); // configFromOptions() reports it
  else if (*Pinned)
    return {(*Pinned)->Profile, (*Pinned)->StrictProfile};
  bool Strict = StrictProfileOption;
  if (!StrictProfileOption.getNumOccurrences())
    Strict =
        !sys::Process::GetEnv("FASTIR_PROFILE_STRICT").value_or("").empty();
  return {valueOf(ProfileOption, "FASTIR_PROFILE"), Strict};
}

/// Fails where the user names something that decides and that no cache sees:
/// the path of \p Option or anything in the environment.
static Error refuseUnseen(const cl::opt<std::string> &Option,
                          StringRef Variable, StringRef Instead) {
  if (Option.getNumOccurrences())
    return createStringError("-" + Option.ArgStr +
                             "= names what a compiler cache does not look "
                             "into; use " +
                             Instead);
  if (sys::Process::GetEnv(Variable).value_or("").empty())
    return Error::success();
  return createStringError(Variable +
                           " is set, which a compiler cache does not see; "
                           "unset it and use " +
                           Instead);
}

/// What the options may not say beside pinned settings. The policy they may:
/// caches see the option.
static Error checkBesidePinned() {
  if (!PolicyOption.getNumOccurrences())
    if (Error E = refuseUnseen(PolicyOption, "FASTIR_POLICY",
                               "'fastir flags --policy'"))
      return E;
  if (Error E =
          refuseUnseen(ModelOption, "FASTIR_MODEL", "'fastir flags --model'"))
    return E;
  if (Error E = refuseUnseen(OnnxRuntimeOption, "FASTIR_ONNXRUNTIME",
                             "'fastir flags --onnxruntime'"))
    return E;
  if (Error E = refuseUnseen(RuntimeOption, "FASTIR_RUNTIME",
                             "'fastir flags --runtime'"))
    return E;
  if (Error E = refuseUnseen(ProfileOption, "FASTIR_PROFILE",
                             "'fastir flags --profile'"))
    return E;
  return refuseUnseen(ReplayOption, "FASTIR_REPLAY",
                      "'fastir flags --unpinned'");
}

static Expected<Policy> policyFromOptions(const PinnedSettings *Pinned) {
  std::string Name = Pinned && !PolicyOption.getNumOccurrences()
                         ? Pinned->Policy
                         : valueOf(PolicyOption, "FASTIR_POLICY");
  return parsePolicy(Name.empty() ? "model" : StringRef(Name));
}

/// The models that are installed with the plugin.
static std::vector<std::string> defaultModels() {
  std::vector<std::string> Found;
  for (StringRef Up : {"..", "../.."})
    for (StringRef Name :
         {"inline-oz.onnx", "inline-os.onnx", "inline-oz-pre-link.onnx"}) {
      SmallString<256> Path(ownDirectory());
      sys::path::append(Path, Up, "models", Name);
      if (sys::fs::exists(Path))
        Found.push_back(Path.str().str());
    }
  return Found;
}

static Error addModel(AdvisorConfig &Config, StringRef Path,
                      const RuntimeChoice &Choice) {
  Expected<Model *> Model = Model::open(Path, inliningSchema(), Choice);
  if (!Model)
    return Model.takeError();
  Config.Models.push_back(*Model);
  return Error::success();
}

static Error addPinnedModels(AdvisorConfig &Config,
                             const PinnedSettings &Pinned) {
  if (Pinned.Models.empty())
    return createStringError("the flags were made for the policy '" +
                             Twine(Pinned.Policy) +
                             "' and have no model; use 'fastir flags --policy "
                             "model'");
  Expected<Runtime> Which = parseRuntime(Pinned.Runtime);
  if (!Which)
    return Which.takeError();
  for (const std::string &Path : Pinned.Models)
    if (Error E = addModel(Config, Path, {*Which, Pinned.OnnxRuntime}))
      return E;
  return Error::success();
}

static Error addModels(AdvisorConfig &Config, Module &M) {
  const std::string Named = valueOf(ModelOption, "FASTIR_MODEL");
  const std::vector<std::string> Paths =
      Named.empty() ? defaultModels() : std::vector{Named};
  if (Paths.empty()) {
    reportWarning(M.getContext(), "the default model is missing; LLVM decides "
                                  "on inlining; name one with -fastir-model=");
    Config.Who = Policy::Llvm;
    return Error::success();
  }
  const std::string Runtime = valueOf(RuntimeOption, "FASTIR_RUNTIME");
  auto Which = parseRuntime(Runtime.empty() ? "auto" : StringRef(Runtime));
  if (!Which)
    return Which.takeError();
  const RuntimeChoice Choice{*Which,
                             valueOf(OnnxRuntimeOption, "FASTIR_ONNXRUNTIME")};
  for (const std::string &Path : Paths)
    if (Error E = addModel(Config, Path, Choice))
      return E;
  return Error::success();
}

Expected<AdvisorConfig> configFromOptions(Module &M) {
  AdvisorConfig Config;
  Expected<const PinnedSettings *> Pinned = pinnedSettings();
  if (!Pinned)
    return Pinned.takeError();
  if (*Pinned)
    if (Error E = checkBesidePinned())
      return E;
  Expected<Policy> Who = policyFromOptions(*Pinned);
  if (!Who)
    return Who.takeError();
  Config.Who = *Who;
  Config.VerifyFacts = VerifyFactsOption;
  const ModuleProfile *Tuned = foundProfile(M);
  if (Tuned && Config.Who == Policy::Model)
    Config.Who = Tuned->Who;
  if (Config.Who == Policy::Model)
    if (Error E =
            *Pinned ? addPinnedModels(Config, **Pinned) : addModels(Config, M))
      return E;
  if (std::string Directory = replayDirectory(); !Directory.empty()) {
    auto Found = findReplay(Directory, M);
    if (!Found)
      return Found.takeError();
    Config.Observer = std::move(*Found);
    if (Config.Observer)
      return Config;
  }
  if (std::string Path = valueOf(LogOption, "FASTIR_LOG"); !Path.empty()) {
    auto Log = DecisionLog::create(Path, M, inliningSchema());
    if (!Log)
      return Log.takeError();
    Config.Observer = std::move(*Log);
  }
  if (Tuned && !Tuned->Advice.empty())
    Config.Observer = std::make_shared<ProfiledDecisions>(
        Tuned->Advice, std::move(Config.Observer));
  return Config;
}

} // namespace fastir
