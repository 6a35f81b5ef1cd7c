//===- BaseState.cpp - What a compile keeps for its variants --------------===//

#include "variants/BaseState.h"
#include "inline/ModuleGrowth.h"
#include "inline/features/ControlFlow.h"
#include "variants/GlobalRefs.h"

#include "llvm/Transforms/Utils/Cloning.h"

using namespace llvm;

namespace fastir {

static StringSet<> namesOf(const Module &M) {
  StringSet<> Names;
  for (const GlobalValue &Global : M.global_values())
    Names.insert(Global.getName());
  return Names;
}

/// Whether a body of \p M is known from its text alone: no other object
/// describes it, and everything has a name.
static bool isPlain(const Module &M) {
  return M.ifuncs().empty() && !M.getNamedMetadata("llvm.dbg.cu") &&
         all_of(M.global_values(),
                [](const GlobalValue &G) { return G.hasName(); }) &&
         none_of(M, [](const Function &F) { return F.isPresplitCoroutine(); });
}

/// Leaves nothing but code that refers to anything.
static void dropReferencesOfData(Module &M) {
  for (GlobalVariable &Variable : M.globals())
    if (Variable.hasInitializer() &&
        !isa<ConstantData>(Variable.getInitializer()))
      Variable.setInitializer(nullptr);
  for (GlobalAlias &Alias : M.aliases())
    Alias.dropAllReferences();
  for (GlobalValue &Global : M.global_values())
    Global.removeDeadConstantUsers();
}

bool BaseState::isTooMuch(int64_t Growth) const {
  ModuleGrowth Account(Instructions);
  Account.add(Growth);
  return Account.isExhausted();
}

void BaseStateRecorder::beforeInlining(Module &M) {
  Original = namesOf(M);
  for (const Function &F : M)
    if (!F.isDeclaration())
      State.Instructions += reachedSize(F);
}

void BaseStateRecorder::afterInlining(Module &M, Pipeline &) {
  int64_t Growth = 0;
  for (const auto &Entry : State.Growth)
    Growth += Entry.second;
  // At -O3 arguments are promoted meanwhile: functions have other types after.
  if (State.isTooMuch(Growth) || Level == OptimizationLevel::O3 || !isPlain(M))
    return;
  State.Inlined = CloneModule(M);
  dropReferencesOfData(*State.Inlined);
  for (const Function &F : *State.Inlined)
    if (!F.isDeclaration() && !F.hasPrefixData() && !F.hasPrologueData())
      State.Portable.insert(F.getName());
  auto IsNotPortable = [&](const Function &F) {
    State.Portable.erase(F.getName());
  };
  for (const Function &F : *State.Inlined)
    for (const BasicBlock &BB : F)
      if (BB.hasAddressTaken()) {
        IsNotPortable(F);
        forEachUser(*BlockAddress::lookup(&BB), IsNotPortable);
      }
  for (const GlobalValue &Global : State.Inlined->global_values()) {
    const auto *F = dyn_cast<Function>(&Global);
    if (Original.contains(Global.getName()) || (F && F->isDeclaration()))
      continue;
    const auto *Variable = dyn_cast<GlobalVariable>(&Global);
    if (Variable && Variable->hasPrivateLinkage() &&
        Variable->hasInitializer()) {
      State.Added.insert(Variable);
      continue;
    }
    forEachUser(Global, IsNotPortable);
  }
}

void BaseStateRecorder::beforeLatePasses(Module &M, FunctionAnalysisManager &) {
  State.Early = hashUnits(M, HashOf::CodeAndSurroundings);
  Early = namesOf(M);
}

void BaseStateRecorder::finish(Module &M) {
  State.Final = hashUnits(M, HashOf::Code);
  for (const Function &F : M) {
    if (F.isDeclaration())
      continue;
    std::vector<std::string> References;
    bool IsNew = false;
    forEachGlobal(F, [&](const GlobalValue &Global) {
      if (Global.isDeclaration())
        return;
      IsNew |= !Early.contains(Global.getName());
      References.push_back(Global.getName().str());
    });
    if (!IsNew)
      State.References[F.getName()] = std::move(References);
  }
}

} // namespace fastir
