//===- OnnxGraph.cpp - The parts of an ONNX file --------------------------===//

#include "model/OnnxGraph.h"
#include "model/Protobuf.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/SwapByteOrder.h"

#include <cstring>

using namespace llvm;

namespace fastir {

// Field numbers and types are those of onnx.proto.

static constexpr int64_t FloatType = 1;
static constexpr int64_t ByteType = 2;

bool OnnxAttribute::read(StringRef Message) {
  FieldReader Reader(Message);
  while (Reader.next()) {
    IsSet = true;
    switch (Reader.number()) {
    case 1:
      Name = Reader.bytes();
      break;
    case 3:
      Integer = Reader.integer();
      break;
    case 4:
      String = Reader.bytes();
      break;
    case 5:
      Tensor = Reader.bytes();
      break;
    case 7:
      Reader.readReals(Reals);
      break;
    case 8:
      Reader.readIntegers(Integers);
      break;
    case 9:
      Strings.push_back(Reader.bytes());
      break;
    default: // its type, its documentation, and what trees have none of
      break;
    }
  }
  return !Reader.hasFailed();
}

OnnxTensor::Parts OnnxTensor::parts() const {
  Parts Result;
  FieldReader Reader(Message);
  while (Reader.next())
    switch (Reader.number()) {
    case 1:
      Reader.readIntegers(Result.Dimensions);
      break;
    case 2:
      Result.Type = Reader.integer();
      break;
    case 4:
      Reader.readReals(Result.Reals);
      break;
    case 8:
      Result.Name = Reader.bytes();
      break;
    case 9:
      Result.Raw = Reader.bytes();
      break;
    case 12: // documentation
      break;
    default: // other types, a segment, or a file elsewhere
      Result.IsWhole = false;
      break;
    }
  Result.IsWhole &= !Reader.hasFailed();
  return Result;
}

bool OnnxTensor::Parts::hold(uint64_t Count) const {
  uint64_t Product = 1;
  for (uint32_t Dimension : Dimensions) {
    Product *= Dimension;
    if (Product > Count)
      return false;
  }
  return IsWhole && Product == Count;
}

bool OnnxTensor::readReals(SmallVectorImpl<float> &Values) const {
  Parts Read = parts();
  if (Read.Type != FloatType || !(Read.Raw.empty() || Read.Reals.empty()))
    return false;
  if (Read.Raw.empty())
    Values.assign(Read.Reals.begin(), Read.Reals.end());
  constexpr size_t Width = sizeof(float);
  if (Read.Raw.size() % Width)
    return false;
  if (!Read.Raw.empty()) {
    static_assert(sys::IsLittleEndianHost, "as raw tensors are");
    Values.resize_for_overwrite(Read.Raw.size() / Width);
    std::memcpy(Values.data(), Read.Raw.data(), Read.Raw.size());
  }
  return Read.hold(Values.size());
}

std::optional<ArrayRef<uint8_t>> OnnxTensor::bytes() const {
  const Parts Read = parts();
  if (Read.Type != ByteType || !Read.Reals.empty() ||
      !Read.hold(Read.Raw.size()))
    return std::nullopt;
  return arrayRefFromStringRef(Read.Raw);
}

StringRef OnnxTensor::name() const { return parts().Name; }

bool OnnxNode::read(StringRef Message) {
  FieldReader Reader(Message);
  while (Reader.next())
    switch (Reader.number()) {
    case 1:
      Inputs.push_back(Reader.bytes());
      break;
    case 2:
      Outputs.push_back(Reader.bytes());
      break;
    case 4:
      Operator = Reader.bytes();
      break;
    case 5:
      Attributes.push_back(Reader.bytes());
      break;
    case 7:
      Domain = Reader.bytes();
      break;
    default: // its name and documentation
      break;
    }
  return !Reader.hasFailed();
}

bool OnnxValue::read(StringRef Message) {
  FieldReader Reader(Message);
  while (Reader.next())
    if (Reader.number() == 1)
      Name = Reader.bytes();
    else if (Reader.number() == 2 && !readType(Reader.bytes()))
      return false;
  return !Reader.hasFailed();
}

bool OnnxValue::readType(StringRef Message) {
  FieldReader Reader(Message);
  while (Reader.next()) {
    if (Reader.number() != 1) // no tensor
      continue;
    FieldReader Tensor(Reader.bytes());
    while (Tensor.next())
      if (Tensor.number() == 1)
        Type = Tensor.integer();
      else if (Tensor.number() == 2 && !readShape(Tensor.bytes()))
        return false;
    if (Tensor.hasFailed())
      return false;
  }
  return !Reader.hasFailed();
}

bool OnnxValue::readShape(StringRef Message) {
  FieldReader Reader(Message);
  while (Reader.next()) {
    if (Reader.number() != 1)
      continue;
    std::optional<int64_t> Size;
    FieldReader Dimension(Reader.bytes());
    while (Dimension.next())
      if (Dimension.number() == 1)
        Size = Dimension.integer();
    if (Dimension.hasFailed())
      return false;
    Dimensions.push_back(Size);
  }
  return !Reader.hasFailed();
}

bool OnnxValue::isRowsOf(uint64_t Columns) const {
  return Type == FloatType && Dimensions.size() == 2 &&
         Dimensions[0].value_or(1) <= 1 &&
         Dimensions[1] == static_cast<int64_t>(Columns);
}

bool OnnxGraph::read(StringRef File) {
  bool HasGraph = false;
  FieldReader Reader(File);
  while (Reader.next())
    switch (Reader.number()) {
    case 7:
      if (HasGraph || !readGraph(Reader.bytes()))
        return false;
      HasGraph = true;
      break;
    case 8:
      if (!readOperatorSet(Reader.bytes()))
        return false;
      break;
    case 25: // functions
      IsPlain = false;
      break;
    default: // versions, names, metadata
      break;
    }
  return HasGraph && !Reader.hasFailed();
}

bool OnnxGraph::readGraph(StringRef Message) {
  FieldReader Reader(Message);
  while (Reader.next()) {
    bool IsFine = true;
    switch (Reader.number()) {
    case 1:
      IsFine = Nodes.emplace_back().read(Reader.bytes());
      break;
    case 5:
      Initializers.emplace_back(Reader.bytes());
      break;
    case 11:
      IsFine = Inputs.emplace_back().read(Reader.bytes());
      break;
    case 12:
      IsFine = Outputs.emplace_back().read(Reader.bytes());
      break;
    default: // names, documentation, shapes of values between
      break;
    }
    if (!IsFine)
      return false;
  }
  return !Reader.hasFailed();
}

bool OnnxGraph::readOperatorSet(StringRef Message) {
  StringRef Domain;
  int64_t Version = 0;
  FieldReader Reader(Message);
  while (Reader.next())
    if (Reader.number() == 1)
      Domain = Reader.bytes();
    else if (Reader.number() == 2)
      Version = Reader.integer();
  // Of the operators that are understood, these versions define the same.
  const bool IsKnown = Domain == "ai.onnx.ml" ? 1 <= Version && Version <= 5
                       : Domain.empty() || Domain == "ai.onnx"
                           ? 9 <= Version && Version <= 26
                           : true;
  IsPlain &= IsKnown;
  return !Reader.hasFailed();
}

const OnnxTensor *OnnxGraph::initializer(StringRef Name) const {
  auto It = find_if(Initializers, [&](const OnnxTensor &Each) {
    return Each.name() == Name;
  });
  return It == Initializers.end() ? nullptr : &*It;
}

} // namespace fastir
