//===- TreeEnsemble.cpp - Regression trees, evaluated ---------------------===//

#include "model/TreeEnsemble.h"

#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"
#include "llvm/ADT/bit.h"

#include <cmath>

using namespace llvm;

namespace fastir {

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

Error TreeEnsemble::checkLists(size_t Columns) const {
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
bool TreeEnsemble::isInOrder() const {
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
bool TreeEnsemble::isForest() const {
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

Error TreeEnsemble::check(size_t Columns) {
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
  IsPlain = !OtherModes && !is_contained(TrueForNaN, 1u) &&
            none_of(Roots, [](Ref R) { return R & LeafBit; });
  if (IsPlain)
    findRuns();
  return Error::success();
}

/// What a root does if it leads to a leaf that adds nothing.
TreeEnsemble::Run TreeEnsemble::runOf(Ref Root) const {
  auto IsNothing = [&](Ref R) {
    return R & LeafBit && bit_cast<uint32_t>(Leaves[R & ~LeafBit]) == 0;
  };
  Run Result;
  if (Root & LeafBit)
    return Result;
  Result.Feature = Features[Root];
  Result.Value = Values[Root];
  Result.NothingIfTrue = IsNothing(True[Root]);
  Result.NothingIfFalse = IsNothing(False[Root]);
  return Result;
}

/// Groups trees in a row that all add nothing under one condition.
void TreeEnsemble::findRuns() {
  for (size_t I = 0; I < Roots.size(); ++I) {
    Run Next = runOf(Roots[I]);
    if (Runs.empty() || !Runs.back().isAlike(Next)) {
      Next.First = I;
      Runs.push_back(Next);
    }
    ++Runs.back().Count;
  }
}

bool TreeEnsemble::isTrue(Ref Node, float Feature) const {
  if (!TrueForNaN.empty() && TrueForNaN[Node] == 1 && std::isnan(Feature))
    return true;
  const float Value = Values[Node];
  switch (static_cast<Mode>(Modes[Node])) {
  case Leq:
    return Feature <= Value;
  case Lt:
    return Feature < Value;
  case Gte:
    return Feature >= Value;
  case Gt:
    return Feature > Value;
  case Eq:
    return Feature == Value;
  case Neq:
    return Feature != Value;
  }
  llvm_unreachable("the reader knows these alone");
}

/// The sum of trees whose nodes all compare by Leq, after \p Score: the loop
/// that a compile spends its time in.
float TreeEnsemble::sumPlain(ArrayRef<Ref> Trees, const float *Row,
                             float Score) const {
  const uint32_t *Feature = Features.data();
  const float *Value = Values.data(), *Leaf = Leaves.data();
  const Ref *IfTrue = True.data(), *IfFalse = False.data();
  for (Ref Node : Trees) {
    do
      Node = Row[Feature[Node]] <= Value[Node] ? IfTrue[Node] : IfFalse[Node];
    while (!(Node & LeafBit));
    Score += Leaf[Node & ~LeafBit];
  }
  return Score;
}

float TreeEnsemble::leaf(Ref Root, const float *Row) const {
  while (!(Root & LeafBit))
    Root = isTrue(Root, Row[Features[Root]]) ? True[Root] : False[Root];
  return Leaves[Root & ~LeafBit];
}

float TreeEnsemble::aggregate(const float *Row) const {
  if (IsPlain && How == Aggregate::Sum) {
    float Score = 0;
    for (const Run &R : Runs)
      if (!R.addsNothing(Row))
        Score = sumPlain(ArrayRef(Roots).slice(R.First, R.Count), Row, Score);
    return Score;
  }
  float Score = 0;
  bool IsFirst = true;
  for (Ref Root : Roots) {
    const float Value = leaf(Root, Row);
    switch (How) {
    case Aggregate::Average:
    case Aggregate::Sum:
      Score += Value;
      break;
    case Aggregate::Min:
      Score = IsFirst || Value < Score ? Value : Score;
      break;
    case Aggregate::Max:
      Score = IsFirst || Value > Score ? Value : Score;
      break;
    }
    IsFirst = false;
  }
  if (How == Aggregate::Average)
    Score /= static_cast<float>(Roots.size());
  return Score;
}

float TreeEnsemble::evaluate(ArrayRef<float> Row) const {
  return aggregate(Row.data()) + Base;
}

} // namespace fastir
