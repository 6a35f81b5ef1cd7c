//===- BuildPhase.cpp - Where in a build a module is compiled -------------===//

#include "ir/BuildPhase.h"

using namespace llvm;

namespace fastir {

static constexpr std::pair<StringLiteral, ThinOrFullLTOPhase> Phases[] = {
    {"compile", ThinOrFullLTOPhase::None},
    {"thin-pre-link", ThinOrFullLTOPhase::ThinLTOPreLink},
    {"thin-link", ThinOrFullLTOPhase::ThinLTOPostLink},
    {"full-pre-link", ThinOrFullLTOPhase::FullLTOPreLink},
    {"full-link", ThinOrFullLTOPhase::FullLTOPostLink}};

Expected<ThinOrFullLTOPhase> parsePhase(StringRef Name) {
  for (const auto &[Candidate, Phase] : Phases)
    if (Candidate == Name)
      return Phase;
  return createStringError("phase '" + Name +
                           "' is none of 'compile', 'thin-pre-link', "
                           "'thin-link', 'full-pre-link' and 'full-link'");
}

StringRef phaseName(ThinOrFullLTOPhase Phase) {
  for (const auto &[Name, Candidate] : Phases)
    if (Candidate == Phase)
      return Name;
  return "unknown";
}

std::optional<ThinOrFullLTOPhase> linkAfter(ThinOrFullLTOPhase Phase) {
  switch (Phase) {
  case ThinOrFullLTOPhase::ThinLTOPreLink:
    return ThinOrFullLTOPhase::ThinLTOPostLink;
  case ThinOrFullLTOPhase::FullLTOPreLink:
    return ThinOrFullLTOPhase::FullLTOPostLink;
  default:
    return std::nullopt;
  }
}

bool isAtLink(ThinOrFullLTOPhase Phase) {
  return Phase == ThinOrFullLTOPhase::ThinLTOPostLink ||
         Phase == ThinOrFullLTOPhase::FullLTOPostLink;
}

} // namespace fastir
