//===- Autophase.cpp - CompilerGym's 56 Autophase features ----------------===//

#include "extract/InstructionCounts.h"
#include "extract/Table.h"

#include "llvm/IR/CFG.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Instructions.h"

using namespace llvm;

namespace fastir {

namespace {

/// One member a column.
class Autophase : public FunctionVisitor {
public:
  Autophase(const Task &T, Frame &Rows) : Name(T.Name), Rows(Rows) {}

  void visit(Function &F) override;
  void finish(const Module &M) override;

private:
  void addFlow(const BasicBlock &BB);
  void addPhis(const BasicBlock &BB);
  void addInstruction(const Instruction &I);
  void addConstant(const Value *V);
  void addOpcodes();

  StringRef Name;
  Frame &Rows;
  InstructionCounts Counts;
#define FASTIR_COLUMN(NAME, UNIT, DOC) int64_t NAME = 0;
#include "extract/Autophase.def"
};

void Autophase::visit(Function &F) {
  for (const BasicBlock &BB : F) {
    ++TotalBlocks;
    addFlow(BB);
    addPhis(BB);
    for (const Instruction &I : BB)
      addInstruction(I);
    BlockLow += BB.size() < 15;
    BlockMid += BB.size() >= 15 && BB.size() <= 500;
    Counts += InstructionCounts(BB);
  }
}

void Autophase::finish(const Module &M) {
  TotalFuncs = M.size();
  addOpcodes();
  Rows.add(Name);
#define FASTIR_COLUMN(NAME, UNIT, DOC) Rows.add(NAME);
#include "extract/Autophase.def"
}

void Autophase::addFlow(const BasicBlock &BB) {
  const size_t Predecessors = pred_size(&BB);
  const size_t Successors = succ_size(&BB);
  oneSuccessor += Successors == 1;
  twoSuccessor += Successors == 2;
  onePred += Predecessors == 1;
  twoPred += Predecessors == 2;
  morePreds += Predecessors > 2;
  onePredOneSuc += Predecessors == 1 && Successors == 1;
  onePredTwoSuc += Predecessors == 1 && Successors == 2;
  twoPredOneSuc += Predecessors == 2 && Successors == 1;
  twoEach += Predecessors == 2 && Successors == 2;
}

void Autophase::addPhis(const BasicBlock &BB) {
  int64_t Phis = 0, Incoming = 0;
  for (const PHINode &Phi : BB.phis()) {
    ++Phis;
    Incoming += Phi.getNumIncomingValues();
  }
  BeginPhi += Phis > 0;
  BBNoPhi += Phis == 0;
  BB03Phi += Phis >= 1 && Phis <= 3;
  BBHiPhi += Phis > 3;
  BBNumArgsLo += Incoming >= 1 && Incoming <= 5;
  BBNumArgsHi += Incoming > 5;
  ArgsPhi += Incoming;
}

void Autophase::addConstant(const Value *V) {
  const auto *Number = dyn_cast<ConstantInt>(V);
  if (!Number)
    return;
  const32Bit += Number->getBitWidth() == 32;
  const64Bit += Number->getBitWidth() == 64;
  numConstZeroes += Number->isZero();
  numConstOnes += Number->isOne();
}

void Autophase::addInstruction(const Instruction &I) {
  for (const Value *Operand : I.operand_values())
    addConstant(Operand);
  // Operands until LLVM 21, beside them since.
  if (const auto *Switch = dyn_cast<SwitchInst>(&I))
    for (const auto &Case : Switch->cases())
      addConstant(Case.getCaseValue());
  if (const auto *Branch = dyn_cast<BranchInst>(&I))
    UncondBranches += Branch->isUnconditional();
  if (const auto *Call = dyn_cast<CallInst>(&I))
    if (const Function *Callee = Call->getCalledFunction())
      returnInt += Callee->getReturnType()->isIntegerTy();
  testUnary += isa<UnaryInstruction>(I);
  if (isa<BinaryOperator>(I))
    binaryConstArg +=
        isa<Constant>(I.getOperand(0)) || isa<Constant>(I.getOperand(1));
}

void Autophase::addOpcodes() {
  NumEdges = Counts.Edges;
  CriticalCount = Counts.CriticalEdges;
  TotalInsts = sum_of(Counts.Opcodes);
  BranchCount = NumBrInst = Counts.of(Instruction::Br);
  NumAShrInst = Counts.of(Instruction::AShr);
  NumAddInst = Counts.of(Instruction::Add);
  NumAllocaInst = Counts.of(Instruction::Alloca);
  NumAndInst = Counts.of(Instruction::And);
  NumBitCastInst = Counts.of(Instruction::BitCast);
  NumCallInst = Counts.of(Instruction::Call);
  NumGetElementPtrInst = Counts.of(Instruction::GetElementPtr);
  NumICmpInst = Counts.of(Instruction::ICmp);
  NumLShrInst = Counts.of(Instruction::LShr);
  NumLoadInst = Counts.of(Instruction::Load);
  NumMulInst = Counts.of(Instruction::Mul);
  NumOrInst = Counts.of(Instruction::Or);
  NumPHIInst = Counts.of(Instruction::PHI);
  NumRetInst = Counts.of(Instruction::Ret);
  NumSExtInst = Counts.of(Instruction::SExt);
  NumSelectInst = Counts.of(Instruction::Select);
  NumShlInst = Counts.of(Instruction::Shl);
  NumStoreInst = Counts.of(Instruction::Store);
  NumSubInst = Counts.of(Instruction::Sub);
  NumTruncInst = Counts.of(Instruction::Trunc);
  NumXorInst = Counts.of(Instruction::Xor);
  NumZExtInst = Counts.of(Instruction::ZExt);
  TotalMemInst = NumGetElementPtrInst + NumLoadInst + NumStoreInst +
                 NumCallInst + Counts.of(Instruction::Invoke) + NumAllocaInst;
}

std::vector<ColumnInfo> columns() {
  std::vector<ColumnInfo> Schema = {{"module", ColumnType::String, false, "",
                                     "what the module is called",
                                     "the caller"}};
#define FASTIR_COLUMN(NAME, UNIT, DOC)                                         \
  Schema.push_back({#NAME, ColumnType::Int64, false, UNIT, DOC,                \
                    "CompilerGym AutophaseDict"});
#include "extract/Autophase.def"
  return Schema;
}

} // namespace

Table autophaseTable() {
  return {"autophase",        "a row a module: CompilerGym's Autophase",
          columns(),
          /*Fill=*/nullptr,   ValueNames::Discard,
          Verification::Text, makeVisitor<Autophase>};
}

} // namespace fastir
