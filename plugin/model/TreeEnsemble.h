//===- TreeEnsemble.h - Regression trees, evaluated ------------*- C++ -*-===//

#ifndef FASTIR_MODEL_TREEENSEMBLE_H
#define FASTIR_MODEL_TREEENSEMBLE_H

#include "llvm/ADT/ArrayRef.h"

#include <cstdint>
#include <optional>

namespace fastir {

/// Trees of one target, as ONNX defines them, and the arithmetic on what they
/// predict: arrays that belong to a TreeLists, or to the program. Evaluates to
/// the very bits that ONNX Runtime gives for one row: sums of floats, in the
/// order of the trees.
struct TreeEnsemble {
  /// How a feature is compared with a node's value; numbered as in ONNX.
  enum Mode : uint8_t { Leq, Lt, Gte, Gt, Eq, Neq };

  /// How the trees' values become one; numbered as in ONNX.
  enum class Aggregate : uint8_t { Average, Sum, Min, Max };

  /// A node's place; with LeafBit set, a leaf's.
  using Ref = uint32_t;
  static constexpr Ref LeafBit = Ref(1) << 31;

  /// A factor, or the hyperbolic sine where there is none.
  using Step = std::optional<float>;

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

  // Parallel, one a node.
  llvm::ArrayRef<float> Values;
  llvm::ArrayRef<uint32_t> Features; ///< columns of the row
  llvm::ArrayRef<uint8_t> Modes;
  llvm::ArrayRef<uint32_t> TrueForNaN; ///< 1: whatever the mode; none: all 0
  llvm::ArrayRef<Ref> True;
  llvm::ArrayRef<Ref> False;

  llvm::ArrayRef<float> Leaves;
  llvm::ArrayRef<Ref> Roots; ///< one a tree
  /// Of all trees; none unless all modes are Leq, no NaN is true, and no root
  /// is a leaf.
  llvm::ArrayRef<Run> Runs;
  llvm::ArrayRef<Step> Steps; ///< applied to the result, in order
  Aggregate How = Aggregate::Sum;
  float Base = 0; ///< added to the aggregate

  /// The prediction for the row \p Row.
  float predict(llvm::ArrayRef<float> Row) const;

  /// No comparison changes while the feature in \p Column is above this.
  float greatestCompared(size_t Column) const;

private:
  bool isTrue(Ref Node, float Feature) const;
  float leaf(Ref Root, const float *Row) const;
  float sumPlain(llvm::ArrayRef<Ref> Trees, const float *Row,
                 float Score) const;
  float aggregate(const float *Row) const;
};

} // namespace fastir

#endif // FASTIR_MODEL_TREEENSEMBLE_H
