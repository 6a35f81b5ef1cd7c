//===- AdvisorFactory.h - Putting our advisor into a pipeline ---*- C++ -*-===//

#ifndef FASTIR_INLINE_ADVISORFACTORY_H
#define FASTIR_INLINE_ADVISORFACTORY_H

#include "inline/AdvisorConfig.h"

#include "llvm/IR/Module.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/Error.h"

#include <functional>

namespace fastir {

/// Says what to do in a module; an error fails the compile with its message,
/// and LLVM decides on what remains of it.
using ConfigSource =
    std::function<llvm::Expected<AdvisorConfig>(llvm::Module &M)>;

/// Makes every inliner of the pipelines that \p PB builds on this thread ask
/// our advisor, configured by \p Source when a module's inlining begins.
void registerAdvisor(llvm::PassBuilder &PB, ConfigSource Source);

} // namespace fastir

#endif // FASTIR_INLINE_ADVISORFACTORY_H
