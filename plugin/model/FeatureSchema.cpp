//===- FeatureSchema.cpp - The features of one problem --------------------===//

#include "model/FeatureSchema.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace fastir {

FeatureSchema::FeatureSchema(ArrayRef<StringRef> Names) {
  for (auto [Index, Name] : enumerate(Names)) {
    Specs.push_back(TensorSpec::createSpec<int64_t>(Name.str(), {1}));
    Indices[Name] = Index;
  }
}

std::optional<size_t> FeatureSchema::indexOf(StringRef Name) const {
  auto It = Indices.find(Name);
  if (It == Indices.end())
    return std::nullopt;
  return It->second;
}

} // namespace fastir
