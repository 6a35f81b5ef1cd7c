//===- ModuleFeatures.cpp - A row a module --------------------------------===//

#include "extract/FunctionGraph.h"
#include "extract/InstructionCounts.h"
#include "extract/LoopCounts.h"
#include "extract/Table.h"

#include "llvm/IR/Dominators.h"

using namespace llvm;

namespace fastir {

namespace {

/// Sums over the defined functions of a module.
struct ModuleView {
  StringRef Name;
  const Module &M;
  FunctionGraph Graph;
  InstructionCounts Counts;
  LoopCounts Loops;
  int64_t Functions = 0;
  int64_t Local = 0;
  int64_t Discardable = 0;
  int64_t Recursive = 0;
  int64_t MaxHeight = 0;
  int64_t Arguments = 0;
  int64_t Blocks = 0;

  ModuleView(StringRef Name, Module &M) : Name(Name), M(M), Graph(M) {
    for (Function &F : M)
      if (!F.isDeclaration())
        add(F);
  }

private:
  void add(Function &F) {
    const DominatorTree DT(F);
    Loops += LoopCounts(LoopInfo(DT));
    for (const BasicBlock &BB : F)
      Counts += InstructionCounts(BB);
    const FunctionNode &Node = *Graph.find(&F);
    ++Functions;
    Local += F.hasLocalLinkage();
    Discardable += F.isDiscardableIfUnused();
    Recursive += Node.IsRecursive;
    MaxHeight = std::max(MaxHeight, Node.Height);
    Arguments += F.arg_size();
    Blocks += F.size();
  }
};
using View = const ModuleView &;

StringRef module(View V) { return V.Name; }
StringRef source_file(View V) { return V.M.getSourceFileName(); }
StringRef target_triple(View V) { return V.M.getTargetTriple().str(); }
int64_t function_count(View V) { return V.Functions; }
int64_t declaration_count(View V) {
  return count_if(V.M, [](const Function &F) {
    return F.isDeclaration() && !F.isIntrinsic();
  });
}
int64_t local_function_count(View V) { return V.Local; }
int64_t discardable_function_count(View V) { return V.Discardable; }
int64_t recursive_function_count(View V) { return V.Recursive; }
int64_t scc_count(View V) { return V.Graph.sccSizes().size(); }
int64_t max_scc_size(View V) {
  const ArrayRef<int64_t> Sizes = V.Graph.sccSizes();
  return Sizes.empty() ? 0 : *max_element(Sizes);
}
int64_t max_height(View V) { return V.MaxHeight; }
int64_t global_variable_count(View V) { return V.M.global_size(); }
int64_t alias_count(View V) { return V.M.alias_size() + V.M.ifunc_size(); }
int64_t comdat_count(View V) { return V.M.getComdatSymbolTable().size(); }
int64_t argument_count(View V) { return V.Arguments; }
int64_t block_count(View V) { return V.Blocks; }
int64_t loop_count(View V) { return V.Loops.All; }
int64_t top_level_loop_count(View V) { return V.Loops.TopLevel; }
int64_t max_loop_depth(View V) { return V.Loops.MaxDepth; }

std::vector<ColumnInfo> columns() {
  std::vector<ColumnInfo> Schema;
#include "extract/PushColumns.inc"

#include "extract/ModuleFeatures.def"
  addCountColumns(Schema);
  return Schema;
}

Error fill(Module &M, const Task &T, Frame &Rows) {
  const ModuleView V(T.Name, M);
#define FASTIR_COLUMN(NAME, TYPE, UNIT, DOC, SOURCE) Rows.add(NAME(V));
#include "extract/ModuleFeatures.def"
  addCounts(V.Counts, Rows);
  return Error::success();
}

} // namespace

Table moduleFeaturesTable() {
  return {"module_features", "a row a module", columns(), fill};
}

} // namespace fastir
