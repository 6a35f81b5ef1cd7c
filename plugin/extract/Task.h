//===- Task.h - Making one table of one module ------------------*- C++ -*-===//

#ifndef FASTIR_EXTRACT_TASK_H
#define FASTIR_EXTRACT_TASK_H

#include "extract/Table.h"

namespace fastir {

/// What kind of thing went wrong. The order is part of the C interface.
enum class TaskFailure : uint8_t {
  None,
  Usage,   ///< the task makes no sense: no such table
  Bitcode, ///< the source cannot be read
  Invalid, ///< the source can be read, and LLVM's verifier refuses it
  Work,    ///< LLVM cannot do what is asked: passes, level, target, model
};

/// Where the time went.
struct TaskTimes {
  uint64_t ParseNs = 0;
  uint64_t VerifyNs = 0;
  uint64_t WorkNs = 0; ///< the table itself
};

struct TaskResult {
  TaskFailure Failure = TaskFailure::None;
  std::string Message;       ///< of the failure, in one line
  std::optional<Frame> Rows; ///< none if it failed
  TaskTimes Times;
};

/// Finds the task's module in its source, reads it, verifies it where the table
/// asks for that, and fills the table. Threads may call this at the same time.
TaskResult runTask(const Task &Given);

} // namespace fastir

#endif // FASTIR_EXTRACT_TASK_H
