//===- AdvisorConfig.h - What an advisor is asked to do ---------*- C++ -*-===//
//
// The plugin fills this from its options, the engine from its caller. The
// advisor knows neither.
//
//===----------------------------------------------------------------------===//

#ifndef FASTIR_DECISION_ADVISORCONFIG_H
#define FASTIR_DECISION_ADVISORCONFIG_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/IR/Function.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <memory>
#include <optional>

namespace fastir {

class Model;

/// Who decides.
enum class Policy {
  Model,  ///< the models, in functions that they are meant for; LLVM elsewhere
  Llvm,   ///< LLVM's own heuristic
  Always, ///< inline wherever that is legal, until the module has doubled
  Never,  ///< inline nothing but what must be
};

/// The policy of that name; the error lists the names there are.
llvm::Expected<Policy> parsePolicy(llvm::StringRef Name);

/// One decision, as it was taken.
struct Decision {
  llvm::StringRef Caller;
  llvm::StringRef Callee;
  llvm::ArrayRef<int64_t> Features; ///< schema order
  std::optional<float> Prediction;  ///< of the model, if one was asked
  llvm::StringRef Runtime;          ///< what evaluated it; else empty
  bool LlvmDecision;                ///< what LLVM would have done
  bool Advice;                      ///< what we advised
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

struct AdvisorConfig {
  Policy Who = Policy::Model;
  /// Needed by Policy::Model only; the first whose domain a function is in
  /// decides on the calls in it.
  llvm::SmallVector<Model *, 2> Models;
  std::shared_ptr<DecisionObserver> Observer; ///< may be null
  /// For tests: see InlineSession::verify().
  bool VerifyFacts = false;

  /// The model for calls in \p Caller; null if there is none.
  Model *modelFor(const llvm::Function &Caller) const;

  /// Whether a policy other than LLVM's heuristic decides on calls in
  /// \p Caller.
  bool decidesIn(const llvm::Function &Caller) const;
};

} // namespace fastir

#endif // FASTIR_DECISION_ADVISORCONFIG_H
