//===- Protobuf.h - Walking protobuf messages -------------------*- C++ -*-===//
//
// An ONNX file is one protobuf message, onnx.ModelProto. What little is read of
// it in a compile does not need a protobuf library.
//
//===----------------------------------------------------------------------===//

#ifndef FASTIR_MODEL_PROTOBUF_H
#define FASTIR_MODEL_PROTOBUF_H

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"

#include <cstdint>

namespace fastir {

/// Walks the fields of one message. A malformed field ends the walk.
class FieldReader {
public:
  explicit FieldReader(llvm::StringRef Message)
      : Next(Message.bytes_begin()), End(Message.bytes_end()) {}

  /// Reads the next field; false at the end, and where one is malformed.
  bool next();

  /// Whether the walk ended at a malformed field.
  bool hasFailed() const { return Failed; }

  /// The number that the message's schema gives the field.
  uint64_t number() const { return Number; }

  /// The value of a field of integers.
  int64_t integer() const { return static_cast<int64_t>(Value); }

  /// The bytes of a string, message or number of fixed width.
  llvm::StringRef bytes() const { return Bytes; }

  /// The value of a field of floats; 0 if it has another width.
  float real() const;

  /// Appends the values of this field and of those of the same number that
  /// follow at once, each a field of its own or many packed in one. Values
  /// that do not fit become the largest.
  void readIntegers(llvm::SmallVectorImpl<uint32_t> &Values);
  void readReals(llvm::SmallVectorImpl<float> &Values);

private:
  enum class Wire : uint8_t { Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5 };

  bool varint(uint64_t &Result);
  bool take(uint64_t Length);
  bool fail();

  const uint8_t *Next;
  const uint8_t *End;
  uint64_t Number = 0;
  Wire Type = Wire::Varint;
  uint64_t Value = 0;
  llvm::StringRef Bytes;
  bool Failed = false;
};

} // namespace fastir

#endif // FASTIR_MODEL_PROTOBUF_H
