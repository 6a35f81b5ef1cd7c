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

Expected<std::unique_ptr<TargetMachine>> createTarget(const Module &M,
                                                      CodeGenOptLevel Level) {
  initializeTargetsOnce();
  std::string Message;
  const Triple &T = M.getTargetTriple();
  const Target *Found = TargetRegistry::lookupTarget(T, Message);
  if (!Found)
    return createStringError(Message);
  // CPU and features stand on each function.
  std::unique_ptr<TargetMachine> Machine(Found->createTargetMachine(
      T, /*CPU=*/"", /*Features=*/"", TargetOptions(), Reloc::PIC_,
      M.getCodeModel(), Level));
  if (!Machine)
    return createStringError("no code generator for " + T.str());
  return Machine;
}

std::unique_ptr<TargetMachine> createTargetIfKnown(const Module &M) {
  if (M.getTargetTriple().getArch() == Triple::UnknownArch)
    return nullptr;
  auto Machine = createTarget(M, CodeGenOptLevel::Default);
  if (Machine)
    return std::move(*Machine);
  consumeError(Machine.takeError());
  return nullptr;
}

} // namespace fastir
