//===- BodyCounts.cpp - What the body of a function is made of ------------===//

#include "inline/features/BodyCounts.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"

#include <cstring>
#include <type_traits>

using namespace llvm;

namespace fastir {

bool isLiteral(const Use &U) {
  return isa<Constant>(U) && !isa<GlobalValue>(U);
}

static bool isCounted(const Instruction &I) { return !I.isDebugOrPseudoInst(); }

int64_t sizeOf(const BasicBlock &Block) { return count_if(Block, isCounted); }

void BodyCounts::add(const Instruction &I, int64_t Sign) {
  Instructions += Sign;
  Size += Sign * isCounted(I);
  ConstantOperands += Sign * any_of(I.operands(), isLiteral);
  switch (I.getOpcode()) {
  case Instruction::Load:
    Loads += Sign;
    break;
  case Instruction::Store:
    Stores += Sign;
    break;
  case Instruction::PHI:
    Phis += Sign;
    break;
  case Instruction::Alloca:
    Allocas += Sign;
    break;
  case Instruction::Ret:
    Returns += Sign;
    break;
  default:
    break;
  }
  const auto *Call = dyn_cast<CallBase>(&I);
  if (!Call)
    return;
  const Function *Target = Call->getCalledFunction();
  Calls += Sign * !isa<IntrinsicInst>(I);
  CallsOfDefined += Sign * (Target && !Target->isDeclaration());
  Invokes += Sign * isa<InvokeInst>(I);
  MustTailCalls += Sign * Call->isMustTailCall();
}

bool operator==(const BodyCounts &A, const BodyCounts &B) {
  // All members, those to come among them.
  static_assert(std::has_unique_object_representations_v<BodyCounts>);
  return std::memcmp(&A, &B, sizeof(A)) == 0;
}

int64_t argumentUses(const Function &F) {
  int64_t Result = 0;
  for (const Argument &A : F.args())
    Result += A.getNumUses();
  return Result;
}

} // namespace fastir
