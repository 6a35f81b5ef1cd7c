//===- WasmSizes.h - What a WebAssembly object will weigh -------*- C++ -*-===//

#ifndef FASTIR_ENGINE_WASMSIZES_H
#define FASTIR_ENGINE_WASMSIZES_H

#include "engine/ObjectSizes.h"

#include "llvm/Object/Wasm.h"

namespace fastir {

/// The bytes of \p Object's functions and data segments. Each function is a
/// section of its own, under the name that it has in assembly; so is each
/// segment. Nothing is relocated at run time, and nothing describes unwinding
/// outside of the code.
ObjectSizes measureWasm(const llvm::object::WasmObjectFile &Object,
                        bool BySymbol);

} // namespace fastir

#endif // FASTIR_ENGINE_WASMSIZES_H
