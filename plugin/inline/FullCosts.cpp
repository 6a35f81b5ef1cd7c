//===- FullCosts.cpp - Whole costs of calls, kept by callee ---------------===//
//
// What the key holds is what llvm::getInlineCost reads of a call and its caller
// to compute the cost; the threshold, which depends on more, is not kept.
//
//===----------------------------------------------------------------------===//

#include "inline/FullCosts.h"

#include "llvm/Analysis/InlineCost.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Operator.h"

using namespace llvm;

namespace fastir {

namespace {

/// A pointer as the cost model takes it apart.
struct Pointer {
  const Value *Base;
  APInt Offset; ///< in bytes
};

/// What one argument of a call is.
enum class Kind : uint64_t { Unknown, Constant, Pointer, PointerToAlloca };

class KeyWriter {
public:
  explicit KeyWriter(const CallBase &CB) : CB(CB), DL(CB.getDataLayout()) {}

  void add(uint64_t Word) {
    Result.append(
        StringRef(reinterpret_cast<const char *>(&Word), sizeof Word));
  }
  /// Whether the cost model sees no more than what is added.
  bool addArgument(unsigned Number);

  FullCosts::Key Result;

private:
  void addPointer(const Value &V);
  std::optional<Pointer> strip(const Value &V) const;

