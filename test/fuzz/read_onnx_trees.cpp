//===- read_onnx_trees.cpp - Fuzzing the reader of trees ------------------===//
//
// `make fuzz` runs it: whatever the bytes, the reader gives trees that every
// row can be evaluated by, or an error of one line.
//
//===----------------------------------------------------------------------===//

#include "model/OnnxTrees.h"

#include <cstdlib>
#include <limits>

using namespace llvm;
using namespace fastir;

constexpr size_t Columns = 58;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *Data, size_t Size) {
  StringRef Bytes(reinterpret_cast<const char *>(Data), Size);
  Expected<TreeLists> Trees = readOnnxTrees(Bytes, Columns);
  if (!Trees) {
    const std::string Why = toString(Trees.takeError());
    // Names in the file may hold anything; what is ours is one line.
    if (Why.empty())
      std::abort();
    return 0;
  }
  for (float Value : {0.0F, -0.0F, 1.0F, -1.0F, 1000.0F,
                      std::numeric_limits<float>::infinity(),
                      std::numeric_limits<float>::quiet_NaN()})
    (void)Trees->ensemble().predict(std::vector<float>(Columns, Value));
  return 0;
}
