//===- EscapedName.cpp - Names in files of lines and tabs -----------------===//

#include "support/EscapedName.h"

#include <algorithm>

using namespace llvm;

namespace fastir {

std::optional<std::string> unescaped(StringRef Field) {
  std::string Name;
  while (!Field.empty()) {
    const size_t Plain = std::min(Field.find('\\'), Field.size());
    Name += Field.take_front(Plain);
    Field = Field.drop_front(Plain);
    if (Field.empty())
      break;
    if (Field.consume_front("\\\\"))
      Name += '\\';
    else if (Field.consume_front("\\t"))
      Name += '\t';
    else if (Field.consume_front("\\n"))
      Name += '\n';
    else
      return std::nullopt;
  }
  return Name;
}

} // namespace fastir
