//===- UnitHashes.cpp - Which code is the same as before ------------------===//

#include "variants/UnitHashes.h"
#include "variants/GlobalRefs.h"

#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Operator.h"
#include "llvm/IR/StructuralHash.h"

using namespace llvm;

namespace fastir {

StringRef unitOf(const Function &F) {
  return F.hasComdat() ? F.getComdat()->getName() : F.getName();
}

/// What code generation reads of a call beyond its operands.
static uint64_t hashCall(const CallBase &Call) {
  uint64_t Bits = Call.doesNotThrow();
  Bits = Bits * 2 + Call.doesNotReturn();
  Bits = Bits * 2 + Call.doesNotAccessMemory();
  Bits = Bits * 2 + Call.onlyReadsMemory();
  if (const auto *Plain = dyn_cast<CallInst>(&Call))
    Bits = Bits * 4 + Plain->getTailCallKind();
  return Bits * 1024 + Call.getCallingConv();
}

/// LLVM's structural hash, and what it leaves out: flags of instructions and
/// properties of calls.
static uint64_t hashFunction(const Function &F) {
  SmallVector<stable_hash, 64> Parts = {
      StructuralHash(F, /*DetailedHash=*/true), F.getCallingConv(),
      F.doesNotThrow(), F.hasPersonalityFn()};
  for (const Instruction &I : instructions(F)) {
    if (unsigned Flags = I.getRawSubclassOptionalData())
      Parts.push_back(Flags);
    if (const auto *Call = dyn_cast<CallBase>(&I))
      Parts.push_back(hashCall(*Call));
  }
  return stable_hash_combine(Parts);
}

namespace {

/// What passes go by that look at a function's code: what the functions and
/// variables tell that it refers to.
class Surroundings {
public:
  uint64_t hash(const Function &F) {
    uint64_t Sum = 0;
    // In no order.
    forEachGlobal(F, [&](const GlobalValue &Global) { Sum += hash(Global); });
    return Sum;
  }

private:
  uint64_t hash(const GlobalValue &Global) {
    auto [It, IsNew] = Known.try_emplace(&Global);
    if (!IsNew)
      return It->second;
    const uint64_t Visible = isa<Function>(Global)
                                 ? hashAttributes(cast<Function>(Global))
                                 : hashVariable(Global);
    return Known[&Global] =
               stable_hash_combine(xxh3_64bits(Global.getName()), Visible);
  }

  /// Without those that name types, which have other names in other modules,
  /// and those that are texts, which no pass infers.
  static uint64_t hashAttributes(const Function &F) {
    SmallVector<stable_hash, 32> Parts;
    const AttributeList Attributes = F.getAttributes();
    for (unsigned Index : Attributes.indexes())
      for (Attribute A : Attributes.getAttributes(Index)) {
        if (A.isStringAttribute())
          continue;
        Parts.push_back(Index);
        Parts.push_back(A.getKindAsEnum());
        if (A.isIntAttribute())
          Parts.push_back(A.getValueAsInt());
        if (A.isConstantRangeAttribute())
          Parts.push_back(xxh3_64bits(A.getAsString()));
      }
    return stable_hash_combine(Parts);
  }

  static uint64_t hashVariable(const GlobalValue &Global) {
    const auto *Variable = dyn_cast<GlobalVariable>(&Global);
    if (!Variable)
      return 0;
    const bool IsAccessedOnly = all_of(Variable->users(), [&](const User *U) {
      const auto *Store = dyn_cast<StoreInst>(U);
      return isa<LoadInst>(U) || isa<GEPOperator>(U) ||
             (Store && Store->getValueOperand() != Variable);
    });
    return stable_hash_combine(Variable->isConstant(), IsAccessedOnly,
                               Variable->getAlign().valueOrOne().value());
  }

  DenseMap<const GlobalValue *, uint64_t> Known;
};

} // namespace

bool hasCode(const Function &F) {
  return !F.isDeclaration() && !F.hasAvailableExternallyLinkage();
}

UnitHashes hashUnits(const Module &M, HashOf What) {
  UnitHashes Hashes;
  Surroundings Around;
  for (const Function &F : M) {
    if (!hasCode(F))
      continue;
    uint64_t &Hash = Hashes[unitOf(F)];
    Hash = stable_hash_combine(
        Hash, xxh3_64bits(F.getName()), hashFunction(F),
        What == HashOf::CodeAndSurroundings ? Around.hash(F) : 0);
  }
  return Hashes;
}

/// Units that have to stay as they are: an alias needs the function it stands
/// for, a block's address the block.
static StringSet<> pinnedUnits(const Module &M) {
  StringSet<> Pinned;
  auto Pin = [&](const Constant *Target) {
    if (const auto *F = dyn_cast<Function>(Target->stripPointerCasts()))
      Pinned.insert(unitOf(*F));
  };
  for (const GlobalAlias &Alias : M.aliases())
    if (const GlobalObject *Object = Alias.getAliaseeObject())
      Pin(Object);
  for (const GlobalIFunc &IFunc : M.ifuncs())
    Pin(IFunc.getResolver());
  for (const Function &F : M)
    if (any_of(F, [](const BasicBlock &BB) { return BB.hasAddressTaken(); }))
      Pinned.insert(unitOf(F));
  return Pinned;
}

StringSet<> unchangedUnits(const Module &M, const UnitHashes &Known,
                           HashOf What) {
  StringSet<> Unchanged;
  for (const auto &[Unit, Hash] : hashUnits(M, What)) {
    auto Before = Known.find(Unit);
    if (Before != Known.end() && Before->second == Hash)
      Unchanged.insert(Unit);
  }
  for (const auto &Unit : pinnedUnits(M))
    Unchanged.erase(Unit.first());
  return Unchanged;
}

void dropBodies(Module &M, const StringSet<> &Units) {
  for (Function &F : M) {
    if (!hasCode(F) || !Units.contains(unitOf(F)))
      continue;
    const bool IsLocal = F.isDSOLocal();
    F.setComdat(nullptr);
    F.deleteBody();
    if (!IsLocal)
      continue;
    // Callers keep the short forms of call and address: what is called stays in
    // the same linked file.
    F.setVisibility(GlobalValue::HiddenVisibility);
    F.setDSOLocal(true);
  }
}

} // namespace fastir
