//===- Reuse.cpp - What a variant takes over from its base ----------------===//

#include "variants/Reuse.h"
#include "variants/GlobalRefs.h"

#include "llvm/IR/Constants.h"
#include "llvm/IR/Instructions.h"

using namespace llvm;

namespace fastir {

/// Nothing helps but to compile everything anew.
static const Missing Unknown = {{}, {}, false};

//===----------------------------------------------------------------------===//
// What a variant may change
//===----------------------------------------------------------------------===//

DecidedCalls::DecidedCalls(ArrayRef<RecordedDecision> Decisions,
                           const BaseState &Base) {
  if (Base.Inlined)
    for (const Function &F : *Base.Inlined)
      if (!F.isDeclaration() && !Base.Portable.contains(F.getName()))
        Own.push_back(F.getName());
  for (const RecordedDecision &D : Decisions) {
    Callees[D.Caller].push_back(D.Callee);
    if (!D.Advice)
      continue;
    InlinedCallees[D.Caller].push_back(D.Callee);
    InlinedInto[D.Callee].push_back(D.Caller);
  }
}

void DecidedCalls::follow(const Edges &From, StringSet<> &Names) {
  SmallVector<StringRef, 16> Waiting;
  for (const auto &Entry : Names)
    Waiting.push_back(Entry.first());
  while (!Waiting.empty()) {
    auto It = From.find(Waiting.pop_back_val());
    if (It == From.end())
      continue;
    for (StringRef Name : It->second)
      if (Names.insert(Name).second)
        Waiting.push_back(Name);
  }
}

StringSet<> DecidedCalls::affectedBy(const Variant &V,
                                     const Missing &More) const {
  StringSet<> Affected;
  for (const SiteDecision &D : V.Decisions)
    Affected.insert(D.Caller);
  for (const std::string &Name : More.Changed)
    Affected.insert(Name);
  follow(InlinedInto, Affected);
  // From here on, what is needed to compile them.
  for (const SiteDecision &D : V.Decisions) {
    Affected.insert(D.Callee);
    auto It = Callees.find(D.Callee);
    // These are decided for the first time.
    if (D.Inline && It != Callees.end())
      for (StringRef Callee : It->second)
        Affected.insert(Callee);
  }
  for (const std::string &Name : More.Needed)
    Affected.insert(Name);
  for (StringRef Name : Own)
    Affected.insert(Name);
  follow(InlinedCallees, Affected);
  return Affected;
}

//===----------------------------------------------------------------------===//
// While calls are inlined
//===----------------------------------------------------------------------===//

void Reuse::beginVariant(std::optional<StringSet<>> Functions) {
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
    Missing Thawed;
    for (Function &F : Functions)
      if (isFrozen(&F))
        Thawed.Changed.push_back(F.getName().str());
    if (!Thawed.Changed.empty())
      GiveUp(Thawed);
    return true;
  }
  for (Function &F : Functions) {
    Frozen.insert(&F);
    // Callers depend on these.
    if (const Function *Known = Base.Inlined->getFunction(F.getName()))
      F.setAttributes(Known->getAttributes());
  }
  return false;
}

void Reuse::onAsked(StringRef Callee, std::optional<bool> Advice) {
  if (!Affected)
    return;
  const Function *F = M.getFunction(Callee);
  // The decision depends on the callee's body, and so does inlining it.
  if (isFrozen(F) && Advice.value_or(true))
    GiveUp({{}, {Callee.str()}, true});
  if (Advice)
    return;
  // LLVM also counts its uses if it is local; a model sees more of them.
  if (Who == Policy::Model)
    GiveUp(Unknown);
  if (Who != Policy::Llvm || !F->hasLocalLinkage())
    return;
  Missing Users;
  Users.Changed = frozenUsers(*F);
  if (!Users.Changed.empty())
    GiveUp(Users);
}

void Reuse::onInlined(StringRef Caller, StringRef Callee,
                      int64_t Instructions) {
  // No advisor is asked about calls that have to be inlined.
  if (Affected && isFrozen(M.getFunction(Callee)))
    GiveUp({{}, {Callee.str()}, true});
  if (Instructions > 0)
    Growth[Caller] += Instructions;
}

