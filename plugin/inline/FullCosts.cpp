//===- FullCosts.cpp - Whole costs of calls, kept by callee ---------------===//
//
// What the key holds is what llvm::getInlineCost reads of a call and its caller
// to compute the cost, and the threshold where no frequency counts.
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

/// Whether nothing is executed after \p CB, for which LLVM lets nothing grow.
static bool endsInUnreachable(const CallBase &CB) {
  const auto *Invoke = dyn_cast<InvokeInst>(&CB);
  const BasicBlock *Block = Invoke ? Invoke->getNormalDest() : CB.getParent();
  return isa<UnreachableInst>(Block->getTerminator());
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
  Writer.add(endsInUnreachable(CB));
  Writer.add(Caller.getCallingConv());
  for (unsigned I = 0, E = CB.arg_size(); I != E; ++I)
    if (!Writer.addArgument(I))
      return std::nullopt;
  return Writer.Result;
}

FullCosts::CostsOfCallee &FullCosts::costsOf(const Function &Callee) {
  const uint64_t Version = Facts.versionOf(Callee);
  CostsOfCallee &Costs = Known[&Callee];
  if (Costs.Version != Version)
    Costs = {Version, {}, {}};
  return Costs;
}

/// What llvm::getInlineCost looks at, beside the callee, before it counts.
static std::pair<AttributeSet, AttributeSet> attributesOf(const CallBase &CB) {
  return {CB.getCaller()->getAttributes().getFnAttrs(),
          CB.getAttributes().getFnAttrs()};
}

/// Callers of another model may have another cap, or none.
const FullCosts::FullCost *FullCosts::find(const CallBase &CB, const Key &Call,
                                           const Shortcuts &Allowed) {
  const auto &Costs = costsOf(*CB.getCalledFunction()).ByKey;
  auto It = Costs.find(Call);
  if (It == Costs.end())
    return nullptr;
  const FullCost &Cost = It->second;
  const bool Suffices = !Cost.IsCapped || Allowed.IgnoreCost ||
                        (Allowed.Cap && *Allowed.Cap <= Cost.Value);
  return Suffices ? &Cost : nullptr;
}

void FullCosts::keep(const CallBase &CB, const Key &Call,
                     const FullCost &Cost) {
  CostsOfCallee &Costs = costsOf(*CB.getCalledFunction());
  Costs.ByKey[Call] = Cost;
  Costs.LeftToCost.insert(attributesOf(CB));
}

std::optional<DefaultDecision> FullCosts::recall(CallBase &CB,
                                                 const FullCost &Cost) {
  const CostsOfCallee &Costs = costsOf(*CB.getCalledFunction());
  if (!Cost.Threshold || (Cost.IsCapped && Cost.Value < *Cost.Threshold) ||
      !Costs.LeftToCost.contains(attributesOf(CB)))
    return std::nullopt;
  DefaultDecision Default =
      Heuristic.decide(CB, InlineCost::get(Cost.Value, *Cost.Threshold));
  Default.IsCapped = Cost.IsCapped;
  return Default;
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
      return FullCost{Cost.getCost(), /*IsCapped=*/false, std::nullopt};
    if (Cost.isVariable() && Cost.getCost() >= *Cap)
      return FullCost{*Cap, /*IsCapped=*/true, std::nullopt};
  }
  const std::optional<int64_t> Cost = compute(CB);
  if (!Cost)
    return std::nullopt;
  return FullCost{*Cost, /*IsCapped=*/false, std::nullopt};
}

DefaultDecision FullCosts::judge(CallBase &CB, const Shortcuts &Allowed) {
  const std::optional<Key> Call = keyOf(CB);
  const FullCost *Known = Call ? find(CB, *Call, Allowed) : nullptr;
  if (Known && Allowed.Recall)
    if (std::optional<DefaultDecision> Default = recall(CB, *Known))
      return *Default;

  const bool AtOnce = Allowed.AtOnce && !Allowed.IgnoreCost && Call && !Known;
  DefaultDecision Default = Heuristic.decide(
      CB, LlvmHeuristic::Remarks::Suppress,
      AtOnce ? LlvmHeuristic::Count::Whole : LlvmHeuristic::Count::ToThreshold);
  if (Default.IsForced)
    return Default;
  FullCost Cost = {Default.FullCost, /*IsCapped=*/false, std::nullopt};
  // Below the threshold LLVM has counted to the end.
  const bool HasStopped = !AtOnce && Default.CostMinusThreshold >= 0;
  if (HasStopped && Known) {
    Cost = *Known;
  } else if (HasStopped && Allowed.IgnoreCost) {
    Cost.IsCapped = true;
  } else if (HasStopped) {
    const std::optional<FullCost> Whole =
        computeTo(CB, Call ? Allowed.Cap : std::nullopt);
    if (!Whole) { // what forbids inlining may lie in the caller
      Default.FullCost = CostSentinel;
      Default.IsForced = true;
      return Default;
    }
    Cost = *Whole;
  }
  if (!Heuristic.weighsFrequency(*CB.getCaller()))
    Cost.Threshold = Default.FullCost - Default.CostMinusThreshold;
  Default.FullCost = Cost.Value;
  Default.IsCapped = Cost.IsCapped;
  if (Call)
    keep(CB, *Call, Cost);
  return Default;
}

} // namespace fastir
