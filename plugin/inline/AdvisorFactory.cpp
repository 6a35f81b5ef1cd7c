//===- AdvisorFactory.cpp - Putting our advisor into a pipeline -----------===//
//
// LLVM takes a plugin's advisor factory as a bare function pointer and calls it
// without the ModuleAnalysisManager that MLInlineAdvisor needs. The manager is
// handed out when analyses are registered, on the thread that will run the
// pipeline; a thread remembers its managers and what to do under each.
//
//===----------------------------------------------------------------------===//

#include "inline/AdvisorFactory.h"
#include "inline/FastirInlineAdvisor.h"
#include "inline/LeanInlineAdvisor.h"
#include "model/Model.h"
#include "support/Diagnostics.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/CommandLine.h"

using namespace llvm;

namespace fastir {

namespace {

struct Registration {
  ModuleAnalysisManager *MAM;
  ConfigSource Source;
};

/// The live managers of this thread, innermost last: ThinLTO's back ends run
/// in parallel in one process.
thread_local std::vector<Registration> Registrations;

/// An analysis that is never run: the manager owns it, so its end is the
/// manager's end, and the manager is forgotten.
class ManagerLifetime : public AnalysisInfoMixin<ManagerLifetime> {
public:
  struct Result {};
  explicit ManagerLifetime(ModuleAnalysisManager &MAM) : MAM(&MAM) {}
  ManagerLifetime(ManagerLifetime &&Other)
      : MAM(std::exchange(Other.MAM, nullptr)) {}
  ManagerLifetime &operator=(ManagerLifetime &&) = delete;
  ~ManagerLifetime() {
    if (MAM)
      erase_if(Registrations,
               [&](const Registration &R) { return R.MAM == MAM; });
  }
  Result run(Module &, ModuleAnalysisManager &) { return {}; }

  static AnalysisKey Key;

private:
  ModuleAnalysisManager *MAM;
};

AnalysisKey ManagerLifetime::Key;

/// The registration whose manager runs \p FAM on \p M; null if this thread has
/// none.
const Registration *findRegistration(Module &M, FunctionAnalysisManager &FAM) {
  for (const Registration &R : reverse(Registrations)) {
    auto *Proxy = R.MAM->getCachedResult<FunctionAnalysisManagerModuleProxy>(M);
    if (Proxy && &Proxy->getManager() == &FAM)
      return &R;
  }
  return nullptr;
}

/// Whether the command line has LLVM's option of that name.
bool isGiven(StringRef Name) {
  const cl::Option *Option = cl::getRegisteredOptions().lookup(Name);
  return Option && Option->getNumOccurrences() > 0;
}

InlineAdvisor *createAdvisor(Module &M, FunctionAnalysisManager &FAM,
                             InlineParams Params, InlineContext IC) {
  const Registration *R = findRegistration(M, FAM);
  if (!R) {
    reportError(M.getContext(), "this host runs its passes on another thread "
                                "than the one that built them");
    return new DefaultInlineAdvisor(M, FAM, Params, IC);
  }
  Expected<AdvisorConfig> Config = R->Source(M);
  if (!Config) {
    reportError(M.getContext(), toString(Config.takeError()));
    return new DefaultInlineAdvisor(M, FAM, Params, IC);
  }
  // What copies weigh that linkers merge, or that the link removes, is another
  // matter in each phase of LTO.
  erase_if(Config->Models, [&](const Model *M) {
    return !is_contained(M->metadata().Phases, IC.LTOPhase);
  });
  if (!FastirInlineAdvisor::hasWork(M, *Config))
    return new DefaultInlineAdvisor(M, FAM, Params, IC);
  // MLInlineAdvisor obeys it by advice that it does not keep track of.
  if (isGiven("ml-inliner-skip-policy"))
    reportError(M.getContext(),
                "-ml-inliner-skip-policy is not supported: leave it out");
  if (LeanInlineAdvisor::suffices(*Config))
    return new LeanInlineAdvisor(M, FAM, Params, IC, std::move(*Config));
  return new FastirInlineAdvisor(M, *R->MAM, Params, std::move(*Config));
}

} // namespace

void registerAdvisor(PassBuilder &PB, ConfigSource Source) {
  PB.registerAnalysisRegistrationCallback([Source = std::move(Source)](
                                              ModuleAnalysisManager &MAM) {
    Registrations.push_back({&MAM, Source});
    MAM.registerPass([&] { return ManagerLifetime(MAM); });
    MAM.registerPass([] { return PluginInlineAdvisorAnalysis(createAdvisor); });
  });
}

} // namespace fastir
