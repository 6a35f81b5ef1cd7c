//===- FunctionGraph.cpp - Direct calls among defined functions -----------===//

#include "extract/FunctionGraph.h"

#include "llvm/ADT/GraphTraits.h"
#include "llvm/ADT/SCCIterator.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/InstrTypes.h"

using namespace llvm;
using namespace fastir;

template <> struct llvm::GraphTraits<FunctionNode *> {
  using NodeRef = FunctionNode *;
  using ChildIteratorType = std::vector<FunctionNode *>::iterator;
  static NodeRef getEntryNode(FunctionNode *Node) { return Node; }
  static ChildIteratorType child_begin(NodeRef N) { return N->Callees.begin(); }
  static ChildIteratorType child_end(NodeRef N) { return N->Callees.end(); }
};

namespace fastir {

FunctionGraph::FunctionGraph(const Module &M) {
  for (const Function &F : M) {
    if (F.isDeclaration())
      continue;
    Nodes.emplace_back().F = &F;
    ByFunction[&F] = &Nodes.back();
    Root.Callees.push_back(&Nodes.back());
  }
  addCallees();
  numberSccs();
}

void FunctionGraph::addCallees() {
  for (FunctionNode &Node : Nodes)
    for (const Instruction &I : instructions(*Node.F))
      if (const auto *CB = dyn_cast<CallBase>(&I))
        if (FunctionNode *Callee = ByFunction.lookup(CB->getCalledFunction()))
          Node.Callees.push_back(Callee);
}

void FunctionGraph::numberSccs() {
  // Bottom-up: what an SCC calls outside of itself has its height already.
  for (auto It = scc_begin(&Root); !It.isAtEnd(); ++It) {
    const std::vector<FunctionNode *> &Scc = *It;
    if (Scc.front() == &Root)
      continue;
    const auto Number = static_cast<int64_t>(SccSizes.size());
    const bool HasCycle = It.hasCycle();
    for (FunctionNode *Node : Scc)
      Node->Scc = Number;
    int64_t Height = 0;
    for (const FunctionNode *Node : Scc)
      for (const FunctionNode *Callee : Node->Callees)
        if (Callee->Scc != Number)
          Height = std::max(Height, Callee->Height + 1);
    for (FunctionNode *Node : Scc) {
      Node->SccSize = static_cast<int64_t>(Scc.size());
      Node->Height = Height;
      Node->IsRecursive = HasCycle;
    }
    SccSizes.push_back(static_cast<int64_t>(Scc.size()));
  }
}

} // namespace fastir
