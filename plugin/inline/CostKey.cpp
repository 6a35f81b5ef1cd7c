//===- CostKey.cpp - What the cost model sees of a call -------------------===//

#include "inline/CostKey.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Analysis/InlineCost.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Operator.h"
#include "llvm/TargetParser/Triple.h"

using namespace llvm;

namespace fastir {

//===----------------------------------------------------------------------===//
// The callee
//===----------------------------------------------------------------------===//

/// Whether the target has a say in costs that depends on the bodies of callers,
/// or on arguments in ways of its own.
static bool hasCostsOfItsOwn(const Triple &Target) {
  return Target.isSystemZ() || Target.isAMDGPU();
}

/// Attributes by which a cost may become less as counting goes on, which none
/// but tests and tools write.
static bool setsOwnCost(const Function &Callee) {
  return Callee.hasFnAttribute("function-inline-cost") ||
         Callee.hasFnAttribute("function-inline-threshold") ||
         Callee.hasFnAttribute("function-inline-cost-multiplier");
}
static bool setsOwnCost(const CallBase &Call) {
  return Call.hasFnAttr("call-threshold-bonus") ||
         Call.hasFnAttr("call-inline-cost");
}

/// Whether constant arguments may make an indirect call a direct one, for which
/// the cost model has a bonus that depends on the body of that function.
static bool isResolvable(const CallBase &Call) {
  return !Call.getCalledFunction() && !Call.isInlineAsm() &&
         !isa<Argument, LoadInst, Constant>(Call.getCalledOperand());
}

static bool holdsAddressAsInteger(const Value &Operand) {
  const auto *Expression = dyn_cast<ConstantExpr>(&Operand);
  return Expression && (isa<PtrToIntOperator, PtrToAddrOperator>(Expression) ||
                        any_of(Expression->operands(), [](const Use &U) {
                          return holdsAddressAsInteger(*U);
                        }));
}

KeyedCalls keyedCallsOf(const Function &Callee) {
  if (hasCostsOfItsOwn(Callee.getParent()->getTargetTriple()) ||
      setsOwnCost(Callee))
    return KeyedCalls::None;
  KeyedCalls Result = KeyedCalls::All;
  for (const Instruction &I : instructions(Callee)) {
    const auto *Call = dyn_cast<CallBase>(&I);
    if (Call && (isResolvable(*Call) || setsOwnCost(*Call)))
      return KeyedCalls::None;
    // An address is a multiple of an alignment that passes may raise.
    if (any_of(I.operands(),
               [](const Use &U) { return holdsAddressAsInteger(*U); }))
      return KeyedCalls::None;
    if (isa<PtrToIntInst, PtrToAddrInst>(I))
      Result = KeyedCalls::WithoutGlobals;
  }
  return Result;
}

//===----------------------------------------------------------------------===//
// The call
//===----------------------------------------------------------------------===//

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
  KeyWriter(const CallBase &CB, KeyedCalls Keyed)
      : CB(CB), Keyed(Keyed), DL(CB.getDataLayout()) {}

  void add(uint64_t Word) {
    Result.append(
        StringRef(reinterpret_cast<const char *>(&Word), sizeof Word));
  }
  /// Whether the cost model sees no more than what is added.
  bool addArgument(unsigned Number);

  CostKey Result;

private:
  bool addPointer(const Value &V);
  bool isKeyed(const Value &V) const;
  std::optional<Pointer> strip(const Value &V) const;

  const CallBase &CB;
  const KeyedCalls Keyed;
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
bool KeyWriter::addPointer(const Value &V) {
  const std::optional<Pointer> P = strip(V);
  if (!P) {
    add(static_cast<uint64_t>(Kind::Unknown));
    return true;
  }
  if (!isKeyed(*P->Base))
    return false;
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
  return true;
}

/// A constant that refers to functions may bring calls to light, and may go
/// with the function; the cost model looks through an alias.
bool KeyWriter::isKeyed(const Value &V) const {
  if (isa<GlobalVariable>(V))
    return Keyed != KeyedCalls::WithoutGlobals;
  return !isa<Constant>(V) || isa<ConstantData>(V);
}

bool KeyWriter::addArgument(unsigned Number) {
  const Value &V = *CB.getArgOperand(Number);
  // Aggregates are looked into.
  if (V.getType()->isAggregateType() || !isKeyed(V))
    return false;
  add(asWord(CB.getParamByValType(Number)));
  add(CB.paramHasAttr(Number, Attribute::NonNull));
  if (isa<Constant>(V)) {
    add(static_cast<uint64_t>(Kind::Constant));
    add(asWord(&V));
  }
  if (V.getType()->isPointerTy())
    return addPointer(V);
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

/// What the target looks at in a caller is the same for the same attributes.
static bool weighsCallersAttributes(const Triple &Target) {
  return Target.isAArch64();
}

std::optional<CostKey> costKeyOf(const CallBase &CB, KeyedCalls Keyed,
                                 bool HasAllocas) {
  const Function &Callee = *CB.getCalledFunction();
  const Function &Caller = *CB.getCaller();
  const bool IsOnlyCall = Callee.hasLocalLinkage() && Callee.hasOneLiveUse();
  const bool HasOwnCost =
      any_of(CB.getAttributes().getFnAttrs(),
             [](Attribute A) { return A.isStringAttribute(); });
  if (Keyed == KeyedCalls::None || IsOnlyCall || HasOwnCost ||
      CB.arg_size() != Callee.arg_size() ||
      (HasAllocas && watchesStack(Caller)))
    return std::nullopt;
  KeyWriter Writer(CB, Keyed);
  Writer.add(Caller.hasMinSize());
  Writer.add(endsInUnreachable(CB));
  Writer.add(Caller.getCallingConv());
  if (weighsCallersAttributes(Caller.getParent()->getTargetTriple()))
    Writer.add(asWord(Caller.getAttributes().getRawPointer()));
  for (unsigned I = 0, E = CB.arg_size(); I != E; ++I)
    if (!Writer.addArgument(I))
      return std::nullopt;
  return Writer.Result;
}

} // namespace fastir
