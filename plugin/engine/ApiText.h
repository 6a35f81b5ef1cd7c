//===- ApiText.h - Strings on their way through the C interfaces -*- C++ -*-==//

#ifndef FASTIR_ENGINE_APITEXT_H
#define FASTIR_ENGINE_APITEXT_H

#include "engine/EngineApi.h"

#include "llvm/ADT/StringRef.h"

namespace fastir {

inline llvm::StringRef ref(fastir_text Text) { return {Text.data, Text.size}; }
inline fastir_text text(llvm::StringRef Ref) {
  return {Ref.data(), Ref.size()};
}

} // namespace fastir

#endif // FASTIR_ENGINE_APITEXT_H
