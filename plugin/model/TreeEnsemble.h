//===- TreeEnsemble.h - Regression trees, evaluated ------------*- C++ -*-===//

#ifndef FASTIR_MODEL_TREEENSEMBLE_H
#define FASTIR_MODEL_TREEENSEMBLE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"

#include <cstdint>

namespace fastir {

/// Trees of one target, as ONNX defines them. Evaluates to the very bits that
/// ONNX Runtime gives for one row: sums of floats, in the order of the trees.
///
/// Lists of nodes are parallel, as in ONNX: they are read and checked many at a
/// time, which a compile pays for more than for what it evaluates.
class TreeEnsemble {
public:
  /// How a feature is compared with a node's value; numbered as in ONNX.
  enum Mode : uint8_t { Leq, Lt, Gte, Gt, Eq, Neq };

  /// How the trees' values become one; numbered as in ONNX.
  enum class Aggregate : uint8_t { Average, Sum, Min, Max };

  /// A node's place; with LeafBit set, a leaf's.
  using Ref = uint32_t;
  static constexpr Ref LeafBit = Ref(1) << 31;

  llvm::SmallVector<float, 0> Values;
  llvm::SmallVector<uint32_t, 0> Features; ///< columns of the row
  llvm::SmallVector<uint8_t, 0> Modes;
  llvm::SmallVector<uint32_t, 0>
      TrueForNaN; ///< 1: whatever the mode; none: 0 for all
  llvm::SmallVector<Ref, 0> True;
  llvm::SmallVector<Ref, 0> False;
  llvm::SmallVector<float, 0> Leaves;
  llvm::SmallVector<Ref, 0> Roots; ///< one a tree
  Aggregate How = Aggregate::Sum;
  float Base = 0; ///< added to the result

  /// Fails unless lists of nodes are of one length, and each walk from a root
  /// ends at a leaf there is, having compared features there are: below
  /// \p Columns. Until then evaluate() must not be called.
  llvm::Error check(size_t Columns);

  /// The prediction for the row \p Row.
  float evaluate(llvm::ArrayRef<float> Row) const;

private:
  /// Trees in a row whose roots compare alike; where the comparison leads to a
  /// leaf of 0, none of them adds anything. Two ensembles of which one answers
  /// are two runs.
  struct Run {
    uint32_t Feature = 0;
    float Value = 0;
    bool NothingIfTrue = false;
    bool NothingIfFalse = false;
    uint32_t First = 0; ///< of the roots
    uint32_t Count = 0;

    bool isAlike(const Run &Other) const {
      return Feature == Other.Feature && Value == Other.Value &&
             NothingIfTrue == Other.NothingIfTrue &&
             NothingIfFalse == Other.NothingIfFalse;
    }
    bool addsNothing(const float *Row) const {
      return Row[Feature] <= Value ? NothingIfTrue : NothingIfFalse;
    }
  };

  llvm::Error checkLists(size_t Columns) const;
  bool isInOrder() const;
  bool isForest() const;
  Run runOf(Ref Root) const;
  void findRuns();
  bool isTrue(Ref Node, float Feature) const;
  float leaf(Ref Root, const float *Row) const;
  float sumPlain(llvm::ArrayRef<Ref> Trees, const float *Row,
                 float Score) const;
  float aggregate(const float *Row) const;

  /// All modes are Leq, no NaN is true, and no root is a leaf.
  bool IsPlain = false;
  llvm::SmallVector<Run, 4> Runs; ///< of all trees, if IsPlain
};

} // namespace fastir

#endif // FASTIR_MODEL_TREEENSEMBLE_H
