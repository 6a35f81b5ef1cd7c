//===- TreeEnsembleRegressor.cpp - Trees as ai.onnx.ml 1 and 3 have them --===//

#include "model/OnnxTreeNode.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"

using namespace llvm;

namespace fastir {

using Aggregate = TreeEnsemble::Aggregate;
using Ref = TreeEnsemble::Ref;

namespace {

std::optional<TreeEnsemble::Mode> modeOf(StringRef Name) {
  return StringSwitch<std::optional<TreeEnsemble::Mode>>(Name)
      .Case("BRANCH_LEQ", TreeEnsemble::Leq)
      .Case("BRANCH_LT", TreeEnsemble::Lt)
      .Case("BRANCH_GTE", TreeEnsemble::Gte)
      .Case("BRANCH_GT", TreeEnsemble::Gt)
      .Case("BRANCH_EQ", TreeEnsemble::Eq)
      .Case("BRANCH_NEQ", TreeEnsemble::Neq)
      .Default(std::nullopt);
}

/// The parallel lists of a TreeEnsembleRegressor. Nodes are known by their
/// tree's number and their own in it.
class RegressorReader {
public:
  Expected<TreeLists> read(OnnxAttributes &Given);

private:
  Error take(OnnxAttributes &Given);
  Error number();
  Error addWeights();
  Error addNodes();

  static uint64_t key(uint32_t Tree, uint32_t Node) {
    return uint64_t(Tree) << 32 | Node;
  }
  /// The child \p Node of the node at \p Index.
  Expected<Ref> child(size_t Index, uint32_t Node) const;

