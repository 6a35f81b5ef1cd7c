//===- Variants.cpp - Many compiles that share their beginnings -----------===//
//
// The base compile runs once, for the sake of the states it passes through: at
// a variant's first decision the process forks, and the child takes the
// variant's way to the end, while the parent waits and then goes on.
//
//===----------------------------------------------------------------------===//

#include "variants/Variants.h"
#include "engine/Compile.h"
#include "engine/Compiler.h"
#include "engine/LinkAlone.h"
#include "engine/Recorder.h"
#include "engine/ResultText.h"
#include "variants/Reuse.h"

#include <csignal>
#include <cstring>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace llvm;

namespace fastir {

namespace {

/// Longer than any compile that goes on.
constexpr unsigned TimeLimitSeconds = 300;

/// The status of a child that has taken over from the base what it cannot.
constexpr int GivenUp = 3;

/// How often a variant is started again with less taken over, until it takes
/// over nothing.
constexpr int MostTries = 2;

/// Has this process end with its parent, whose thread waits for it: what is
/// forked for a process that was killed would compute for no one.
void endWith(pid_t Parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != Parent)
    _exit(1);
}

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

  void onInlined(StringRef Caller, StringRef Callee, int64_t Growth) override {
    TheReuse.onInlined(Caller, Callee, Growth);
  }

  bool isChild() const { return Output >= 0; }

  /// Ends the child.
  [[noreturn]] void finish(Expected<CompileResult> Done) {
    send(writeResult(std::move(Done)));
    _exit(0);
  }

  std::vector<Expected<CompileResult>> takeResults() {
    return std::exchange(Results, {});
  }

  /// Ends the child: it lacks \p What, if that is known.
  [[noreturn]] void giveUp(const Missing &What) {
    std::string Text;
    for (const auto &[Mark, Names] :
         {std::pair('C', &What.Changed), std::pair('N', &What.Needed)})
      for (const std::string &Name : *Names)
        (Text += Mark).append(Name).push_back('\0');
    send(Text);
    _exit(GivenUp);
  }

private:
  using Affected = std::optional<StringSet<>>;
  void compile(size_t Variant);
  /// The variant's result; nothing if it has given up, and says what it lacks.
  std::optional<Expected<CompileResult>>
  fork(const Variant &V, Affected Functions, Missing &Lacks);
  void enter(const Variant &V, Affected Functions, int Pipe);
  void send(StringRef Text);
  static std::optional<Expected<CompileResult>> collect(pid_t Child, int Pipe,
                                                        Missing &Lacks);

  const DecidedCalls &BaseCalls;
  Reuse &TheReuse;
  const ArrayRef<Variant> Variants;
  std::vector<size_t> Order; ///< of Variants, by first decision
  std::vector<Expected<CompileResult>> Results;
  std::vector<std::string> NeededBefore; ///< what variants lacked
  size_t NextVariant = 0;
  int Output = -1; ///< the child's pipe
};

void Forker::compile(size_t Number) {
  const Variant &V = Variants[Number];
  std::optional<Expected<CompileResult>> Result;
  Missing Lacks;
  // Functions that call one another are compiled as one: what one variant needs
  // for that, others will.
  Lacks.Needed = NeededBefore;
  for (int Try = 0; !Result; ++Try) {
    Affected Functions;
    if (Try < MostTries && Lacks.IsKnown)
      Functions = BaseCalls.affectedBy(V, Lacks);
    Result = fork(V, std::move(Functions), Lacks);
    if (isChild())
      return;
  }
  NeededBefore = std::move(Lacks.Needed);
  consumeError(Results[Number].takeError());
  Results[Number] = std::move(*Result);
}

