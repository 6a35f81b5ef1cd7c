//===- BodyHash.cpp - What stays of a function as numbers change ----------===//

#include "ir/BodyHash.h"

#include "llvm/IR/Constants.h"
#include "llvm/IR/Instruction.h"
#include "llvm/IR/StructuralHash.h"

using namespace llvm;

namespace fastir {

uint64_t bodyHash(const Function &F) {
  auto IsNumber = [](const Instruction *I, unsigned Operand) {
    return isa<ConstantInt, ConstantExpr>(I->getOperand(Operand));
  };
  return StructuralHashWithDifferences(F, IsNumber).FunctionHash;
}

} // namespace fastir
