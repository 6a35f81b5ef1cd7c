//===- TreeLists.cpp - Trees as read from a file --------------------------===//

#include "model/TreeLists.h"

#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"
#include "llvm/ADT/bit.h"

using namespace llvm;

namespace fastir {

static constexpr TreeEnsemble::Ref LeafBit = TreeEnsemble::LeafBit;

/// A reference as a signed number: those of leaves are negative. Loops over
/// these are vectorized.
static int32_t asSigned(TreeEnsemble::Ref R) { return static_cast<int32_t>(R); }

/// Whether one of \p Refs is of a node or leaf that is not there.
static bool isMissing(ArrayRef<TreeEnsemble::Ref> Refs, size_t NodeCount,
                      size_t LeafCount) {
  constexpr size_t Most = TreeEnsemble::LeafBit - 1;
  const int32_t Nodes = std::min(NodeCount, Most);
  const int32_t FirstMissingLeaf =
      asSigned(TreeEnsemble::LeafBit | std::min(LeafCount, Most));
  int32_t Missing = 0;
  for (TreeEnsemble::Ref R : Refs) {
    const int32_t Signed = asSigned(R);
    Missing |= Signed >= Nodes;
    Missing |= int32_t(Signed < 0) & int32_t(Signed >= FirstMissingLeaf);
  }
  return Missing;
}

Error TreeLists::checkLists(size_t Columns) const {
  const size_t Count = Values.size();
  for (size_t Other :
       {Features.size(), Modes.size(), True.size(), False.size()})
    if (Other != Count)
      return createStringError("lists of its trees' nodes differ in length");
  if (!TrueForNaN.empty() && TrueForNaN.size() != Count)
    return createStringError("lists of its trees' nodes differ in length");
  const int32_t End = Columns;
  int32_t Beyond = 0;
  for (uint32_t Feature : Features)
    Beyond |=
        int32_t(asSigned(Feature) < 0) | int32_t(asSigned(Feature) >= End);
  if (Beyond)
    return createStringError("its trees compare a feature beyond the " +
                             Twine(Columns) + " there are");
  for (ArrayRef<Ref> Refs : {ArrayRef(True), ArrayRef(False), ArrayRef(Roots)})
    if (isMissing(Refs, Count, Leaves.size()))
      return createStringError("a node of its trees is missing");
  return Error::success();
}

/// Whether each node comes before those below it: none is in a cycle then.
bool TreeLists::isInOrder() const {
  int32_t Disorder = 0;
  for (ArrayRef<Ref> Below : {ArrayRef(True), ArrayRef(False)})
    for (int32_t I = 0, E = Below.size(); I < E; ++I) {
      const int32_t Signed = asSigned(Below[I]);
      Disorder |= int32_t(Signed >= 0) & int32_t(Signed <= I);
    }
  return !Disorder;
}

/// Whether no node has two parents, and no root has one: a walk from a root
/// comes to no cycle then.
bool TreeLists::isForest() const {
  BitVector IsReached(Values.size());
  auto Reach = [&](Ref R) {
    if (R & LeafBit)
      return true;
    const bool IsFirst = !IsReached.test(R);
    IsReached.set(R);
    return IsFirst;
  };
  return all_of(Roots, Reach) && all_of(True, Reach) && all_of(False, Reach);
}

Error TreeLists::check(size_t Columns) {
  if (Roots.empty())
    return createStringError("it has no trees");
  if (Error E = checkLists(Columns))
    return E;
  if (!isInOrder() && !isForest())
    return createStringError("a node of its trees is below two others");
  uint8_t OtherModes = 0;
  for (uint8_t Each : Modes)
    OtherModes |= Each;
  // A root that is a leaf is rare, and would be one more case.
  const bool IsPlain = !OtherModes && !is_contained(TrueForNaN, 1u) &&
                       none_of(Roots, [](Ref R) { return R & LeafBit; });
  if (IsPlain)
    findRuns();
  return Error::success();
}

/// What a root does if it leads to a leaf that adds nothing.
TreeEnsemble::Run TreeLists::runOf(Ref Root) const {
  auto IsNothing = [&](Ref R) {
    return R & LeafBit && bit_cast<uint32_t>(Leaves[R & ~LeafBit]) == 0;
  };
  TreeEnsemble::Run Result;
  if (Root & LeafBit)
    return Result;
  Result.Feature = Features[Root];
  Result.Value = Values[Root];
  Result.NothingIfTrue = IsNothing(True[Root]);
  Result.NothingIfFalse = IsNothing(False[Root]);
  return Result;
}

/// Groups trees in a row that all add nothing under one condition.
void TreeLists::findRuns() {
  for (size_t I = 0; I < Roots.size(); ++I) {
    TreeEnsemble::Run Next = runOf(Roots[I]);
    if (Runs.empty() || !Runs.back().isAlike(Next)) {
      Next.First = I;
      Runs.push_back(Next);
    }
    ++Runs.back().Count;
  }
}

TreeEnsemble TreeLists::ensemble() const {
  TreeEnsemble Result;
  Result.Values = Values;
  Result.Features = Features;
  Result.Modes = Modes;
  Result.TrueForNaN = TrueForNaN;
  Result.True = True;
  Result.False = False;
  Result.Leaves = Leaves;
  Result.Roots = Roots;
  Result.Runs = Runs;
  Result.Steps = Steps;
  Result.How = How;
  Result.Base = Base;
  return Result;
}

} // namespace fastir
