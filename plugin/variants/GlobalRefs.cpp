//===- GlobalRefs.cpp - What code refers to -------------------------------===//

#include "variants/GlobalRefs.h"

#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"

using namespace llvm;

namespace fastir {

void forEachGlobal(const Function &F,
                   function_ref<void(const GlobalValue &)> Use) {
  SmallPtrSet<const Constant *, 32> Seen;
  SmallVector<const Constant *, 16> Waiting;
  auto Visit = [&](const Value *V) {
    const auto *C = dyn_cast<Constant>(V);
    // Others refer to nothing.
    if (C && (isa<GlobalValue>(C) || C->getNumOperands()) &&
        Seen.insert(C).second)
      Waiting.push_back(C);
  };
  for (const Instruction &I : instructions(F))
    for (const Value *Operand : I.operands())
      Visit(Operand);
  while (!Waiting.empty()) {
    const Constant *C = Waiting.pop_back_val();
    if (const auto *Global = dyn_cast<GlobalValue>(C))
      Use(*Global);
    else
      for (const Value *Operand : C->operands())
        Visit(Operand);
  }
}

void forEachUser(const Constant &Value,
                 function_ref<void(const Function &)> Use) {
  SmallVector<const Constant *, 8> Waiting = {&Value};
  while (!Waiting.empty())
    for (const User *U : Waiting.pop_back_val()->users()) {
      if (const auto *I = dyn_cast<Instruction>(U))
        Use(*I->getFunction());
      else if (const auto *C = dyn_cast<Constant>(U); C && !isa<GlobalValue>(C))
        Waiting.push_back(C);
    }
}

} // namespace fastir