  const CallBase &CB;
  const DataLayout &DL;
  SmallVector<const Value *, 8> Bases;
};

} // namespace

static uint64_t asWord(const void *Pointer) {
  return reinterpret_cast<uintptr_t>(Pointer);
}

/// None if an offset is not constant or may leave the object: the cost model
/// knows nothing of such a pointer.
std::optional<Pointer> KeyWriter::strip(const Value &V) const {
  Pointer Result = {&V, APInt::getZero(DL.getIndexTypeSizeInBits(V.getType()))};
  while (const auto *GEP = dyn_cast<GEPOperator>(Result.Base)) {
    if (!GEP->isInBounds() || !GEP->accumulateConstantOffset(DL, Result.Offset))
      return std::nullopt;
    Result.Base = GEP->getPointerOperand();
  }
  return Result;
}

/// Pointers are compared with one another where they have the same base.
void KeyWriter::addPointer(const Value &V) {
  const std::optional<Pointer> P = strip(V);
  if (!P)
    return add(static_cast<uint64_t>(Kind::Unknown));
  const auto *Slot = dyn_cast<AllocaInst>(P->Base);
  add(static_cast<uint64_t>(Slot ? Kind::PointerToAlloca : Kind::Pointer));
  const auto *It = find(Bases, P->Base);
  add(It - Bases.begin());
  if (It == Bases.end())
    Bases.push_back(P->Base);
  add(P->Offset.getSExtValue());
  if (Slot) {
    add(asWord(Slot->getAllocatedType()));
    add(Slot->isStaticAlloca());
  }
}

bool KeyWriter::addArgument(unsigned Number) {
  const Value &V = *CB.getArgOperand(Number);
  // Aggregates are looked into. A constant that refers to functions may bring
  // calls to light, and may go with the function.
  if (V.getType()->isAggregateType() ||
      (isa<Constant>(V) && !isa<ConstantData, GlobalVariable>(V)))
    return false;
  add(CB.isByValArgument(Number));
  add(CB.paramHasAttr(Number, Attribute::NonNull));
  if (isa<Constant>(V)) {
    add(static_cast<uint64_t>(Kind::Constant));
    add(asWord(&V));
  }
  if (V.getType()->isPointerTy())
    addPointer(V);
  else
    add(static_cast<uint64_t>(Kind::Unknown));
  return true;
}

/// Whether the cost depends on how much stack \p Caller may use: if it has a
/// limit, or calls itself, as the cost model finds that out.
static bool watchesStack(const Function &Caller) {
  auto IsCallInCaller = [&](const User *U) {
    const auto *Call = dyn_cast<CallBase>(U);
    return Call && Call->getFunction() == &Caller;
  };
  return any_of(Caller.users(), IsCallInCaller) ||
         Caller.hasFnAttribute(
             InlineConstants::MaxInlineStackSizeAttributeName);
}

/// None if the cost model sees of \p CB what a key does not hold.
std::optional<FullCosts::Key> FullCosts::keyOf(const CallBase &CB) {
  const Function &Callee = *CB.getCalledFunction();
  const Function &Caller = *CB.getCaller();
  const bool IsOnlyCall = Callee.hasLocalLinkage() && Callee.hasOneLiveUse();
  const bool HasOwnCost =
      any_of(CB.getAttributes().getFnAttrs(),
             [](Attribute A) { return A.isStringAttribute(); });
  if (IsOnlyCall || HasOwnCost || CB.arg_size() != Callee.arg_size() ||
      (Facts.bodyOf(Callee).Allocas > 0 && watchesStack(Caller)))
    return std::nullopt;
  KeyWriter Writer(CB);
  Writer.add(Caller.hasMinSize());
  Writer.add(Caller.getCallingConv());
  for (unsigned I = 0, E = CB.arg_size(); I != E; ++I)
    if (!Writer.addArgument(I))
      return std::nullopt;
  return Writer.Result;
}

std::optional<int64_t> FullCosts::compute(CallBase &CB) {
  const InlineCost Cost = Heuristic.fullCost(CB);
  if (Cost.isNever())
    return std::nullopt;
  return asNumber(Cost);
}

/// Calls whose arguments have a key bring no indirect call to light, the one
/// thing by which a cost becomes less as counting goes on.
std::optional<FullCosts::FullCost>
FullCosts::computeTo(CallBase &CB, std::optional<int> Cap) {
  if (Cap) {
    const InlineCost Cost = Heuristic.cappedCost(CB, *Cap);
    if (Cost.isVariable() && Cost.getCost() < Cost.getThreshold())
      return FullCost{Cost.getCost()};
    if (Cost.isVariable() && Cost.getCost() >= *Cap)
      return FullCost{*Cap, /*IsCapped=*/true};
  }
  const std::optional<int64_t> Cost = compute(CB);
  return Cost ? std::optional(FullCost{*Cost}) : std::nullopt;
}

StringMap<FullCosts::FullCost> &FullCosts::costsOf(const Function &Callee) {
  const uint64_t Version = Facts.versionOf(Callee);
  CostsOfCallee &Costs = Known[&Callee];
  if (Costs.Version != Version)
    Costs = {Version, {}};
  return Costs.ByKey;
}

std::optional<DefaultDecision> FullCosts::decideAtOnce(CallBase &CB) {
  const std::optional<Key> Call = keyOf(CB);
  if (!Call)
    return std::nullopt;
  StringMap<FullCost> &Costs = costsOf(*CB.getCalledFunction());
  if (Costs.contains(*Call))
    return std::nullopt;
  DefaultDecision Default = Heuristic.decide(
      CB, LlvmHeuristic::Remarks::Suppress, LlvmHeuristic::Count::Whole);
  if (!Default.IsForced)
    Costs[*Call] = {Default.FullCost};
  return Default;
}

std::optional<FullCosts::FullCost> FullCosts::of(CallBase &CB,
                                                 std::optional<int> Cap) {
  const std::optional<Key> Call = keyOf(CB);
  if (!Call)
    return computeTo(CB, std::nullopt);
  StringMap<FullCost> &Costs = costsOf(*CB.getCalledFunction());
  if (auto It = Costs.find(*Call); It != Costs.end()) {
    const FullCost &Cost = It->second;
    // Callers of another model may have another cap, or none.
    if (!Cost.IsCapped || (Cap && *Cap <= Cost.Value))
      return Cost;
  }
  const std::optional<FullCost> Cost = computeTo(CB, Cap);
  // What forbids inlining may lie in the caller.
  if (Cost)
    Costs[*Call] = *Cost;
  return Cost;
}

} // namespace fastir
