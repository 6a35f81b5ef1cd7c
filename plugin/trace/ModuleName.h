//===- ModuleName.h - What a module is called across compiles ---*- C++ -*-===//

#ifndef FASTIR_TRACE_MODULENAME_H
#define FASTIR_TRACE_MODULENAME_H

#include "llvm/IR/Module.h"

#include <string>

namespace fastir {

/// The source file's name and a hash of \p Bitcode, which is \p M as it was
/// before optimisation: SOURCE-HASH.
std::string moduleName(const llvm::Module &M, llvm::StringRef Bitcode);

} // namespace fastir

#endif // FASTIR_TRACE_MODULENAME_H
