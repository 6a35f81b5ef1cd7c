//===- UnitHashes.cpp - Which code is the same as before ------------------===//

#include "engine/UnitHashes.h"

#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
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

bool hasCode(const Function &F) {
  return !F.isDeclaration() && !F.hasAvailableExternallyLinkage();
}

UnitHashes hashUnits(const Module &M) {
  UnitHashes Hashes;
  for (const Function &F : M) {
    if (!hasCode(F))
      continue;
    uint64_t &Hash = Hashes[unitOf(F)];
    Hash = stable_hash_combine(Hash, xxh3_64bits(F.getName()), hashFunction(F));
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

StringSet<> unchangedUnits(const Module &M, const UnitHashes &Known) {
  StringSet<> Unchanged;
  for (const auto &[Unit, Hash] : hashUnits(M)) {
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