std::optional<Expected<CompileResult>>
Forker::fork(const Variant &V, Affected Functions, Missing &Lacks) {
  int Pipe[2];
  if (pipe(Pipe))
    return createStringError(std::strerror(errno));
  const pid_t Parent = getpid();
  const pid_t Child = ::fork();
  std::optional<Expected<CompileResult>> Result;
  if (Child == 0) {
    close(Pipe[0]);
    endWith(Parent);
    enter(V, std::move(Functions), Pipe[1]);
    return Result;
  }
  if (Child < 0)
    Result = createStringError(std::strerror(errno));
  close(Pipe[1]);
  if (Child > 0)
    Result = collect(Child, Pipe[0], Lacks);
  close(Pipe[0]);
  return Result;
}

void Forker::enter(const Variant &V, Affected Functions, int Pipe) {
  Output = Pipe;
  // A child that crashes dies of it, whatever its host would have done.
  for (int Signal : {SIGSEGV, SIGABRT, SIGBUS, SIGILL, SIGFPE, SIGALRM})
    std::signal(Signal, SIG_DFL);
  alarm(TimeLimitSeconds);
  SiteAdvice Advice;
  for (const SiteDecision &D : V.Decisions)
    Advice.set(D);
  Sites.prefer(std::move(Advice));
  TheReuse.beginVariant(std::move(Functions));
}

void Forker::send(StringRef Text) {
  while (!Text.empty()) {
    const ssize_t Written = write(Output, Text.data(), Text.size());
    if (Written <= 0)
      break;
    Text = Text.drop_front(Written);
  }
}

std::optional<Expected<CompileResult>> Forker::collect(pid_t Child, int Pipe,
                                                       Missing &Lacks) {
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
  if (WIFEXITED(Status) && WEXITSTATUS(Status) == GivenUp) {
    Lacks.IsKnown = !Text.empty();
    for (StringRef Left = Text; !Left.empty();) {
      auto [Name, Rest] = Left.split('\0');
      (Name.front() == 'C' ? Lacks.Changed : Lacks.Needed)
          .push_back(Name.drop_front().str());
      Left = Rest;
    }
    return std::nullopt;
  }
  return readResult(Text);
}

} // namespace

Expected<std::vector<Expected<CompileResult>>>
compileVariants(const CompileRequest &Request, const CompileResult &Base,
                ArrayRef<Variant> Variants) {
  if (!Base.State)
    return createStringError(Request.Name + ": the base has kept no state");
  Expected<Compile> Run = Compile::prepare(Request, Base.State->Context);
  if (!Run)
    return createStringError(Request.Name + ": " + toString(Run.takeError()));
  CompileResult Result;
  const DecidedCalls BaseCalls(Base.Decisions, *Base.State);
  std::shared_ptr<Forker> TheForker;
  Reuse TheReuse(*Base.State, *Run->M, Request.Who,
                 [&](const Missing &What) { TheForker->giveUp(What); });
  TheForker =
      std::make_shared<Forker>(Request, Result, BaseCalls, TheReuse, Variants);
  Run->Config.Observer = TheForker;
  optimise(*Run->M, *Run->Machine, Run->Level, Run->Config, &TheReuse,
           Run->Phase);
  if (!TheForker->isChild())
    return TheForker->takeResults();
  linkAlone(*Run->M, *Run->Machine, Run->Level, Run->Phase, Request.Internal);
  StringSet<> Unchanged =
      unchangedUnits(*Run->M, Base.State->Final, HashOf::Code);
  for (const Function &F : *Run->M)
    if (hasCode(F) && TheReuse.isSettled(F))
      Unchanged.insert(unitOf(F));
  dropBodies(*Run->M, Unchanged);
  for (const auto &Unit : Unchanged)
    Result.Unchanged.push_back(Unit.first().str());
  sort(Result.Unchanged);
  Result.AttributesChanged = TheReuse.attributesChanged();
  Result.Reused = TheReuse.reused();
  // Of decisions that the base did not have; the others have none.
  Result.Features.clear();
  Expected<ObjectSizes> Sizes = Run->measure();
  if (!Sizes)
    TheForker->finish(Sizes.takeError());
  Result.Sizes.Pieces = std::move(Sizes->Pieces);
  TheForker->finish(std::move(Result));
}

} // namespace fastir
