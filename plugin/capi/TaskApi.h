//===- TaskApi.h - Tables through a C interface, for Rust -------*- C++ -*-===//
//
// A result owns all that its accessors return.
//
//===----------------------------------------------------------------------===//

#ifndef FASTIR_CAPI_TASKAPI_H
#define FASTIR_CAPI_TASKAPI_H

#include "capi/EngineApi.h"

extern "C" {

struct fastir_task {
  fastir_text table;
  fastir_text source; ///< see findModule()
  fastir_text name;
  fastir_text passes;
  fastir_text level;
  fastir_text policy; ///< model, llvm, always or never
  fastir_text model;
  fastir_text onnxruntime;
  bool verify;
};

struct fastir_column_info {
  fastir_text name;
  uint8_t type; ///< fastir::ColumnType
  bool is_nullable;
  fastir_text unit;
  fastir_text doc;
  fastir_text source;
};

/// The values of one column; which members are set depends on its type.
struct fastir_column {
  const int64_t *ints;
  const double *floats;
  const uint8_t *booleans; ///< one a row
  const char *bytes;       ///< of all texts
  const int64_t *offsets;  ///< into bytes: one more than there are rows
  const uint8_t *valid;    ///< one a row; null in columns without nulls
};

struct fastir_times {
  uint64_t parse_ns;
  uint64_t verify_ns;
  uint64_t work_ns;
};

struct fastir_table;

/// Never null. Threads may call this at the same time.
fastir_table *fastir_run_task(const fastir_task *task);
void fastir_table_free(fastir_table *table);

/// fastir::TaskFailure; 0 on success.
uint8_t fastir_table_failure(const fastir_table *table);
fastir_text fastir_table_message(const fastir_table *table);
fastir_times fastir_table_times(const fastir_table *table);
size_t fastir_table_row_count(const fastir_table *table);
fastir_column fastir_table_column(const fastir_table *table, size_t i);

size_t fastir_schema_count();
fastir_text fastir_schema_name(size_t schema);
fastir_text fastir_schema_doc(size_t schema);
size_t fastir_schema_column_count(size_t schema);
fastir_column_info fastir_schema_column(size_t schema, size_t i);

} // extern "C"

#endif // FASTIR_CAPI_TASKAPI_H
