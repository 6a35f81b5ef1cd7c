//===- SiteAdvice.cpp - Decisions written down by call site ---------------===//

#include "decision/SiteAdvice.h"

using namespace llvm;

namespace fastir {

void SiteAdvice::makePair(StringRef Caller, StringRef Callee,
                          SmallVectorImpl<char> &Key) {
  Key.append(Caller.begin(), Caller.end());
  Key.push_back('\0'); // no name holds one
  Key.append(Callee.begin(), Callee.end());
}

void SiteAdvice::set(StringRef Caller, StringRef Callee, uint32_t Occurrence,
                     bool Inline) {
  SmallString<128> Key;
  makePair(Caller, Callee, Key);
  auto &Known = Advice[Key];
  if (Known.size() <= Occurrence)
    Known.resize(Occurrence + 1);
  Known[Occurrence] = Inline;
}

std::optional<bool> SiteAdvice::get(StringRef Pair, uint32_t Occurrence) const {
  auto It = Advice.find(Pair);
  if (It == Advice.end() || Occurrence >= It->second.size())
    return std::nullopt;
  return It->second[Occurrence];
}

std::optional<bool> SiteAdviceReader::next(StringRef Caller, StringRef Callee) {
  SmallString<128> Key;
  SiteAdvice::makePair(Caller, Callee, Key);
  const uint32_t Occurrence = Seen[Key]++;
  if (std::optional<bool> Advice = Preferred.get(Key, Occurrence))
    return Advice;
  return Source.get(Key, Occurrence);
}

} // namespace fastir
