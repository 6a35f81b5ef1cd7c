//===- CallCensus.cpp - Who calls whom in a module ------------------------===//

#include "inline/features/CallCensus.h"
#include "inline/features/BodyCounts.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Instructions.h"

#include <tuple>

using namespace llvm;

namespace fastir {

bool isBeforeReturn(const Instruction &I) {
  return isa_and_nonnull<ReturnInst>(I.getNextNode());
}

bool operator==(const CalleeUses &A, const CalleeUses &B) {
  auto All = [](const CalleeUses &U) {
    return std::tie(U.CallSites, U.CallSitesInCaller, U.Callers, U.Arguments,
                    U.ConstantArguments, U.SitesEndingInReturn, U.Invokes,
                    U.IsAddressTaken);
  };
  return All(A) == All(B);
}

CalleeUses walkUses(const Function &Callee, const Function &Caller) {
  CalleeUses Result;
  SmallPtrSet<const Function *, 8> Callers;
  for (const Use &U : Callee.uses()) {
    const auto *Call = dyn_cast<CallBase>(U.getUser());
    if (!Call || !Call->isCallee(&U) || Call->getCalledFunction() != &Callee) {
      Result.IsAddressTaken = true;
      continue;
    }
    ++Result.CallSites;
    Result.CallSitesInCaller += Call->getFunction() == &Caller;
    Result.Arguments += Call->arg_size();
    Result.ConstantArguments += count_if(Call->args(), isLiteral);
    Result.SitesEndingInReturn += isBeforeReturn(*Call);
    Result.Invokes += isa<InvokeInst>(Call);
    Callers.insert(Call->getFunction());
  }
  Result.Callers = Callers.size();
  return Result;
}

void CallCensus::Totals::add(const Totals &Other, int32_t Sign) {
  CallSites += Sign * Other.CallSites;
  Arguments += Sign * Other.Arguments;
  ConstantArguments += Sign * Other.ConstantArguments;
  SitesEndingInReturn += Sign * Other.SitesEndingInReturn;
  Invokes += Sign * Other.Invokes;
  OtherUses += Sign * Other.OtherUses;
}

CallCensus::CallCensus(const Module &M) {
  for (const Function &F : M)
    if (any_of(F.users(), [](const User *U) { return !isa<Instruction>(U); }))
      Callees[&F].IsUsedByConstants = true;
}

void CallCensus::add(const Function *Caller, const Function *Callee,
                     const Totals &Uses, int32_t Sign) {
  const auto [InCaller, IsNew] =
      ByCallerAndCallee.try_emplace({Caller, Callee});
  if (IsNew)
    CalleesByCaller[Caller].push_back(Callee);
  auto &Known = Callees[Callee];
  Totals &Here = InCaller->second;
  Known.Callers -= Here.CallSites > 0;
  Here.add(Uses, Sign);
  Known.All.add(Uses, Sign);
  Known.Callers += Here.CallSites > 0;
}

/// Adds the functions that the constant expression or aggregate \p Operand
/// holds.
void CallCensus::addInside(const Function *Caller, const Value *Operand,
                           int32_t Sign) {
  if (!isa<ConstantExpr, ConstantAggregate>(Operand))
    return;
  Totals Uses;
  Uses.OtherUses = 1;
  for (const Value *Inner : cast<User>(Operand)->operands()) {
    if (const auto *Used = dyn_cast<Function>(Inner))
      add(Caller, Used, Uses, Sign);
    addInside(Caller, Inner, Sign);
  }
}

void CallCensus::add(const Instruction &I, int32_t Sign) {
  for (const Use &U : I.operands())
    if (isa<Constant>(U) && !isa<ConstantData>(U))
      add(I, U, Sign);
}

void CallCensus::add(const Instruction &I, const Use &U, int32_t Sign) {
  const auto *Used = dyn_cast<Function>(U);
  if (!Used)
    return addInside(I.getFunction(), U, Sign);
  if (Used->isIntrinsic())
    return;
  Totals Uses;
  const auto *Call = dyn_cast<CallBase>(&I);
  if (Call && Call->isCallee(&U) && Call->getCalledFunction() == Used) {
    Uses.CallSites = 1;
    Uses.Arguments = Call->arg_size();
    Uses.ConstantArguments = count_if(Call->args(), isLiteral);
    Uses.SitesEndingInReturn = isBeforeReturn(I);
    Uses.Invokes = isa<InvokeInst>(I);
  } else {
    Uses.OtherUses = 1;
  }
  add(I.getFunction(), Used, Uses, Sign);
}

void CallCensus::forget(const Function *Caller) {
  auto It = CalleesByCaller.find(Caller);
  if (It == CalleesByCaller.end())
    return;
  for (const Function *Callee : It->second) {
    auto InCaller = ByCallerAndCallee.find({Caller, Callee});
    auto &Known = Callees[Callee];
    Known.Callers -= InCaller->second.CallSites > 0;
    Known.All.add(InCaller->second, -1);
    ByCallerAndCallee.erase(InCaller);
  }
  CalleesByCaller.erase(It);
}

void CallCensus::forgetCallee(const Function *Callee) {
  Callees.erase(Callee);
  for (auto &[Caller, Used] : CalleesByCaller)
    if (ByCallerAndCallee.erase({Caller, Callee}))
      erase(Used, Callee);
}

SmallVector<const Function *, 8>
CallCensus::calleesOf(const Function &Caller) const {
  auto It = CalleesByCaller.find(&Caller);
  if (It == CalleesByCaller.end())
    return {};
  return SmallVector<const Function *, 8>(ArrayRef(It->second));
}

CalleeUses CallCensus::get(const Function &Callee,
                           const Function &Caller) const {
  CalleeUses Result;
  auto It = Callees.find(&Callee);
  if (It == Callees.end())
    return Result;
  const Totals &All = It->second.All;
  Result.CallSites = All.CallSites;
  Result.Callers = It->second.Callers;
  Result.Arguments = All.Arguments;
  Result.ConstantArguments = All.ConstantArguments;
  Result.SitesEndingInReturn = All.SitesEndingInReturn;
  Result.Invokes = All.Invokes;
  Result.IsAddressTaken = It->second.IsUsedByConstants || All.OtherUses > 0;
  if (auto In = ByCallerAndCallee.find({&Caller, &Callee});
      In != ByCallerAndCallee.end())
    Result.CallSitesInCaller = In->second.CallSites;
  return Result;
}

} // namespace fastir
