//===- Target.cpp - Target machines for modules ---------------------------===//

#include "ir/Target.h"

#include "llvm/MC/TargetRegistry.h"
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
  });
}

static Expected<std::unique_ptr<TargetMachine>>
create(const Module &M, CodeGenOptLevel Level,
       std::optional<Reloc::Model> Relocation) {
  initializeTargetsOnce();
  std::string Message;
  const Triple &T = M.getTargetTriple();
  const Target *Found = TargetRegistry::lookupTarget(T, Message);
  if (!Found)
    return createStringError(Message);
  TargetOptions Options;
  Options.UseInitArray = true; // as all drivers have it on ELF
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
  return create(M, Level, Reloc::PIC_);
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
