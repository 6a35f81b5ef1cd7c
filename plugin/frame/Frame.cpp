//===- Frame.cpp - A table of typed columns -------------------------------===//

#include "frame/Frame.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/ErrorHandling.h"

using namespace llvm;

namespace fastir {

static bool isText(ColumnType Type) {
  return Type == ColumnType::String || Type == ColumnType::Binary;
}

Frame::Frame(ArrayRef<ColumnInfo> Schema)
    : Schema(Schema), Columns(Schema.size()) {
  for (auto [Info, Values] : zip_equal(Schema, Columns))
    if (isText(Info.Type))
      Values.Offsets.push_back(0);
}

Column &Frame::nextOf(const ColumnInfo &Info, bool IsValid) {
  Column &Result = Columns[At];
  if (Info.IsNullable)
    Result.Valid.push_back(IsValid);
  if (++At == Columns.size()) {
    At = 0;
    ++Rows;
  }
  return Result;
}

Column &Frame::next(ColumnType Type) {
  const ColumnInfo &Info = Schema[At];
  if (Info.Type != Type)
    report_fatal_error(Twine("fastir: a value of another type in column ") +
                       Info.Name);
  return nextOf(Info, true);
}

void Frame::addText(StringRef Text) {
  const ColumnInfo &Info = Schema[At];
  Column &Values = next(isText(Info.Type) ? Info.Type : ColumnType::String);
  Values.Bytes += Text;
  Values.Offsets.push_back(static_cast<int64_t>(Values.Bytes.size()));
}

void Frame::addNull() {
  const ColumnInfo &Info = Schema[At];
  if (!Info.IsNullable)
    report_fatal_error(Twine("fastir: a null in column ") + Info.Name);
  Column &Values = nextOf(Info, false);
  switch (Info.Type) {
  case ColumnType::Int64:
    Values.Ints.push_back(0);
    break;
  case ColumnType::Float64:
    Values.Floats.push_back(0);
    break;
  case ColumnType::Boolean:
    Values.Booleans.push_back(0);
    break;
  case ColumnType::String:
  case ColumnType::Binary:
    Values.Offsets.push_back(static_cast<int64_t>(Values.Bytes.size()));
    break;
  }
}

} // namespace fastir
