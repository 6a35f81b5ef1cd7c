//===- CallSites.h - Numbers of call sites and blocks -----------*- C++ -*-===//

#ifndef FASTIR_EXTRACT_CALLSITES_H
#define FASTIR_EXTRACT_CALLSITES_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/IR/InstrTypes.h"
#include "llvm/IR/Module.h"

namespace fastir {

/// A call, invoke or callbr of anything but an intrinsic.
struct CallSite {
  llvm::CallBase &CB;
  int64_t Number; ///< among all of the module, in the order of its text
  int64_t Block;  ///< the block's number in the function; the entry is 0
};

void forEachCallSite(llvm::Module &M,
                     llvm::function_ref<void(const CallSite &)> Visit);

} // namespace fastir

#endif // FASTIR_EXTRACT_CALLSITES_H
