//===- OnnxTrees.cpp - Trees from an ONNX file ----------------------------===//

#include "model/OnnxTrees.h"
#include "model/Predictor.h"

using namespace llvm;

namespace fastir {

namespace {

Error checkShape(const std::vector<OnnxValue> &Values, const char *What,
                 uint64_t Columns) {
  if (Values.size() == 1 && Values.front().isRowsOf(Columns))
    return Error::success();
  return wrongShape(What, Columns);
}

Expected<TreeLists> readTrees(const OnnxNode &Node) {
  if (Node.Domain != "ai.onnx.ml" || Node.Inputs.size() != 1)
    return notUnderstood("it does not begin with trees");
  Expected<OnnxAttributes> Given = OnnxAttributes::of(Node);
  if (!Given)
    return Given.takeError();
  if (Node.Operator == "TreeEnsembleRegressor")
    return readTreeEnsembleRegressor(std::move(*Given));
  if (Node.Operator == "TreeEnsemble")
    return readTreeEnsemble(std::move(*Given));
  return notUnderstood("it does not begin with trees");
}

/// What \p Node makes of the value \p Input.
Expected<TreeEnsemble::Step> readStep(const OnnxNode &Node, StringRef Input,
                                      const OnnxGraph &Graph) {
  auto Else = [&] {
    return notUnderstood("it has a node '" + Node.Operator + "'");
  };
  if (!Node.Domain.empty() && Node.Domain != "ai.onnx")
    return Else();
  if (!Node.Attributes.empty())
    return Else();
  if (Node.Operator == "Sinh" && Node.Inputs.size() == 1 &&
      Node.Inputs.front() == Input)
    return std::nullopt;
  if (Node.Operator != "Mul" || Node.Inputs.size() != 2 ||
      Node.Inputs[0] != Input)
    return Else();
  const OnnxTensor *Factor = Graph.initializer(Node.Inputs[1]);
  SmallVector<float, 0> Values;
  if (!Factor || !Factor->readReals(Values) || Values.size() != 1)
    return Else();
  return Values.front();
}

} // namespace

Expected<TreeLists> readOnnxTrees(StringRef Bytes, size_t Columns) {
  OnnxGraph Graph;
  if (!Graph.read(Bytes))
    return createStringError("it is truncated or not an ONNX model");
  if (!Graph.IsPlain || Graph.Nodes.empty())
    return notUnderstood("it does not begin with trees");
  Expected<TreeLists> Trees = readTrees(Graph.Nodes.front());
  if (!Trees)
    return Trees.takeError();
  StringRef Value;
  for (const OnnxNode &Node : Graph.Nodes) {
    if (Node.Outputs.size() != 1)
      return notUnderstood("a node has several outputs");
    if (!Value.empty()) {
      Expected<TreeEnsemble::Step> Step = readStep(Node, Value, Graph);
      if (!Step)
        return Step.takeError();
      Trees->Steps.push_back(*Step);
    }
    Value = Node.Outputs.front();
  }
  if (Error E = checkShape(Graph.Inputs, "input", Columns))
    return E;
  if (Error E = checkShape(Graph.Outputs, "output", 1))
    return E;
  if (Graph.Nodes.front().Inputs.front() != Graph.Inputs.front().Name ||
      Value != Graph.Outputs.front().Name)
    return notUnderstood("its trees do not lead from its input to its output");
  if (Error E = Trees->check(Columns))
    return E;
  return Trees;
}

} // namespace fastir
