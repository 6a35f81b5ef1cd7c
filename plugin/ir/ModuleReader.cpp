//===- ModuleReader.cpp - Modules from bitcode or textual IR --------------===//

#include "ir/ModuleReader.h"

#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/IR/DiagnosticHandler.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/DiagnosticPrinter.h"
#include "llvm/IR/Verifier.h"
#include "llvm/IRReader/IRReader.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"

using namespace llvm;

namespace fastir {

namespace {

class ErrorKeeper : public DiagnosticHandler {
public:
  explicit ErrorKeeper(std::string &Message) : Message(Message) {}
  bool handleDiagnostics(const DiagnosticInfo &Info) override {
    if (Info.getSeverity() != DS_Error || !Message.empty())
      return true;
    raw_string_ostream OS(Message);
    DiagnosticPrinterRawOStream Printer(OS);
    Info.print(Printer);
    return true;
  }

private:
  std::string &Message;
};

} // namespace

std::string oneLine(StringRef Text) {
  SmallVector<StringRef> Lines;
  Text.split(Lines, '\n', /*MaxSplit=*/-1, /*KeepEmpty=*/false);
  for (StringRef &Line : Lines)
    Line = Line.trim();
  return join(Lines, "; ");
}

QuietContext::QuietContext() {
  Context.setDiagnosticHandler(std::make_unique<ErrorKeeper>(FirstError));
}

Error QuietContext::takeError() {
  if (FirstError.empty())
    return Error::success();
  return createStringError(oneLine(std::exchange(FirstError, "")));
}

static std::string describe(const SMDiagnostic &Problem) {
  std::string Message = oneLine(Problem.getMessage());
  if (Problem.getLineNo() <= 0)
    return Message;
  return "line " + std::to_string(Problem.getLineNo()) + ": " + Message;
}

Expected<std::unique_ptr<Module>> readModuleLazily(StringRef Source,
                                                   StringRef Name,
                                                   QuietContext &Context,
                                                   ValueNames Names) {
  Context.get().setDiscardValueNames(Names == ValueNames::Discard);
  return getLazyBitcodeModule(MemoryBufferRef(Source, Name), Context.get());
}

Expected<std::unique_ptr<Module>> readModule(StringRef Source, StringRef Name,
                                             QuietContext &Context,
                                             ValueNames Names) {
  const bool IsBitcode = isBitcode(Source.bytes_begin(), Source.bytes_end());
  LLVMContext &Ctx = Context.get();
  // Textual IR cannot be read without names.
  Ctx.setDiscardValueNames(IsBitcode && Names == ValueNames::Discard);
  // The reader of textual IR needs a terminating null: a copy has one.
  std::unique_ptr<MemoryBuffer> Copy;
  if (!IsBitcode)
    Copy = MemoryBuffer::getMemBufferCopy(Source, Name);
  const MemoryBufferRef Buffer =
      Copy ? Copy->getMemBufferRef() : MemoryBufferRef(Source, Name);
  SMDiagnostic Problem;
  std::unique_ptr<Module> M = parseIR(Buffer, Problem, Ctx);
  if (!M)
    return createStringError(describe(Problem));
  if (Error E = Context.takeError())
    return E;
  return M;
}

Error checkBlocks(const Function &F) {
  for (const BasicBlock &BB : F)
    if (!BB.getTerminator())
      return createStringError("a block of '" + F.getName() +
                               "' has no terminator");
  return Error::success();
}

Error verify(const Module &M) {
  std::string Message;
  raw_string_ostream OS(Message);
  if (!verifyModule(M, &OS))
    return Error::success();
  return createStringError(oneLine(Message));
}

} // namespace fastir
