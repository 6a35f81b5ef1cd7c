//===- SiteAdvice.h - Decisions written down by call site -------*- C++ -*-===//
//
// A call site is known by its caller, its callee and its occurrence: how many
// decisions on calls of that callee in that caller came before it. That holds
// still while decisions elsewhere change, where the number of a decision in the
// module does not.
//
//===----------------------------------------------------------------------===//

#ifndef FASTIR_DECISION_SITEADVICE_H
#define FASTIR_DECISION_SITEADVICE_H

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringMap.h"

#include <cstdint>
#include <optional>
#include <string>

namespace fastir {

struct SiteDecision {
  std::string Caller;
  std::string Callee;
  uint32_t Occurrence;
  bool Inline;
};

/// Advice for some call sites of a module.
class SiteAdvice {
public:
  bool empty() const { return Advice.empty(); }

  void set(llvm::StringRef Caller, llvm::StringRef Callee, uint32_t Occurrence,
           bool Inline);
  void set(const SiteDecision &D) {
    set(D.Caller, D.Callee, D.Occurrence, D.Inline);
  }

  std::optional<bool> get(llvm::StringRef Pair, uint32_t Occurrence) const;

  /// The key of all calls of \p Callee in \p Caller.
  static void makePair(llvm::StringRef Caller, llvm::StringRef Callee,
                       llvm::SmallVectorImpl<char> &Key);

private:
  /// By pair, what is known of each occurrence.
  llvm::StringMap<llvm::SmallVector<std::optional<bool>, 2>> Advice;
};

/// Reads advice along with the decisions of one compile.
class SiteAdviceReader {
public:
  explicit SiteAdviceReader(const SiteAdvice &Source) : Source(Source) {}

  /// From now on \p First goes before the source.
  void prefer(SiteAdvice First) { Preferred = std::move(First); }

  /// The advice for the next decision on a call of \p Callee in \p Caller.
  std::optional<bool> next(llvm::StringRef Caller, llvm::StringRef Callee);

private:
  const SiteAdvice &Source;
  SiteAdvice Preferred;
  llvm::StringMap<uint32_t> Seen;
};

} // namespace fastir

#endif // FASTIR_DECISION_SITEADVICE_H
