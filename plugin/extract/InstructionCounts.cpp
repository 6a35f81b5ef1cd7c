//===- InstructionCounts.cpp - What a stretch of code consists of ---------===//

#include "extract/InstructionCounts.h"

#include "llvm/Analysis/CFG.h"
#include "llvm/IR/InstrTypes.h"
#include "llvm/IR/IntrinsicInst.h"

#include <cmath>

using namespace llvm;

namespace fastir {

InstructionCounts::InstructionCounts(const BasicBlock &BB) {
  for (const Instruction &I : BB) {
    ++Opcodes[I.getOpcode()];
    if (const auto *CB = dyn_cast<CallBase>(&I))
      addCall(*CB);
  }
  const Instruction *Terminator = BB.getTerminator();
  Edges = Terminator->getNumSuccessors();
  for (unsigned I = 0; I != Edges; ++I)
    CriticalEdges += isCriticalEdge(Terminator, I);
}

void InstructionCounts::addCall(const CallBase &CB) {
  const Function *Callee = CB.getCalledFunction();
  if (isa<IntrinsicInst>(CB))
    ++Intrinsics;
  else if (CB.isInlineAsm())
    ++InlineAsm;
  else if (Callee)
    ++DirectCalls;
  else
    ++IndirectCalls;
  DefinedCalls += Callee && !Callee->isDeclaration();
}

InstructionCounts &
InstructionCounts::operator+=(const InstructionCounts &Other) {
  for (auto [Sum, Count] : zip_equal(Opcodes, Other.Opcodes))
    Sum += Count;
  DirectCalls += Other.DirectCalls;
  IndirectCalls += Other.IndirectCalls;
  InlineAsm += Other.InlineAsm;
  DefinedCalls += Other.DefinedCalls;
  Intrinsics += Other.Intrinsics;
  Edges += Other.Edges;
  CriticalEdges += Other.CriticalEdges;
  return *this;
}

namespace {

using Counts = const InstructionCounts &;

int64_t instruction_count(Counts C) { return sum_of(C.Opcodes); }
int64_t call_count(Counts C) {
  return C.DirectCalls + C.IndirectCalls + C.InlineAsm;
}
int64_t direct_call_count(Counts C) { return C.DirectCalls; }
int64_t indirect_call_count(Counts C) { return C.IndirectCalls; }
int64_t inline_asm_count(Counts C) { return C.InlineAsm; }
int64_t defined_call_count(Counts C) { return C.DefinedCalls; }
int64_t intrinsic_count(Counts C) { return C.Intrinsics; }
int64_t edge_count(Counts C) { return C.Edges; }
int64_t critical_edge_count(Counts C) { return C.CriticalEdges; }
double memory_access_ratio(Counts C) {
  const int64_t All = instruction_count(C);
  const int64_t Memory = C.of(Instruction::Load) + C.of(Instruction::Store) +
                         C.of(Instruction::AtomicRMW) +
                         C.of(Instruction::AtomicCmpXchg);
  return All ? static_cast<double>(Memory) / static_cast<double>(All) : 0;
}
double opcode_entropy(Counts C) {
  const double All = static_cast<double>(instruction_count(C));
  double Bits = 0;
  for (int64_t Count : C.Opcodes)
    if (Count) {
      const double Share = static_cast<double>(Count) / All;
      Bits -= Share * std::log2(Share);
    }
  // Not the -0 that a single opcode would give.
  return Bits > 0 ? Bits : 0;
}

} // namespace

ArrayRef<OpcodeInfo> opcodes() {
  static const std::vector<OpcodeInfo> All = [] {
    std::vector<OpcodeInfo> Result;
#define HANDLE_INST(NUMBER, OPCODE, CLASS)                                     \
  Result.push_back({NUMBER, Instruction::getOpcodeName(NUMBER)});
// Passes may use these inside; no module holds them.
#define HANDLE_USER_INST(NUMBER, OPCODE, CLASS)
#include "llvm/IR/Instruction.def"
    return Result;
  }();
  return All;
}

void addCountColumns(std::vector<ColumnInfo> &Schema) {
#include "extract/PushColumns.inc"

#include "extract/InstructionCounts.def"
  for (const OpcodeInfo &Opcode : opcodes())
    Schema.push_back(
        {std::string("opcode_") + Opcode.Mnemonic, ColumnType::Int64, false,
         "instructions",
         std::string("instructions with the opcode ") + Opcode.Mnemonic,
         "llvm/IR/Instruction.def"});
}

void addCounts(const InstructionCounts &C, Frame &Rows) {
#define FASTIR_COLUMN(NAME, TYPE, UNIT, DOC, SOURCE) Rows.add(NAME(C));
#include "extract/InstructionCounts.def"
  for (const OpcodeInfo &Opcode : opcodes())
    Rows.add(C.of(Opcode.Number));
}

} // namespace fastir
