//===- Protobuf.cpp - Walking protobuf messages ---------------------------===//

#include "model/Protobuf.h"

#include "llvm/Support/Endian.h"

#include <limits>

using namespace llvm;

namespace fastir {

static uint32_t saturated(uint64_t Value) {
  constexpr uint64_t Most = std::numeric_limits<uint32_t>::max();
  return static_cast<uint32_t>(Value < Most ? Value : Most);
}

static float asReal(const uint8_t *Bytes) {
  return bit_cast<float>(support::endian::read32le(Bytes));
}

bool FieldReader::fail() {
  Failed = true;
  Next = End;
  return false;
}

bool FieldReader::varint(uint64_t &Result) {
  Result = 0;
  for (unsigned Shift = 0; Shift < 64; Shift += 7) {
    if (Next == End)
      return fail();
    const uint64_t Byte = *Next++;
    // Of the tenth byte one bit is left.
    if (Shift == 63 && Byte > 1)
      return fail();
    Result |= (Byte & 0x7f) << Shift;
    if (Byte < 0x80)
      return true;
  }
  return fail();
}

bool FieldReader::take(uint64_t Length) {
  if (Length > static_cast<uint64_t>(End - Next))
    return fail();
  Bytes = StringRef(reinterpret_cast<const char *>(Next), Length);
  Next += Length;
  return true;
}

bool FieldReader::next() {
  uint64_t Tag = 0;
  if (Next == End || !varint(Tag))
    return false;
  Number = Tag >> 3;
  Type = static_cast<Wire>(Tag & 7);
  Bytes = StringRef();
  Value = 0;
  switch (Type) {
  case Wire::Varint:
    return varint(Value);
  case Wire::Fixed64:
    return take(8);
  case Wire::Fixed32:
    return take(4);
  case Wire::Bytes:
    return varint(Value) && take(Value);
  }
  return fail();
}

float FieldReader::real() const {
  return Type == Wire::Fixed32 ? asReal(Bytes.bytes_begin()) : 0;
}

/// Reads fields of the one-byte \p Tag whose values take one byte or two, to
/// the first other one, which it returns. Values go to \p Out.
static const uint8_t *readShort(const uint8_t *At, const uint8_t *End,
                                uint8_t Tag, uint32_t *&Out) {
  const uint64_t FourTags = Tag * 0x0001000100010001;
  const uint64_t TwoTags = (0x8000 | Tag) * uint64_t(0x000001000001);
  uint32_t *To = Out;
  // Eight bytes are four fields of one-byte values, or begin with two of
  // two-byte values, or with one.
  while (End - At >= 8) {
    const uint64_t Ahead = support::endian::read64le(At);
    if ((Ahead & 0x80ff80ff80ff80ff) == FourTags) {
      To[0] = Ahead >> 8 & 0x7f;
      To[1] = Ahead >> 24 & 0x7f;
      To[2] = Ahead >> 40 & 0x7f;
      To[3] = Ahead >> 56;
      To += 4;
      At += 8;
    } else if ((Ahead & 0x8080ff8080ff) == TwoTags) {
      To[0] = (Ahead >> 8 & 0x7f) | (Ahead >> 9 & 0x3f80);
      To[1] = (Ahead >> 32 & 0x7f) | (Ahead >> 33 & 0x3f80);
      To += 2;
      At += 6;
    } else if ((Ahead & 0x80ff) == Tag) {
      *To++ = Ahead >> 8 & 0x7f;
      At += 2;
    } else if ((Ahead & 0x8080ff) == (0x8000u | Tag)) {
      *To++ = (Ahead >> 8 & 0x7f) | (Ahead >> 9 & 0x3f80);
      At += 3;
    } else {
      break;
    }
  }
  Out = To;
  return At;
}

void FieldReader::readIntegers(SmallVectorImpl<uint32_t> &Values) {
  if (Type == Wire::Bytes) {
    FieldReader Packed(Bytes);
    for (uint64_t Each = 0; Packed.Next != Packed.End && Packed.varint(Each);)
      Values.push_back(saturated(Each));
    if (Packed.Failed)
      fail();
    return;
  }
  if (Type != Wire::Varint || Number >= 16) { // no one-byte tag
    fail();
    return;
  }
  // Each takes two bytes or more.
  const size_t Before = Values.size();
  Values.resize_for_overwrite(Before + 1 + (End - Next) / 2);
  uint32_t *Out = Values.data() + Before;
  *Out++ = saturated(Value);
  const uint8_t Tag = Number << 3;
  Next = readShort(Next, End, Tag, Out);
  while (Next != End && *Next == Tag) {
    uint64_t Each = 0;
    ++Next;
    if (!varint(Each))
      break;
    *Out++ = saturated(Each);
    Next = readShort(Next, End, Tag, Out);
  }
  Values.truncate(Out - Values.data());
}

void FieldReader::readReals(SmallVectorImpl<float> &Values) {
  constexpr size_t Width = sizeof(float);
  if (Type == Wire::Bytes) {
    if (Bytes.size() % Width)
      fail();
    for (size_t At = 0; At + Width <= Bytes.size(); At += Width)
      Values.push_back(asReal(Bytes.bytes_begin() + At));
    return;
  }
  if (Type != Wire::Fixed32 || Number >= 16) {
    fail();
    return;
  }
  Values.push_back(real());
  const uint8_t Tag = Number << 3 | static_cast<uint8_t>(Type);
  while (static_cast<size_t>(End - Next) > Width && *Next == Tag) {
    Values.push_back(asReal(Next + 1));
    Next += 1 + Width;
  }
}

} // namespace fastir
