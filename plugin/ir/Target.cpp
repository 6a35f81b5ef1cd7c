//===- Target.cpp - Target machines for modules ---------------------------===//

#include "ir/Target.h"

#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/TargetSelect.h"

#include <mutex>

using namespace llvm;

namespace fastir {

static void initializeTargetsOnce() {
  static std::once_flag Once;
  std::call_once(Once, [] {
    InitializeAllTargetInfos();
    InitializeAllTargets();
    InitializeAllTargetMCs();
    InitializeAllAsmPrinters();
    InitializeAllAsmParsers();
    // As clang's -fwasm-exceptions has it, which leaves no trace in a module;
    // one without exceptions compiles to the same code.
    if (cl::Option *Found = cl::getRegisteredOptions().lookup("wasm-enable-eh"))
      Found->addOccurrence(0, "wasm-enable-eh", "true");
  });
}

/// Lowering for WebAssembly, RISC-V and others writes to these options, which
/// hold for the process: forget what another module's has written.
static void resetSharedOptions() {
  for (StringRef Name : {"min-jump-table-entries", "max-jump-table-size"})
    if (cl::Option *Shared = cl::getRegisteredOptions().lookup(Name))
      Shared->setDefault();
}

static Expected<std::unique_ptr<TargetMachine>>
create(const Module &M, CodeGenOptLevel Level,
       std::optional<Reloc::Model> Relocation) {
  initializeTargetsOnce();
  resetSharedOptions();
  std::string Message;
  const Triple &T = M.getTargetTriple();
  const Target *Found = TargetRegistry::lookupTarget(T, Message);
  if (!Found)
    return createStringError(Message);
  TargetOptions Options;
  Options.UseInitArray = true; // as all drivers have it on ELF
  if (T.isWasm())
    Options.ExceptionModel = ExceptionHandling::Wasm;
  // CPU and features are attributes of each function.
  std::unique_ptr<TargetMachine> Machine(
      Found->createTargetMachine(T, /*CPU=*/"", /*Features=*/"", Options,
                                 Relocation, M.getCodeModel(), Level));
  if (!Machine)
    return createStringError("no code generator for " + T.str());
  return Machine;
}

Expected<std::unique_ptr<TargetMachine>> createTarget(const Module &M,
                                                      CodeGenOptLevel Level) {
  // WebAssembly's are position-independent where a module says so.
  const bool IsStatic =
      M.getTargetTriple().isWasm() && M.getPICLevel() == PICLevel::NotPIC;
  return create(M, Level, IsStatic ? Reloc::Static : Reloc::PIC_);
}

std::unique_ptr<TargetMachine> createTargetOfOpt(const Module &M) {
  if (M.getTargetTriple().getArch() == Triple::UnknownArch)
    return nullptr;
  auto Machine = create(M, CodeGenOptLevel::Default, std::nullopt);
  if (Machine)
    return std::move(*Machine);
  consumeError(Machine.takeError());
  return nullptr;
}

} // namespace fastir
