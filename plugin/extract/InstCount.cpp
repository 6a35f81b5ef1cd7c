//===- InstCount.cpp - CompilerGym's 70 instruction counts ----------------===//
//
// The columns of CompilerGym's InstCountDict, in its order: LLVM 10's opcodes.
// What has been added to LLVM since counts as what LLVM 10 would have had in
// its place, so that the opcodes still add up to all instructions.
//
//===----------------------------------------------------------------------===//

#include "extract/InstructionCounts.h"
#include "extract/Table.h"

using namespace llvm;

namespace fastir {

namespace {

bool isIn10(unsigned Opcode) { return Opcode != Instruction::PtrToAddr; }

int64_t countAs10(const InstructionCounts &Counts, unsigned Opcode) {
  int64_t Count = Counts.of(Opcode);
  if (Opcode == Instruction::PtrToInt)
    Count += Counts.of(Instruction::PtrToAddr);
  return Count;
}

/// Calls \p Visit with number and name of LLVM 10's opcodes in order, those
/// included that no module holds.
void forEachOpcodeOf10(function_ref<void(unsigned, StringRef)> Visit) {
#define HANDLE_INST(NUMBER, OPCODE, CLASS)                                     \
  if (isIn10(NUMBER))                                                          \
    Visit(NUMBER, #OPCODE);
#include "llvm/IR/Instruction.def"
}

std::vector<ColumnInfo> columns() {
  std::vector<ColumnInfo> Schema = {{"module", ColumnType::String, false, "",
                                     "what the module is called",
                                     "the caller"}};
  auto Add = [&](const Twine &Name, const char *Unit, const Twine &Doc) {
    Schema.push_back({Name.str(), ColumnType::Int64, false, Unit, Doc.str(),
                      "CompilerGym InstCountDict"});
  };
  Add("TotalInstsCount", "instructions", "instructions of all kinds");
  Add("TotalBlocksCount", "blocks", "basic blocks");
  Add("TotalFuncsCount", "functions", "functions, declarations among them");
  forEachOpcodeOf10([&](unsigned, StringRef Name) {
    Add(Name + "Count", "instructions", Name + " instructions");
  });
  return Schema;
}

class InstCountRow : public FunctionVisitor {
public:
  InstCountRow(const Task &T, Frame &Rows) : Name(T.Name), Rows(Rows) {}

  void visit(Function &F) override {
    Blocks += F.size();
    for (const BasicBlock &BB : F)
      for (const Instruction &I : BB)
        ++Counts.Opcodes[I.getOpcode()];
  }

  void finish(const Module &M) override {
    Rows.add(Name);
    Rows.add(sum_of(Counts.Opcodes));
    Rows.add(Blocks);
    Rows.add(M.size());
    forEachOpcodeOf10([&](unsigned Opcode, StringRef) {
      Rows.add(countAs10(Counts, Opcode));
    });
  }

private:
  StringRef Name;
  Frame &Rows;
  InstructionCounts Counts;
  int64_t Blocks = 0;
};

} // namespace

Table instCountTable() {
  return {"instcount",        "a row a module: CompilerGym's InstCount",
          columns(),
          /*Fill=*/nullptr,   ValueNames::Discard,
          Verification::Text, makeVisitor<InstCountRow>};
}

} // namespace fastir
