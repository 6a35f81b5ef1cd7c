//===- Variants.cpp - Many compiles that share their beginnings -----------===//
//
// The base compile runs once, for the sake of the states it passes through: at
// a variant's first decision the process forks, and the child takes the
// variant's way to the end, while the parent waits and then goes on.
//
//===----------------------------------------------------------------------===//

#include "engine/Variants.h"
#include "engine/Compile.h"
#include "engine/Compiler.h"
#include "engine/Recorder.h"
#include "engine/ResultText.h"

#include <csignal>
#include <cstring>
#include <sys/wait.h>
#include <unistd.h>

using namespace llvm;

namespace fastir {

namespace {

/// Longer than any compile that goes on.
constexpr unsigned TimeLimitSeconds = 300;

class Forker : public Recorder {
public:
  Forker(const CompileRequest &Request, CompileResult &Result,
         ArrayRef<Variant> Variants)
      : Recorder(Request, Result), Variants(Variants) {
    for (size_t I = 0; I < Variants.size(); ++I) {
      Order.push_back(I);
      Results.emplace_back(createStringError("its decision was never taken"));
    }
    sort(Order, [&](size_t A, size_t B) {
      return std::pair(Variants[A].First, A) < std::pair(Variants[B].First, B);
    });
  }

  ~Forker() override {
    for (Expected<CompileResult> &Unclaimed : Results)
      consumeError(Unclaimed.takeError());
  }

  bool wantsReasons() const override { return false; }

  std::optional<bool> overrule(StringRef Caller, StringRef Callee) override {
    while (!isChild() && NextVariant < Order.size() &&
           Variants[Order[NextVariant]].First == NextDecision)
      fork(Order[NextVariant++]);
    return Recorder::overrule(Caller, Callee);
  }

  bool isChild() const { return Output >= 0; }

  /// Ends the child.
  [[noreturn]] void finish(Expected<CompileResult> Done) {
    const std::string Text = writeResult(std::move(Done));
    for (size_t At = 0; At < Text.size();) {
      const ssize_t Written = write(Output, Text.data() + At, Text.size() - At);
      if (Written <= 0)
        break;
      At += Written;
    }
    _exit(0);
  }

  std::vector<Expected<CompileResult>> takeResults() {
    return std::exchange(Results, {});
  }

private:
  void fork(size_t Variant);
  void enter(size_t Variant, int Pipe);
  static Expected<CompileResult> collect(pid_t Child, int Pipe);
  void set(size_t Variant, Expected<CompileResult> Result) {
    consumeError(Results[Variant].takeError());
    Results[Variant] = std::move(Result);
  }

  const ArrayRef<Variant> Variants;
  std::vector<size_t> Order; ///< of Variants, by first decision
  std::vector<Expected<CompileResult>> Results;
  size_t NextVariant = 0;
  int Output = -1; ///< the child's pipe
};

void Forker::fork(size_t Variant) {
  int Pipe[2];
  if (pipe(Pipe))
    return set(Variant, createStringError(std::strerror(errno)));
  const pid_t Child = ::fork();
  if (Child < 0) {
    set(Variant, createStringError(std::strerror(errno)));
  } else if (Child == 0) {
    close(Pipe[0]);
    return enter(Variant, Pipe[1]);
  } else {
    close(Pipe[1]);
    set(Variant, collect(Child, Pipe[0]));
    close(Pipe[0]);
    return;
  }
  close(Pipe[0]);
  close(Pipe[1]);
}

void Forker::enter(size_t Variant, int Pipe) {
  Output = Pipe;
  // A child that crashes dies of it, whatever its host would have done.
  for (int Signal : {SIGSEGV, SIGABRT, SIGBUS, SIGILL, SIGFPE, SIGALRM})
    std::signal(Signal, SIG_DFL);
  alarm(TimeLimitSeconds);
  Sites.prefer(Variants[Variant].Advice);
}

Expected<CompileResult> Forker::collect(pid_t Child, int Pipe) {
  std::string Text;
  char Buffer[1 << 16];
  while (true) {
    const ssize_t Count = read(Pipe, Buffer, sizeof(Buffer));
    if (Count < 0 && errno == EINTR)
      continue;
    if (Count <= 0)
      break;
    Text.append(Buffer, Count);
  }
  int Status = 0;
  while (waitpid(Child, &Status, 0) < 0 && errno == EINTR)
    ;
  if (WIFSIGNALED(Status) && WTERMSIG(Status) == SIGALRM)
    return createStringError("a variant took too long");
  if (WIFSIGNALED(Status))
    return createStringError(Twine("a variant crashed: ") +
                             strsignal(WTERMSIG(Status)));
  return readResult(Text);
}

} // namespace

Expected<std::vector<Expected<CompileResult>>>
compileVariants(const CompileRequest &Request, const UnitHashes &Known,
                ArrayRef<Variant> Variants) {
  Expected<Compile> Run = Compile::prepare(Request);
  if (!Run)
    return createStringError(Request.Name + ": " + toString(Run.takeError()));
  CompileResult Result;
  auto TheForker = std::make_shared<Forker>(Request, Result, Variants);
  Run->Config.Observer = TheForker;
  optimise(*Run->M, *Run->Machine, Run->Level, Run->Config);
  if (!TheForker->isChild())
    return TheForker->takeResults();
  Result.Unchanged = dropUnchanged(*Run->M, Known);
  Expected<ObjectSizes> Sizes = Run->measure();
  if (!Sizes)
    TheForker->finish(Sizes.takeError());
  Result.Sizes = std::move(*Sizes);
  TheForker->finish(std::move(Result));
}

} // namespace fastir
