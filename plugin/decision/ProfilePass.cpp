//===- ProfilePass.cpp - Finding a module's tuned decisions ---------------===//

#include "decision/ProfilePass.h"
#include "support/Diagnostics.h"

using namespace llvm;

namespace fastir {

/// The last module that a pipeline started on, on this thread.
static thread_local const Module *Started = nullptr;
static thread_local std::optional<ModuleProfile> Found;

Error ProfilePass::find(Module &M) const {
  Expected<Profile> Read = Profile::read(Path);
  if (!Read)
    return Read.takeError();
  auto OfModule = Read->find(M, Phase, Level);
  if (!OfModule)
    return OfModule.takeError();
  Found = std::move(*OfModule);
  if (Strict && Found && Found->Stale)
    return createStringError("the profile '" + Twine(Path) +
                             "' is stale: " + Twine(Found->Stale) + " of " +
                             Twine(Found->Total) + " decisions for '" +
                             M.getSourceFileName() +
                             "' are on calls in functions that have changed");
  return Error::success();
}

PreservedAnalyses ProfilePass::run(Module &M, ModuleAnalysisManager &) {
  Started = &M;
  Found.reset();
  if (Error E = find(M))
    reportError(M.getContext(), toString(std::move(E)));
  return PreservedAnalyses::all();
}

const ModuleProfile *foundProfile(const Module &M) {
  return Started == &M && Found ? &*Found : nullptr;
}

} // namespace fastir
