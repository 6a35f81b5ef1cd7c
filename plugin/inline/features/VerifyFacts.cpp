//===- VerifyFacts.cpp - Facts kept up to date against a fresh count ------===//
//
// For tests: what was updated call by call has to be what a walk over functions
// and their uses finds.
//
//===----------------------------------------------------------------------===//

#include "inline/features/ModuleFacts.h"

#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"

using namespace llvm;

namespace fastir {

std::string ModuleFacts::verify(const Function &F) {
  BodyCounts Body;
  Body.Blocks = F.size();
  for (const Instruction &I : instructions(F))
    Body.add(I, 1);
  if (!(Body == bodyOf(F)))
    return ("the counts of '" + F.getName() + "' are not up to date").str();
  const ControlFlow Flow(F);
  if (!controlFlowOf(F).agreesWith(Flow))
    return ("the control flow of '" + F.getName() + "' is not up to date")
        .str();
  SmallPtrSet<const Function *, 8> Seen;
  for (const Instruction &I : instructions(F)) {
    const auto *Call = dyn_cast<CallBase>(&I);
    const Function *Callee = Call ? Call->getCalledFunction() : nullptr;
    if (Callee && !Callee->isDeclaration() && Seen.insert(Callee).second &&
        !(usesOf(*Callee, F) == walkUses(*Callee, F)))
      return ("the uses of '" + Callee->getName() + "' are not up to date")
          .str();
  }
  return "";
}

} // namespace fastir
