//===- EscapedName.h - Names in files of lines and tabs ---------*- C++ -*-===//

#ifndef FASTIR_SUPPORT_ESCAPEDNAME_H
#define FASTIR_SUPPORT_ESCAPEDNAME_H

#include "llvm/ADT/StringRef.h"

#include <optional>
#include <string>

namespace fastir {

/// The name that \p Field spells, in which a tab, a newline and a backslash are
/// \t, \n and \\; nothing if a backslash begins something else.
std::optional<std::string> unescaped(llvm::StringRef Field);

} // namespace fastir

#endif // FASTIR_SUPPORT_ESCAPEDNAME_H
