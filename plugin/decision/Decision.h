//===- Decision.h - Decisions, and who sees them ----------------*- C++ -*-===//

#ifndef FASTIR_DECISION_DECISION_H
#define FASTIR_DECISION_DECISION_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <optional>

namespace fastir {

/// One decision, as it was taken.
struct Decision {
  llvm::StringRef Caller;
  llvm::StringRef Callee;
  llvm::ArrayRef<int64_t> Features;     ///< schema order
  std::optional<float> Prediction;      ///< of the model, if one was asked
  llvm::StringRef Runtime;              ///< what evaluated it; else empty
  std::optional<uint64_t> ProfileCount; ///< how often a profile saw the call
  bool LlvmDecision;                    ///< what LLVM would have done
  bool Advice;                          ///< what we advised
};

/// Sees each decision of one module in order, and may overrule it.
class DecisionObserver {
public:
  virtual ~DecisionObserver() = default;

  /// The advice to give for the next decision, on a call of \p Callee in
  /// \p Caller, in place of the policy's; nothing to leave it.
  virtual std::optional<bool> overrule(llvm::StringRef Caller,
                                       llvm::StringRef Callee) {
    return std::nullopt;
  }

  /// Whether decisions that it overrules come with their features and with
  /// what LLVM would have done. Where they do not, these are not computed.
  virtual bool wantsReasons() const { return true; }

  virtual void onDecision(const Decision &D) = 0;

  /// A call of \p Callee in \p Caller was inlined, by which the module grew by
  /// \p Growth instructions as MLInlineAdvisor counts them.
  virtual void onInlined(llvm::StringRef Caller, llvm::StringRef Callee,
                         int64_t Growth) {}
};

} // namespace fastir

#endif // FASTIR_DECISION_DECISION_H
