//===- ModuleName.h - What a module is called across compiles ---*- C++ -*-===//

#ifndef FASTIR_DECISION_MODULENAME_H
#define FASTIR_DECISION_MODULENAME_H

#include "llvm/IR/Module.h"

#include <string>

namespace fastir {

/// A file name for what belongs to the source file \p Path: its name and
/// \p Hash, NAME-HASH. Whatever the source is called, the result is UTF-8
/// without control characters, and short enough for suffixes: bytes that are
/// not UTF-8 and control characters are replaced, and a long name is cut. The
/// hash alone distinguishes sources.
std::string nameWithHash(llvm::StringRef Path, llvm::StringRef Hash);

/// The source file's name and a hash of \p Bitcode, which is \p M as it was
/// before optimisation: SOURCE-HASH.
std::string moduleName(const llvm::Module &M, llvm::StringRef Bitcode);

} // namespace fastir

#endif // FASTIR_DECISION_MODULENAME_H
