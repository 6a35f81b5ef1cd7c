//===- InstructionCounts.h - What a stretch of code consists of -*- C++ -*-===//

#ifndef FASTIR_EXTRACT_INSTRUCTIONCOUNTS_H
#define FASTIR_EXTRACT_INSTRUCTIONCOUNTS_H

#include "frame/Frame.h"

#include "llvm/IR/Function.h"
#include "llvm/IR/InstrTypes.h"

#include <array>

namespace fastir {

struct InstructionCounts {
  std::array<int64_t, llvm::Instruction::OtherOpsEnd> Opcodes{};
  int64_t DirectCalls = 0;
  int64_t IndirectCalls = 0;
  int64_t InlineAsm = 0;
  int64_t DefinedCalls = 0;
  int64_t Intrinsics = 0;
  int64_t Edges = 0;
  int64_t CriticalEdges = 0;

  InstructionCounts() = default;
  explicit InstructionCounts(const llvm::BasicBlock &BB);
  InstructionCounts &operator+=(const InstructionCounts &Other);

  int64_t of(unsigned Opcode) const { return Opcodes[Opcode]; }

private:
  void addCall(const llvm::CallBase &CB);
};

/// Appends the columns of InstructionCounts.def and the opcode histogram.
void addCountColumns(std::vector<ColumnInfo> &Schema);
void addCounts(const InstructionCounts &Counts, Frame &Rows);

/// Number and name in textual IR of every opcode that a module can hold.
struct OpcodeInfo {
  unsigned Number;
  const char *Mnemonic;
};
llvm::ArrayRef<OpcodeInfo> opcodes();

} // namespace fastir

#endif // FASTIR_EXTRACT_INSTRUCTIONCOUNTS_H
