//===- BlockFeatures.cpp - A row a basic block ----------------------------===//

#include "extract/InstructionCounts.h"
#include "extract/Table.h"

#include "llvm/Analysis/LoopInfo.h"
#include "llvm/IR/CFG.h"
#include "llvm/IR/Dominators.h"

using namespace llvm;

namespace fastir {

namespace {

struct BlockView {
  StringRef Module;
  const BasicBlock &BB;
  int64_t Number;
  const DominatorTree &DT;
  const LoopInfo &LI;
};
using View = const BlockView &;

StringRef module(View V) { return V.Module; }
StringRef function(View V) { return V.BB.getParent()->getName(); }
int64_t block(View V) { return V.Number; }
bool is_reachable(View V) { return V.DT.isReachableFromEntry(&V.BB); }
bool is_loop_header(View V) { return V.LI.isLoopHeader(&V.BB); }
bool is_exception_pad(View V) { return V.BB.isEHPad(); }
int64_t loop_depth(View V) { return V.LI.getLoopDepth(&V.BB); }
int64_t predecessor_count(View V) { return pred_size(&V.BB); }

std::vector<ColumnInfo> columns() {
  std::vector<ColumnInfo> Schema;
#include "extract/PushColumns.inc"

#include "extract/BlockFeatures.def"
  addCountColumns(Schema);
  return Schema;
}

Error fill(Module &M, const Task &T, Frame &Rows) {
  for (Function &F : M) {
    if (F.isDeclaration())
      continue;
    const DominatorTree DT(F);
    const LoopInfo LI(DT);
    for (auto [Number, BB] : enumerate(F)) {
      const BlockView V{T.Name, BB, static_cast<int64_t>(Number), DT, LI};
#define FASTIR_COLUMN(NAME, TYPE, UNIT, DOC, SOURCE) Rows.add(NAME(V));
#include "extract/BlockFeatures.def"
      addCounts(InstructionCounts(BB), Rows);
    }
  }
  return Error::success();
}

} // namespace

Table blockFeaturesTable() {
  return {"block_features", "a row a basic block of a defined function",
          columns(), fill};
}

} // namespace fastir
