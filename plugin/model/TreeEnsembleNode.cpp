//===- TreeEnsembleNode.cpp - Trees as ai.onnx.ml 5 has them --------------===//

#include "model/OnnxTreeNode.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace fastir {

namespace {

/// References from lists of places and of whether they are leaves'.
Error refer(MutableArrayRef<uint32_t> Places, ArrayRef<uint32_t> AreLeaves) {
  if (Places.size() != AreLeaves.size())
    return malformedTrees("lists of nodes differ in length");
  // Of the first, the bit that marks leaves has to be free; the others are 0
  // or 1.
  uint32_t AllPlaces = 0, AllFlags = 0;
  for (size_t I = 0; I < Places.size(); ++I) {
    AllPlaces |= Places[I];
    AllFlags |= AreLeaves[I];
    Places[I] |= AreLeaves[I] << 31;
  }
  if (AllPlaces & TreeEnsemble::LeafBit || AllFlags > 1)
    return malformedTrees("a reference is to no node and no leaf");
  return Error::success();
}

Error takeNodes(OnnxAttributes &Given, TreeLists &Trees) {
  Trees.Features = Given.take("nodes_featureids").Integers;
  Trees.TrueForNaN = Given.take("nodes_missing_value_tracks_true").Integers;
  Trees.True = Given.take("nodes_truenodeids").Integers;
  Trees.False = Given.take("nodes_falsenodeids").Integers;
  Trees.Roots = Given.take("tree_roots").Integers;
  Given.take("nodes_hitrates");
  if (Error E = refer(Trees.True, Given.take("nodes_trueleafs").Integers))
    return E;
  if (Error E = refer(Trees.False, Given.take("nodes_falseleafs").Integers))
    return E;
  for (TreeEnsemble::Ref Root : Trees.Roots)
    if (Root & TreeEnsemble::LeafBit)
      return malformedTrees("a reference is to no node and no leaf");
  const OnnxAttribute Modes = Given.take("nodes_modes");
  const OnnxAttribute Splits = Given.take("nodes_splits");
  std::optional<ArrayRef<uint8_t>> Bytes = OnnxTensor(Modes.Tensor).bytes();
  if (!Bytes || !OnnxTensor(Splits.Tensor).readReals(Trees.Values))
    return notUnderstood("its trees have tensors of other types");
  Trees.Modes.assign(Bytes->begin(), Bytes->end());
  // Nearly all are 0, which is found many at a time.
  uint8_t AllModes = 0;
  for (uint8_t Mode : Trees.Modes)
    AllModes |= Mode;
  if (AllModes && any_of(Trees.Modes,
                         [](uint8_t Mode) { return Mode > TreeEnsemble::Neq; }))
    return notUnderstood("its trees compare in a way of their own");
  return Error::success();
}

Error takeLeaves(OnnxAttributes &Given, TreeLists &Trees) {
  const OnnxAttribute Weights = Given.take("leaf_weights");
  const OnnxAttribute Targets = Given.take("leaf_targetids");
  if (!OnnxTensor(Weights.Tensor).readReals(Trees.Leaves))
    return notUnderstood("its trees have tensors of other types");
  if (Targets.Integers.size() != Trees.Leaves.size())
    return malformedTrees("lists of leaves differ in length");
  uint32_t Others = 0;
  for (uint32_t Target : Targets.Integers)
    Others |= Target;
  if (Others)
    return malformedTrees("a leaf is of another target");
  return Error::success();
}

Error takeSettings(OnnxAttributes &Given, TreeLists &Trees) {
  using Aggregate = TreeEnsemble::Aggregate;
  if (Given.take("n_targets").Integer != 1)
    return notUnderstood("its trees predict more than one value");
  if (Given.take("post_transform").Integer)
    return notUnderstood("its trees' values are transformed");
  const OnnxAttribute How = Given.take("aggregate_function");
  if (How.IsSet) {
    if (How.Integer < 0 || How.Integer > static_cast<int>(Aggregate::Max))
      return malformedTrees("aggregate function " + Twine(How.Integer));
    Trees.How = static_cast<Aggregate>(How.Integer);
  }
  return Error::success();
}

} // namespace

Expected<TreeLists> readTreeEnsemble(OnnxAttributes Given) {
  TreeLists Trees;
  if (Error E = takeNodes(Given, Trees))
    return E;
  if (Error E = takeLeaves(Given, Trees))
    return E;
  if (Error E = takeSettings(Given, Trees))
    return E;
  if (Error E = Given.finish())
    return E;
  return Trees;
}

} // namespace fastir
