//===- FunctionGraph.h - Direct calls among defined functions ---*- C++ -*-===//

#ifndef FASTIR_EXTRACT_FUNCTIONGRAPH_H
#define FASTIR_EXTRACT_FUNCTIONGRAPH_H

#include "llvm/ADT/DenseMap.h"
#include "llvm/IR/Function.h"
#include "llvm/IR/Module.h"

#include <deque>
#include <vector>

namespace fastir {

/// One defined function and its place in the call graph.
struct FunctionNode {
  const llvm::Function *F = nullptr;
  std::vector<FunctionNode *> Callees; ///< one a direct call
  int64_t Scc = 0; ///< number of its strongly connected component, bottom-up
  int64_t SccSize = 0; ///< functions in it
  int64_t Height = 0;  ///< calls to the lowest component below; MLGO's level
  bool IsRecursive = false; ///< calls itself, directly or through its SCC
};

/// Direct calls among the functions that a module defines, in strongly
/// connected components. Indirect calls have no edges.
class FunctionGraph {
public:
  explicit FunctionGraph(const llvm::Module &M);
  FunctionGraph(const FunctionGraph &) = delete; ///< nodes know one another

  /// The node of \p F; null if the module does not define it.
  const FunctionNode *find(const llvm::Function *F) const {
    return ByFunction.lookup(F);
  }

  llvm::ArrayRef<int64_t> sccSizes() const { return SccSizes; }

private:
  void addCallees();
  void numberSccs();

  FunctionNode Root; ///< calls every function: where the walk begins
  std::deque<FunctionNode> Nodes;
  llvm::DenseMap<const llvm::Function *, FunctionNode *> ByFunction;
  std::vector<int64_t> SccSizes;
};

} // namespace fastir

#endif // FASTIR_EXTRACT_FUNCTIONGRAPH_H
