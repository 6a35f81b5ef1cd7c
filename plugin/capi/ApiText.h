//===- ApiText.h - Strings on their way through the C interfaces -*- C++ -*-==//

#ifndef FASTIR_CAPI_APITEXT_H
#define FASTIR_CAPI_APITEXT_H

#include "capi/EngineApi.h"

#include "llvm/ADT/StringRef.h"

namespace fastir {

inline llvm::StringRef ref(fastir_text Text) { return {Text.data, Text.size}; }
inline fastir_text text(llvm::StringRef Ref) {
  return {Ref.data(), Ref.size()};
}

} // namespace fastir

#endif // FASTIR_CAPI_APITEXT_H
