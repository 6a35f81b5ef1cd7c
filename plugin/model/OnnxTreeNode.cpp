//===- OnnxTreeNode.cpp - Trees from a node of an ONNX graph --------------===//

#include "model/OnnxTreeNode.h"

using namespace llvm;

namespace fastir {

char NotUnderstood::ID = 0;

Error notUnderstood(const Twine &Why) { return make_error<NotUnderstood>(Why); }

Error malformedTrees(const Twine &Why) {
  return createStringError("its trees are malformed: " + Why);
}

Expected<OnnxAttributes> OnnxAttributes::of(const OnnxNode &Node) {
  OnnxAttributes Result;
  for (StringRef Message : Node.Attributes) {
    OnnxAttribute Next;
    if (!Next.read(Message))
      return malformedTrees("an attribute cannot be read");
    const StringRef Name = Next.Name;
    if (!Result.ByName.try_emplace(Name, std::move(Next)).second)
      return malformedTrees("'" + Name + "' is there twice");
  }
  return Result;
}

OnnxAttribute OnnxAttributes::take(StringRef Name) {
  auto It = ByName.find(Name);
  if (It == ByName.end())
    return OnnxAttribute();
  OnnxAttribute Taken = std::move(It->second);
  ByName.erase(It);
  return Taken;
}

Error OnnxAttributes::finish() const {
  if (ByName.empty())
    return Error::success();
  return notUnderstood("its trees have an attribute '" +
                       ByName.begin()->first() + "'");
}

} // namespace fastir
