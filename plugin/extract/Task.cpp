//===- Task.cpp - Making one table of one module --------------------------===//

#include "extract/Task.h"
#include "ir/ModuleSource.h"

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

bool isBitcode(const Task &T) {
  return llvm::isBitcode(T.Source.bytes_begin(), T.Source.bytes_end());
}

bool mustVerify(const Table &Wanted, const Task &T) {
  switch (Wanted.Verified) {
  case Verification::Nothing:
    return false;
  case Verification::Text:
    return T.Verify || !isBitcode(T);
  case Verification::All:
    return true;
  }
  llvm_unreachable("covered switch");
}

/// The least that any table needs of a module that is not verified.
Error checkModule(const Module &M) {
  for (const Function &F : M)
    if (Error E = checkBlocks(F))
      return E;
  return Error::success();
}

/// One way to do a task.
class Attempt {
public:
  Attempt(const Task &T, const Table &Wanted, bool IsLazy)
      : T(T), Wanted(Wanted), IsLazy(IsLazy), Rows(Wanted.Columns) {}

  TaskResult run();

private:
  Error visitFunctions(Module &M);

  const Task &T;
  const Table &Wanted;
  const bool IsLazy; ///< bodies are read as they are visited
  Frame Rows;
  TaskTimes Times;
  Stopwatch Watch;
};

Error Attempt::visitFunctions(Module &M) {
  auto Visitor = Wanted.MakeVisitor(T, Rows);
  for (Function &F : M) {
    if (Error E = F.materialize())
      return E;
    if (F.isDeclaration())
      continue;
    if (Error E = checkBlocks(F))
      return E;
    Watch.mark(Times.ParseNs);
    Visitor->visit(F);
    Watch.mark(Times.WorkNs);
    if (IsLazy)
      F.deleteBody();
  }
  // What comes after the bodies, and the old declarations of intrinsics that
  // have been upgraded.
  if (Error E = M.materializeAll())
    return E;
  Watch.mark(Times.ParseNs);
  Visitor->finish(M);
  return Error::success();
}

TaskResult Attempt::run() {
  QuietContext Context;
  auto M = IsLazy ? readModuleLazily(T.Source, T.Name, Context, Wanted.Names)
                  : readModule(T.Source, T.Name, Context, Wanted.Names);
  if (!M)
    return failure(TaskFailure::Bitcode, M.takeError());
  Watch.mark(Times.ParseNs);
  if (mustVerify(Wanted, T)) {
    if (Error E = verify(**M))
      return failure(TaskFailure::Invalid, std::move(E));
  } else if (Wanted.Verified != Verification::Nothing) {
    if (Error E = checkModule(**M))
      return failure(TaskFailure::Invalid, std::move(E));
  }
  Watch.mark(Times.VerifyNs);
  if (Wanted.MakeVisitor) {
    if (Error E = visitFunctions(**M))
      return failure(TaskFailure::Bitcode, std::move(E));
  } else if (Error E = Wanted.Fill(**M, T, Rows)) {
    return failure(TaskFailure::Work, std::move(E));
  }
  if (Error E = Context.takeError())
    return failure(TaskFailure::Work, std::move(E));
  Watch.mark(Times.WorkNs);
  return {TaskFailure::None, "", std::move(Rows), Times};
}

} // namespace

TaskResult runTask(const Task &Given) {
  const Table *Wanted = findTable(Given.Table);
  if (!Wanted)
    return failure(TaskFailure::Usage,
                   createStringError("no table '" + Given.Table + "'"));
  Expected<StringRef> Found = findModule(Given.Source);
  if (!Found)
    return failure(TaskFailure::Bitcode, Found.takeError());
  Task T = Given;
  T.Source = *Found;
  if (Wanted->MakeVisitor && !mustVerify(*Wanted, T)) {
    TaskResult Result = Attempt(T, *Wanted, /*IsLazy=*/true).run();
    if (Result.Failure == TaskFailure::None)
      return Result;
    // Blocks whose address is taken elsewhere must be read before that. The
    // whole module shows whether it was that or is broken.
  }
  return Attempt(T, *Wanted, /*IsLazy=*/false).run();
}

} // namespace fastir
