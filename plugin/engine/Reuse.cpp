//===- Reuse.cpp - What a variant takes over from its base ----------------===//

#include "engine/Reuse.h"
#include "engine/GlobalRefs.h"

#include "llvm/IR/Constants.h"
#include "llvm/IR/Instructions.h"

using namespace llvm;

namespace fastir {

//===----------------------------------------------------------------------===//
// What a variant may change
//===----------------------------------------------------------------------===//

DecidedCalls::DecidedCalls(ArrayRef<RecordedDecision> Decisions) {
  for (const RecordedDecision &D : Decisions) {
    Callees[D.Caller].push_back(D.Callee);
    if (!D.Advice)
      continue;
    InlinedCallees[D.Caller].push_back(D.Callee);
    InlinedInto[D.Callee].push_back(D.Caller);
  }
}

StringSet<> DecidedCalls::affectedBy(const Variant &V) const {
  StringSet<> Affected;
  SmallVector<StringRef, 16> Waiting;
  auto Add = [&](StringRef Name) {
    if (Affected.insert(Name).second)
      Waiting.push_back(Name);
  };
  auto AddAll = [&](const Edges &Of, StringRef Name) {
    auto It = Of.find(Name);
    if (It != Of.end())
      for (StringRef Other : It->second)
        Add(Other);
  };
  for (const SiteDecision &D : V.Decisions)
    Add(D.Caller);
  while (!Waiting.empty())
    AddAll(InlinedInto, Waiting.pop_back_val());
  // From here on, what is needed to compile them.
  for (const auto &Entry : Affected)
    Waiting.push_back(Entry.first());
  for (const SiteDecision &D : V.Decisions) {
    Add(D.Callee);
    // Somebody has to decide on these for the first time.
    if (D.Inline)
      AddAll(Callees, D.Callee);
  }
  while (!Waiting.empty())
    AddAll(InlinedCallees, Waiting.pop_back_val());
  return Affected;
}

//===----------------------------------------------------------------------===//
// While calls are inlined
//===----------------------------------------------------------------------===//

void Reuse::depart(std::optional<StringSet<>> Functions) {
  HasDeparted = true;
  if (Base.Inlined)
    Affected = std::move(Functions);
}

bool Reuse::canFreeze(const Function &F) const {
  if (Affected->contains(F.getName()))
    return false;
  // What the base had deleted by then will go here as well.
  const Function *Known = Base.Inlined->getFunction(F.getName());
  return !Known || Base.Portable.contains(F.getName());
}

bool Reuse::wantsPasses(const LazyCallGraph::SCC &SCC) {
  if (!HasDeparted || !Affected)
    return true;
  auto Functions = map_range(SCC, [](LazyCallGraph::Node &Node) -> Function & {
    return Node.getFunction();
  });
  if (!all_of(Functions, [&](Function &F) { return canFreeze(F); })) {
    if (any_of(Functions, [&](Function &F) { return isFrozen(&F); }))
      GiveUp();
    return true;
  }
  for (Function &F : Functions) {
    Frozen.insert(&F);
    // Callers go by these.
    if (const Function *Known = Base.Inlined->getFunction(F.getName()))
      F.setAttributes(Known->getAttributes());
  }
  return false;
}

void Reuse::onAsked(StringRef Callee, std::optional<bool> Advice) {
  if (!Affected)
    return;
  const Function *F = M.getFunction(Callee);
  if (Advice) {
    if (*Advice && isFrozen(F))
      GiveUp();
    return;
  }
  // LLVM goes by the callee's body, and by the number of its uses if it is
  // local; a model by more.
  if (isFrozen(F) || Who == Policy::Model ||
      (Who == Policy::Llvm && F->hasLocalLinkage() && isUsedByFrozen(*F)))
    GiveUp();
}

void Reuse::onInlined(StringRef Caller, int64_t Instructions) {
  if (Instructions > 0)
    Growth[Caller] += Instructions;
}

/// Whether a frozen function refers to \p F, now or as the base left it.
bool Reuse::isUsedByFrozen(const Function &F) const {
  bool IsUsed = false;
  forEachUser(F, [&](const Function &User) { IsUsed |= isFrozen(&User); });
  if (const Function *Known = Base.Inlined->getFunction(F.getName()))
    forEachUser(*Known, [&](const Function &User) {
      IsUsed |= isFrozen(M.getFunction(User.getName()));
    });
  return IsUsed;
}

//===----------------------------------------------------------------------===//
// After that
//===----------------------------------------------------------------------===//

/// Types have other names in either module.
static bool areSameButForTypes(AttributeSet A, AttributeSet B) {
  return A == B ||
         std::equal(A.begin(), A.end(), B.begin(), B.end(),
                    [](Attribute Left, Attribute Right) {
                      return Left == Right ||
                             (Left.isTypeAttribute() &&
                              Right.isTypeAttribute() &&
                              Left.getKindAsEnum() == Right.getKindAsEnum());
                    });
}

static bool areSameButForTypes(AttributeList A, AttributeList B) {
  if (A.getNumAttrSets() != B.getNumAttrSets())
    return false;
  for (unsigned Index : A.indexes())
    if (!areSameButForTypes(A.getAttributes(Index), B.getAttributes(Index)))
      return false;
  return true;
}

/// Callers go by a function's attributes, frozen ones by those of the base.
void Reuse::checkAttributes() const {
  for (const Function &F : M) {
    if (F.isDeclaration() || isFrozen(&F))
      continue;
    const Function *Known = Base.Inlined->getFunction(F.getName());
    if (Known && !Known->isDeclaration() &&
        !areSameButForTypes(Known->getAttributes(), F.getAttributes()) &&
        isUsedByFrozen(F))
      GiveUp();
  }
}

/// Passes raise the alignment of variables for the sake of who uses them.
void Reuse::checkVariables() const {
  for (GlobalVariable &Variable : M.globals()) {
    const GlobalVariable *Known =
        Base.Inlined->getNamedGlobal(Variable.getName());
    if (!Known || Known->getAlign() == Variable.getAlign())
      continue;
    forEachUser(Variable, [&](const Function &User) {
      if (!isFrozen(&User))
        GiveUp();
    });
    Variable.setAlignment(Known->getAlign());
  }
}

/// Past twice its size, a module is left to LLVM's own decisions.
void Reuse::checkGrowth() const {
  int64_t Total = 0;
  for (const auto &Entry : Base.Growth)
    if (isFrozen(M.getFunction(Entry.first())))
      Total += Entry.second;
  for (const auto &Entry : Growth)
    if (!isFrozen(M.getFunction(Entry.first())))
      Total += Entry.second;
  if (Total >= Base.Instructions)
    GiveUp();
}

/// Has all that refers to globals of the base's module refer to those of the
/// same name here.
void Reuse::takeOverReferences() {
  for (GlobalValue &Global : Base.Inlined->global_values()) {
    if (Global.use_empty())
      continue;
    GlobalValue *Own = M.getNamedValue(Global.getName());
    if (!Own) {
      const auto *F = dyn_cast<Function>(&Global);
      // Functions that are not portable refer to what has no equal here.
      if (!F || !F->isDeclaration())
        continue;
      Function *Declared = Function::Create(F->getFunctionType(),
                                            F->getLinkage(), F->getName(), M);
      Declared->copyAttributesFrom(F);
      Own = Declared;
    }
    Global.replaceAllUsesWith(Own);
  }
}

static void empty(Function &F) {
  F.dropAllReferences();
  F.setPersonalityFn(nullptr);
  new UnreachableInst(F.getContext(),
                      BasicBlock::Create(F.getContext(), "", &F));
}

/// Frozen functions get the bodies that they have in the base.
void Reuse::thaw(FunctionAnalysisManager &FAM) {
  SmallVector<Function *, 16> Gone;
  SmallVector<std::pair<Function *, Function *>, 32> Kept;
  for (Function &F : M) {
    if (!isFrozen(&F))
      continue;
    Function *Known = Base.Inlined->getFunction(F.getName());
    if (Known && !Known->isDeclaration())
      Kept.emplace_back(&F, Known);
    else
      Gone.push_back(&F);
    FAM.clear(F, F.getName());
  }
  for (Function *F : Gone)
    empty(*F);
  for (auto [To, From] : Kept) {
    To->dropAllReferences();
    To->setPersonalityFn(From->hasPersonalityFn() ? From->getPersonalityFn()
                                                  : nullptr);
    To->copyMetadata(From, 0);
    To->splice(To->begin(), From);
    for (auto [Own, Other] : zip(To->args(), From->args()))
      Other.replaceAllUsesWith(&Own);
  }
  // The others must not count as users of anything here.
  for (Function &Left : *Base.Inlined)
    Left.dropAllReferences();
  takeOverReferences();
  for (Function *F : Gone) {
    F->removeDeadConstantUsers();
    if (!F->use_empty())
      GiveUp();
  }
  emptyUnused(FAM);
}

/// What the base deleted when its last call was inlined, which here was a
/// frozen function's.
void Reuse::emptyUnused(FunctionAnalysisManager &FAM) {
  for (Function &F : M) {
    if (F.isDeclaration() || isFrozen(&F) ||
        Base.Inlined->getFunction(F.getName()) || !F.isDefTriviallyDead())
      continue;
    FAM.clear(F, F.getName());
    empty(F);
  }
}

void Reuse::afterInlining(Module &, Pipeline &P) {
  if (!Affected)
    return;
  checkGrowth();
  checkAttributes();
  checkVariables();
  thaw(P.FAM);
  PreservedAnalyses Kept = PreservedAnalyses::all();
  Kept.abandon<LazyCallGraphAnalysis>();
  P.MAM.invalidate(M, Kept);
}

//===----------------------------------------------------------------------===//
// Before late passes
//===----------------------------------------------------------------------===//

bool Reuse::canSettle(const Function &F) const {
  auto It = Base.References.find(F.getName());
  return It != Base.References.end() &&
         all_of(It->second,
                [&](const std::string &Name) { return M.getNamedValue(Name); });
}

/// Leaves of \p F what it refers to after late passes.
void Reuse::settle(Function &F) {
  Settled.insert(&F);
  empty(F);
  Instruction *End = F.getEntryBlock().getTerminator();
  for (const std::string &Name : Base.References.find(F.getName())->second)
    new FreezeInst(M.getNamedValue(Name), "", End->getIterator());
}

void Reuse::beforeLatePasses(Module &, FunctionAnalysisManager &FAM) {
  if (!HasDeparted)
    return;
  StringSet<> Unchanged = unchangedUnits(M, Base.Early);
  for (const Function &F : M)
    if (hasCode(F) && !canSettle(F))
      Unchanged.erase(unitOf(F));
  for (Function &F : M) {
    if (!hasCode(F) || !Unchanged.contains(unitOf(F)))
      continue;
    FAM.clear(F, F.getName());
    settle(F);
  }
}

} // namespace fastir
