//===- Frame.h - A table of typed columns -----------------------*- C++ -*-===//
//
// What an extractor fills row by row and Rust turns into Arrow. Knows nothing
// of LLVM IR.
//
//===----------------------------------------------------------------------===//

#ifndef FASTIR_FRAME_FRAME_H
#define FASTIR_FRAME_FRAME_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

namespace fastir {

/// The order is part of the C interface.
enum class ColumnType : uint8_t { Int64, Float64, Boolean, String, Binary };

/// What a column holds, as its users read it.
struct ColumnInfo {
  std::string Name;
  ColumnType Type;
  bool IsNullable;
  std::string Unit; ///< empty for names and texts
  std::string Doc;
  std::string Source; ///< which part of LLVM, or of published work, it is from
};

/// The values of one column. Which member is filled depends on the type.
struct Column {
  std::vector<int64_t> Ints;
  std::vector<double> Floats;
  std::vector<uint8_t> Booleans;
  std::string Bytes;            ///< of all texts, end to end
  std::vector<int64_t> Offsets; ///< into Bytes: one more than there are rows
  std::vector<uint8_t> Valid;   ///< one a row; only in columns with nulls
};

class Frame {
public:
  explicit Frame(llvm::ArrayRef<ColumnInfo> Schema);

  /// Appends the next value of the row at hand: columns are filled in schema
  /// order, and a row is over when all have a value.
  template <typename T> void add(T Value) {
    if constexpr (std::is_same_v<T, bool>)
      next(ColumnType::Boolean).Booleans.push_back(Value);
    else if constexpr (std::is_integral_v<T>)
      next(ColumnType::Int64).Ints.push_back(static_cast<int64_t>(Value));
    else if constexpr (std::is_floating_point_v<T>)
      next(ColumnType::Float64).Floats.push_back(Value);
    else
      addText(Value);
  }
  template <typename T> void add(std::optional<T> Value) {
    if (Value)
      add(*Value);
    else
      addNull();
  }
  void addNull();

  size_t rowCount() const { return Rows; }
  llvm::ArrayRef<Column> columns() const { return Columns; }

private:
  void addText(llvm::StringRef Text);
  Column &next(ColumnType Type);
  Column &nextOf(const ColumnInfo &Info, bool IsValid);

  const llvm::ArrayRef<ColumnInfo> Schema;
  std::vector<Column> Columns;
  size_t At = 0; ///< the column that the next value goes to
  size_t Rows = 0;
};

} // namespace fastir

#endif // FASTIR_FRAME_FRAME_H
