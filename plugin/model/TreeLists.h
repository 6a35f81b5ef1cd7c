//===- TreeLists.h - Trees as read from a file ------------------*- C++ -*-===//

#ifndef FASTIR_MODEL_TREELISTS_H
#define FASTIR_MODEL_TREELISTS_H

#include "model/TreeEnsemble.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"

namespace fastir {

/// The lists of a TreeEnsemble, and their check.
///
/// Lists of nodes are parallel, as in ONNX: they are read and checked many at a
/// time, which a compile pays for more than for what it evaluates.
class TreeLists {
public:
  using Ref = TreeEnsemble::Ref;

  llvm::SmallVector<float, 0> Values;
  llvm::SmallVector<uint32_t, 0> Features;
  llvm::SmallVector<uint8_t, 0> Modes;
  llvm::SmallVector<uint32_t, 0> TrueForNaN;
  llvm::SmallVector<Ref, 0> True;
  llvm::SmallVector<Ref, 0> False;
  llvm::SmallVector<float, 0> Leaves;
  llvm::SmallVector<Ref, 0> Roots;
  llvm::SmallVector<TreeEnsemble::Step, 0> Steps;
  TreeEnsemble::Aggregate How = TreeEnsemble::Aggregate::Sum;
  float Base = 0;

  /// Fails unless lists of nodes are of one length, and each walk from a root
  /// ends at a leaf there is, having compared features there are: below
  /// \p Columns. Until then there is no ensemble().
  llvm::Error check(size_t Columns);

  /// The trees in these lists, valid as long as they are.
  TreeEnsemble ensemble() const;

private:
  llvm::Error checkLists(size_t Columns) const;
  bool isInOrder() const;
  bool isForest() const;
  TreeEnsemble::Run runOf(Ref Root) const;
  void findRuns();

  llvm::SmallVector<TreeEnsemble::Run, 0> Runs;
};

} // namespace fastir

#endif // FASTIR_MODEL_TREELISTS_H
