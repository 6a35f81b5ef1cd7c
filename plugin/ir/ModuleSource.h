//===- ModuleSource.h - Where in a file the module is -----------*- C++ -*-===//

#ifndef FASTIR_IR_MODULESOURCE_H
#define FASTIR_IR_MODULESOURCE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

namespace fastir {

/// The bitcode or textual IR in the file's content \p Source: the content
/// itself or, of an object file, the section that clang's -fembed-bitcode,
/// -ffat-lto-objects or rustc's -Cembed-bitcode write. Points into \p Source.
/// Fails with what the file is if it is empty, or of a kind that holds no
/// module; what looks like text is left to the parser.
llvm::Expected<llvm::StringRef> findModule(llvm::StringRef Source);

} // namespace fastir

#endif // FASTIR_IR_MODULESOURCE_H
