//===- Task.cpp - Making one table of one module --------------------------===//

#include "extract/Task.h"

#include "llvm/Bitcode/BitcodeReader.h"

#include <chrono>

using namespace llvm;

namespace fastir {

namespace {

/// Adds the time since the last mark to a total.
class Stopwatch {
public:
  void mark(uint64_t &TotalNs) {
    const auto Now = Clock::now();
    TotalNs += static_cast<uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(Now - Last)
            .count());
    Last = Now;
  }

private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point Last = Clock::now();
};

TaskResult failure(TaskFailure Kind, Error Problem) {
  TaskResult Result;
  Result.Failure = Kind;
  Result.Message = toString(std::move(Problem));
  return Result;
}

bool mustVerify(const Table &Wanted, const Task &T) {
  switch (Wanted.Verified) {
  case Verification::Nothing:
    return false;
  case Verification::Text:
    return T.Verify || !isBitcode(T.Source.bytes_begin(), T.Source.bytes_end());
  case Verification::All:
    return true;
  }
  llvm_unreachable("covered switch");
}

} // namespace

TaskResult runTask(const Task &T) {
  const Table *Wanted = findTable(T.Table);
  if (!Wanted)
    return failure(TaskFailure::Usage,
                   createStringError("no table '" + T.Table + "'"));
  TaskTimes Times;
  Stopwatch Watch;
  QuietContext Context;
  auto M = readModule(T.Source, T.Name, Context, Wanted->Names);
  if (!M)
    return failure(TaskFailure::Bitcode, M.takeError());
  Watch.mark(Times.ParseNs);
  if (mustVerify(*Wanted, T))
    if (Error E = verify(**M))
      return failure(TaskFailure::Invalid, std::move(E));
  Watch.mark(Times.VerifyNs);
  Frame Rows(Wanted->Columns);
  if (Error E = Wanted->Fill(**M, T, Rows))
    return failure(TaskFailure::Work, std::move(E));
  if (Error E = Context.takeError())
    return failure(TaskFailure::Work, std::move(E));
  Watch.mark(Times.WorkNs);
  return {TaskFailure::None, "", std::move(Rows), Times};
}

} // namespace fastir
