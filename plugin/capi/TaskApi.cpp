//===- TaskApi.cpp - Tables through a C interface, for Rust ---------------===//

#include "capi/TaskApi.h"
#include "capi/ApiText.h"
#include "extract/Task.h"

using namespace llvm;
using namespace fastir;

struct fastir_table {
  TaskResult Result;
};

static TaskResult run(const fastir_task &Raw) {
  Expected<Policy> Who = parsePolicy(ref(Raw.policy));
  if (!Who) {
    TaskResult Result;
    Result.Failure = TaskFailure::Usage;
    Result.Message = toString(Who.takeError());
    return Result;
  }
  Task T;
  T.Table = ref(Raw.table);
  T.Source = ref(Raw.source);
  T.Name = ref(Raw.name);
  T.Passes = ref(Raw.passes);
  T.Level = ref(Raw.level);
  T.Who = *Who;
  T.ModelPath = ref(Raw.model);
  T.OnnxRuntimePath = ref(Raw.onnxruntime);
  T.Verify = Raw.verify;
  return runTask(T);
}

fastir_table *fastir_run_task(const fastir_task *Task) {
  return new fastir_table{run(*Task)};
}

void fastir_table_free(fastir_table *Table) { delete Table; }

uint8_t fastir_table_failure(const fastir_table *Table) {
  return static_cast<uint8_t>(Table->Result.Failure);
}

fastir_text fastir_table_message(const fastir_table *Table) {
  return text(Table->Result.Message);
}

fastir_times fastir_table_times(const fastir_table *Table) {
  const TaskTimes &Times = Table->Result.Times;
  return {Times.ParseNs, Times.VerifyNs, Times.WorkNs};
}

size_t fastir_table_row_count(const fastir_table *Table) {
  return Table->Result.Rows ? Table->Result.Rows->rowCount() : 0;
}

fastir_column fastir_table_column(const fastir_table *Table, size_t I) {
  const Column &C = Table->Result.Rows->columns()[I];
  return {C.Ints.data(),  C.Floats.data(),  C.Booleans.data(),
          C.Bytes.data(), C.Offsets.data(), C.Valid.data()};
}

size_t fastir_schema_count() { return tables().size(); }

fastir_text fastir_schema_name(size_t Schema) {
  return text(tables()[Schema].Name);
}

fastir_text fastir_schema_doc(size_t Schema) {
  return text(tables()[Schema].Doc);
}

size_t fastir_schema_column_count(size_t Schema) {
  return tables()[Schema].Columns.size();
}

fastir_column_info fastir_schema_column(size_t Schema, size_t I) {
  const ColumnInfo &C = tables()[Schema].Columns[I];
  return {text(C.Name), static_cast<uint8_t>(C.Type),
          C.IsNullable, text(C.Unit),
          text(C.Doc),  text(C.Source)};
}