/// The frozen functions that refer to \p F, now or as the base left them.
std::vector<std::string> Reuse::frozenUsers(const Function &F) const {
  std::vector<std::string> Users;
  auto Add = [&](const Function &User) {
    if (isFrozen(M.getFunction(User.getName())))
      Users.push_back(User.getName().str());
  };
  forEachUser(F, Add);
  if (const Function *Known = Base.Inlined->getFunction(F.getName()))
    forEachUser(*Known, Add);
  return Users;
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

/// Callers depend on a function's attributes, frozen ones on the base's.
void Reuse::checkAttributes() {
  Missing Users;
  for (const Function &F : M) {
    if (F.isDeclaration() || isFrozen(&F))
      continue;
    const Function *Known = Base.Inlined->getFunction(F.getName());
    if (!Known || Known->isDeclaration() ||
        areSameButForTypes(Known->getAttributes(), F.getAttributes()))
      continue;
    AttributesChanged.push_back(F.getName().str());
    append_range(Users.Changed, frozenUsers(F));
  }
  if (!Users.Changed.empty())
    GiveUp(Users);
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
        GiveUp(Unknown);
    });
    Variable.setAlignment(Known->getAlign());
  }
}

void Reuse::checkGrowth() const {
  int64_t Total = 0;
  for (const auto &Entry : Base.Growth)
    if (isFrozen(M.getFunction(Entry.first())))
      Total += Entry.second;
  for (const auto &Entry : Growth)
    if (!isFrozen(M.getFunction(Entry.first())))
      Total += Entry.second;
  if (Base.isTooMuch(Total))
    GiveUp(Unknown);
}

/// What \p M gets in the place of \p Global of another module, which it does
/// not know; null if that cannot be.
static GlobalValue *copyOf(GlobalValue &Global, Module &M) {
  if (auto *Variable = dyn_cast<GlobalVariable>(&Global)) {
    if (!Variable->hasInitializer())
      return nullptr;
    auto *Copy =
        new GlobalVariable(M, Variable->getValueType(), Variable->isConstant(),
                           Variable->getLinkage(), Variable->getInitializer(),
                           Variable->getName());
    Copy->copyAttributesFrom(Variable);
    return Copy;
  }
  const auto *F = dyn_cast<Function>(&Global);
  if (!F || !F->isDeclaration())
    return nullptr;
  Function *Copy =
      Function::Create(F->getFunctionType(), F->getLinkage(), F->getName(), M);
  Copy->copyAttributesFrom(F);
  return Copy;
}

/// Has all that refers to globals of the base's module refer to those of the
/// same name here.
void Reuse::takeOverReferences() {
  for (GlobalValue &Global : Base.Inlined->global_values()) {
    if (Global.use_empty())
      continue;
    GlobalValue *Own = nullptr;
    // What has come up here under that name is something else.
    if (!Base.Added.contains(&Global))
      Own = M.getNamedValue(Global.getName());
    if (!Own)
      Own = copyOf(Global, M);
    if (!Own)
      GiveUp(Unknown);
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
void Reuse::restoreBodies(FunctionAnalysisManager &FAM) {
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
  Reused = Kept.size();
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
      GiveUp(Unknown);
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
  if (!HasDeparted || !Base.Inlined)
    return;
  checkAttributes();
  if (!Affected)
    return;
  checkGrowth();
  checkVariables();
  restoreBodies(P.FAM);
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
void Reuse::stubOut(Function &F) {
  Settled.insert(&F);
  empty(F);
  Instruction *End = F.getEntryBlock().getTerminator();
  for (const std::string &Name : Base.References.find(F.getName())->second)
    new FreezeInst(M.getNamedValue(Name), "", End->getIterator());
}

void Reuse::beforeLatePasses(Module &, FunctionAnalysisManager &FAM) {
  if (!HasDeparted)
    return;
  StringSet<> Unchanged =
      unchangedUnits(M, Base.Early, HashOf::CodeAndSurroundings);
  for (const Function &F : M)
    if (hasCode(F) && !canSettle(F))
      Unchanged.erase(unitOf(F));
  for (Function &F : M) {
    if (!hasCode(F) || !Unchanged.contains(unitOf(F)))
      continue;
    FAM.clear(F, F.getName());
    stubOut(F);
  }
}

} // namespace fastir
