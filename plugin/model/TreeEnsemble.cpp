//===- TreeEnsemble.cpp - Regression trees, evaluated ---------------------===//

#include "model/TreeEnsemble.h"

#include "llvm/Support/ErrorHandling.h"

#include <cmath>
#include <limits>

using namespace llvm;

namespace fastir {

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
  if (!Runs.empty() && How == Aggregate::Sum) {
    float Score = 0;
    for (const Run &R : Runs)
      if (!R.addsNothing(Row))
        Score = sumPlain(Roots.slice(R.First, R.Count), Row, Score);
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

float TreeEnsemble::predict(ArrayRef<float> Row) const {
  float Result = aggregate(Row.data()) + Base;
  for (Step Factor : Steps)
    Result = Factor ? Result * *Factor : std::sinh(Result);
  return Result;
}

float TreeEnsemble::greatestCompared(size_t Column) const {
  float Greatest = -std::numeric_limits<float>::infinity();
  for (size_t Node = 0; Node < Values.size(); ++Node)
    if (Features[Node] == Column && Values[Node] > Greatest)
      Greatest = Values[Node];
  return Greatest;
}

} // namespace fastir