  SmallVector<uint32_t, 0> TreeIds, NodeIds, FeatureIds, TrueIds, FalseIds,
      NaNs;
  SmallVector<float, 0> Values;
  std::vector<StringRef> Modes;
  SmallVector<uint32_t, 0> TargetTrees, TargetNodes, TargetIds;
  SmallVector<float, 0> Weights;
  TreeLists Trees;
  DenseMap<uint64_t, Ref> Refs;
};

Expected<TreeLists> RegressorReader::read(OnnxAttributes &Given) {
  if (Error E = take(Given))
    return E;
  if (Error E = number())
    return E;
  if (Error E = addWeights())
    return E;
  if (Error E = addNodes())
    return E;
  return std::move(Trees);
}

Error RegressorReader::take(OnnxAttributes &Given) {
  TreeIds = Given.take("nodes_treeids").Integers;
  NodeIds = Given.take("nodes_nodeids").Integers;
  FeatureIds = Given.take("nodes_featureids").Integers;
  TrueIds = Given.take("nodes_truenodeids").Integers;
  FalseIds = Given.take("nodes_falsenodeids").Integers;
  NaNs = Given.take("nodes_missing_value_tracks_true").Integers;
  Values = Given.take("nodes_values").Reals;
  Modes = Given.take("nodes_modes").Strings;
  TargetTrees = Given.take("target_treeids").Integers;
  TargetNodes = Given.take("target_nodeids").Integers;
  TargetIds = Given.take("target_ids").Integers;
  Weights = Given.take("target_weights").Reals;
  Given.take("nodes_hitrates");
  const SmallVector<float, 0> Base = Given.take("base_values").Reals;
  const OnnxAttribute Targets = Given.take("n_targets");
  const StringRef Transform = Given.take("post_transform").String;
  const StringRef How = Given.take("aggregate_function").String;
  if (Error E = Given.finish())
    return E;
  if (Targets.Integer != 1 || Base.size() > 1)
    return notUnderstood("its trees predict more than one value");
  if (!Transform.empty() && Transform != "NONE")
    return notUnderstood("its trees' values are transformed");
  auto Known = StringSwitch<std::optional<Aggregate>>(How)
                   .Cases({"", "SUM"}, Aggregate::Sum)
                   .Case("AVERAGE", Aggregate::Average)
                   .Case("MIN", Aggregate::Min)
                   .Case("MAX", Aggregate::Max)
                   .Default(std::nullopt);
  if (!Known)
    return notUnderstood("its trees' values are aggregated by '" + How + "'");
  Trees.How = *Known;
  Trees.Base = Base.empty() ? 0 : Base.front();
  const size_t Count = TreeIds.size();
  for (size_t Other : {NodeIds.size(), FeatureIds.size(), TrueIds.size(),
                       FalseIds.size(), Values.size(), Modes.size()})
    if (Other != Count)
      return malformedTrees("lists of nodes differ in length");
  if (!NaNs.empty() && NaNs.size() != Count)
    return malformedTrees("lists of nodes differ in length");
  if (TargetNodes.size() != TargetTrees.size() ||
      TargetIds.size() != TargetTrees.size() ||
      Weights.size() != TargetTrees.size())
    return malformedTrees("lists of targets differ in length");
  return Error::success();
}

/// Gives each node its reference, and finds the roots: a tree's first nodes.
Error RegressorReader::number() {
  uint32_t Inner = 0, Leaves = 0;
  DenseSet<uint32_t> Seen;
  Refs.reserve(TreeIds.size());
  for (size_t I = 0; I < TreeIds.size(); ++I) {
    const bool IsLeaf = Modes[I] == "LEAF";
    const Ref Mine = IsLeaf ? Leaves++ | TreeEnsemble::LeafBit : Inner++;
    if (!Refs.try_emplace(key(TreeIds[I], NodeIds[I]), Mine).second)
      return malformedTrees("a node is there twice");
    if (I && TreeIds[I] == TreeIds[I - 1])
      continue;
    if (!Seen.insert(TreeIds[I]).second)
      return notUnderstood("its trees' nodes are mixed");
    Trees.Roots.push_back(Mine);
  }
  Trees.Leaves.resize(Leaves);
  return Error::success();
}

Error RegressorReader::addWeights() {
  std::vector<bool> HasWeight(Trees.Leaves.size());
  for (size_t I = 0; I < Weights.size(); ++I) {
    auto It = Refs.find(key(TargetTrees[I], TargetNodes[I]));
    if (It == Refs.end())
      return malformedTrees("a weight is of no node");
    if (!(It->second & TreeEnsemble::LeafBit) || TargetIds[I] != 0)
      return notUnderstood("its trees have weights apart from leaves");
    const size_t Leaf = It->second & ~TreeEnsemble::LeafBit;
    if (HasWeight[Leaf])
      return notUnderstood("its trees have leaves of several weights");
    HasWeight[Leaf] = true;
    Trees.Leaves[Leaf] = Weights[I];
  }
  if (is_contained(HasWeight, false))
    return malformedTrees("a leaf has no weight");
  return Error::success();
}

Expected<Ref> RegressorReader::child(size_t Index, uint32_t Node) const {
  auto It = Refs.find(key(TreeIds[Index], Node));
  if (It == Refs.end())
    return malformedTrees("a node is missing");
  return It->second;
}

Error RegressorReader::addNodes() {
  for (size_t I = 0; I < TreeIds.size(); ++I) {
    if (Modes[I] == "LEAF")
      continue;
    Expected<Ref> True = child(I, TrueIds[I]);
    if (!True)
      return True.takeError();
    Expected<Ref> False = child(I, FalseIds[I]);
    if (!False)
      return False.takeError();
    std::optional<TreeEnsemble::Mode> Comparison = modeOf(Modes[I]);
    if (!Comparison)
      return notUnderstood("its trees compare by '" + Modes[I] + "'");
    Trees.Values.push_back(Values[I]);
    Trees.Features.push_back(FeatureIds[I]);
    Trees.Modes.push_back(*Comparison);
    Trees.True.push_back(*True);
    Trees.False.push_back(*False);
    if (!NaNs.empty())
      Trees.TrueForNaN.push_back(NaNs[I]);
  }
  return Error::success();
}

} // namespace

Expected<TreeLists> readTreeEnsembleRegressor(OnnxAttributes Given) {
  return RegressorReader().read(Given);
}

} // namespace fastir
