//===- ModuleReader.h - Modules from bitcode or textual IR ------*- C++ -*-===//

#ifndef FASTIR_IR_MODULEREADER_H
#define FASTIR_IR_MODULEREADER_H

#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/Error.h"

#include <memory>
#include <string>

namespace fastir {

/// Lines of \p Text joined: an error is one line.
std::string oneLine(llvm::StringRef Text);

/// A context whose errors are kept, not printed: stock handlers would end the
/// process.
class QuietContext {
public:
  QuietContext();

  llvm::LLVMContext &get() { return Context; }

  /// The first error that was reported here; success if there was none.
  llvm::Error takeError();

private:
  std::string FirstError;
  llvm::LLVMContext Context;
};

/// Whether the names of values are read too. They cost time, and nothing but
/// printing needs them.
enum class ValueNames { Keep, Discard };

/// Reads the bitcode \p Source but for the bodies of its functions, which
/// Function::materialize() reads one at a time.
llvm::Expected<std::unique_ptr<llvm::Module>>
readModuleLazily(llvm::StringRef Source, llvm::StringRef Name,
                 QuietContext &Context, ValueNames Names);

/// Reads the bitcode or textual IR \p Source, what findModule() returns. The
/// module is not verified.
llvm::Expected<std::unique_ptr<llvm::Module>> readModule(llvm::StringRef Source,
                                                         llvm::StringRef Name,
                                                         QuietContext &Context,
                                                         ValueNames Names);

/// Fails if a block of \p F has no terminator, which readers of bitcode let
/// pass and nothing else can bear.
llvm::Error checkBlocks(const llvm::Function &F);

/// What LLVM's verifier says of \p M; nothing if it is valid.
llvm::Error verify(const llvm::Module &M);

} // namespace fastir

#endif // FASTIR_IR_MODULEREADER_H
