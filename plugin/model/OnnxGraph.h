//===- OnnxGraph.h - The parts of an ONNX file ------------------*- C++ -*-===//
//
// As much of onnx.proto as trees need. All refer to the bytes of the file.
//
//===----------------------------------------------------------------------===//

#ifndef FASTIR_MODEL_ONNXGRAPH_H
#define FASTIR_MODEL_ONNXGRAPH_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace fastir {

/// onnx.AttributeProto: one of its values, by its type.
struct OnnxAttribute {
  llvm::StringRef Name;
  bool IsSet = false;
  int64_t Integer = 0;
  llvm::StringRef String;
  llvm::StringRef Tensor; ///< the message
  llvm::SmallVector<uint32_t, 0> Integers;
  llvm::SmallVector<float, 0> Reals;
  std::vector<llvm::StringRef> Strings;

  /// Reads a message; false if it is malformed.
  bool read(llvm::StringRef Message);
};

/// onnx.TensorProto.
class OnnxTensor {
public:
  explicit OnnxTensor(llvm::StringRef Message) : Message(Message) {}

  /// Its floats; false unless it is a tensor of these, in the file.
  bool readReals(llvm::SmallVectorImpl<float> &Values) const;

  /// The values of a tensor of bytes; none unless it is one, in the file.
  std::optional<llvm::ArrayRef<uint8_t>> bytes() const;

  llvm::StringRef name() const;

private:
  struct Parts {
    llvm::SmallVector<uint32_t, 0> Dimensions;
    int64_t Type = 0;
    llvm::StringRef Raw;
    llvm::SmallVector<float, 0> Reals;
    /// It says all that is in the tensor, and is well-formed.
    bool IsWhole = true;
    llvm::StringRef Name;

    /// Whether the dimensions make \p Count.
    bool hold(uint64_t Count) const;
  };
  Parts parts() const;

  llvm::StringRef Message;
};

/// onnx.NodeProto.
struct OnnxNode {
  llvm::StringRef Operator;
  llvm::StringRef Domain;
  llvm::SmallVector<llvm::StringRef, 2> Inputs;
  llvm::SmallVector<llvm::StringRef, 1> Outputs;
  std::vector<llvm::StringRef> Attributes; ///< messages

  bool read(llvm::StringRef Message);
};

/// onnx.ValueInfoProto: a tensor that the graph takes or gives.
struct OnnxValue {
  llvm::StringRef Name;
  int64_t Type = 0;
  llvm::SmallVector<std::optional<int64_t>, 2> Dimensions; ///< none: free

  bool read(llvm::StringRef Message);
  /// Whether it is a float tensor of any number of rows of \p Columns.
  bool isRowsOf(uint64_t Columns) const;

private:
  bool readType(llvm::StringRef Message);
  bool readShape(llvm::StringRef Message);
};

/// onnx.ModelProto and its onnx.GraphProto.
struct OnnxGraph {
  std::vector<OnnxNode> Nodes;
  std::vector<OnnxTensor> Initializers;
  std::vector<OnnxValue> Inputs;
  std::vector<OnnxValue> Outputs;
  /// There are no functions or operators of other versions.
  bool IsPlain = true;

  bool read(llvm::StringRef File);
  /// The constant of that name; null if there is none.
  const OnnxTensor *initializer(llvm::StringRef Name) const;

private:
  bool readGraph(llvm::StringRef Message);
  bool readOperatorSet(llvm::StringRef Message);
};

} // namespace fastir

#endif // FASTIR_MODEL_ONNXGRAPH_H
