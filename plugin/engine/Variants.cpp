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
#include "engine/Reuse.h"

#include <csignal>
#include <cstring>
#include <sys/wait.h>
#include <unistd.h>

using namespace llvm;

namespace fastir {

namespace {

/// Longer than any compile that goes on.
constexpr unsigned TimeLimitSeconds = 300;

/// The status of a child that has to be started again, without taking over from
/// the base what it cannot.
constexpr int GivenUp = 3;

class Forker : public Recorder {
public:
  Forker(const CompileRequest &Request, CompileResult &Result,
         const DecidedCalls &BaseCalls, Reuse &TheReuse,
         ArrayRef<Variant> Variants)
      : Recorder(Request, Result), BaseCalls(BaseCalls), TheReuse(TheReuse),
        Variants(Variants) {
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
      compile(Order[NextVariant++]);
    if (!isChild() && NextVariant == Order.size())
      TheReuse.stop();
    std::optional<bool> Advice = Recorder::overrule(Caller, Callee);
    if (isChild())
      TheReuse.onAsked(Callee, Advice);
    return Advice;
  }

  void onInlined(StringRef Caller, int64_t Growth) override {
    TheReuse.onInlined(Caller, Growth);
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
  enum class Way { Short, Long };
  void compile(size_t Variant);
  /// The variant's result; nothing if it has to go the long way.
  std::optional<Expected<CompileResult>> fork(size_t Variant, Way How);
  void enter(const fastir::Variant &V, Way How, int Pipe);
  static std::optional<Expected<CompileResult>> collect(pid_t Child, int Pipe);

  const DecidedCalls &BaseCalls;
  Reuse &TheReuse;
  const ArrayRef<Variant> Variants;
  std::vector<size_t> Order; ///< of Variants, by first decision
  std::vector<Expected<CompileResult>> Results;
  size_t NextVariant = 0;
  int Output = -1; ///< the child's pipe
};

void Forker::compile(size_t Variant) {
  for (Way How : {Way::Short, Way::Long}) {
    std::optional<Expected<CompileResult>> Result = fork(Variant, How);
    if (isChild())
      return;
    if (!Result)
      continue;
    consumeError(Results[Variant].takeError());
    Results[Variant] = std::move(*Result);
    return;
  }
}

std::optional<Expected<CompileResult>> Forker::fork(size_t Variant, Way How) {
  int Pipe[2];
  if (pipe(Pipe))
    return createStringError(std::strerror(errno));
  const pid_t Child = ::fork();
  std::optional<Expected<CompileResult>> Result;
  if (Child == 0) {
    close(Pipe[0]);
    enter(Variants[Variant], How, Pipe[1]);
    return Result;
  }
  if (Child < 0)
    Result = createStringError(std::strerror(errno));
  close(Pipe[1]);
  if (Child > 0)
    Result = collect(Child, Pipe[0]);
  close(Pipe[0]);
  return Result;
}

void Forker::enter(const fastir::Variant &V, Way How, int Pipe) {
  Output = Pipe;
  // A child that crashes dies of it, whatever its host would have done.
  for (int Signal : {SIGSEGV, SIGABRT, SIGBUS, SIGILL, SIGFPE, SIGALRM})
    std::signal(Signal, SIG_DFL);
  alarm(TimeLimitSeconds);
  SiteAdvice Advice;
  for (const SiteDecision &D : V.Decisions)
    Advice.set(D);
  Sites.prefer(std::move(Advice));
  if (How == Way::Short)
    TheReuse.depart(BaseCalls.affectedBy(V));
  else
    TheReuse.depart(std::nullopt);
}

std::optional<Expected<CompileResult>> Forker::collect(pid_t Child, int Pipe) {
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
  if (WIFEXITED(Status) && WEXITSTATUS(Status) == GivenUp)
    return std::nullopt;
  return readResult(Text);
}

} // namespace

Expected<std::vector<Expected<CompileResult>>>
compileVariants(const CompileRequest &Request, const CompileResult &Base,
                ArrayRef<Variant> Variants) {
  Expected<Compile> Run = Compile::prepare(Request, Base.State->Context);
  if (!Run)
    return createStringError(Request.Name + ": " + toString(Run.takeError()));
  CompileResult Result;
  const DecidedCalls BaseCalls(Base.Decisions);
  Reuse TheReuse(*Base.State, *Run->M, Request.Who, [] { _exit(GivenUp); });
  auto TheForker =
      std::make_shared<Forker>(Request, Result, BaseCalls, TheReuse, Variants);
  Run->Config.Observer = TheForker;
  optimise(*Run->M, *Run->Machine, Run->Level, Run->Config, &TheReuse);
  if (!TheForker->isChild())
    return TheForker->takeResults();
  StringSet<> Unchanged = unchangedUnits(*Run->M, Base.State->Final);
  for (const Function &F : *Run->M)
    if (hasCode(F) && TheReuse.isSettled(F))
      Unchanged.insert(unitOf(F));
  dropBodies(*Run->M, Unchanged);
  for (const auto &Unit : Unchanged)
    Result.Unchanged.push_back(Unit.first().str());
  sort(Result.Unchanged);
  Expected<ObjectSizes> Sizes = Run->measure();
  if (!Sizes)
    TheForker->finish(Sizes.takeError());
  Result.Sizes = std::move(*Sizes);
  TheForker->finish(std::move(Result));
}

} // namespace fastir
