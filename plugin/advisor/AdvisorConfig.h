//===- AdvisorConfig.h - What an advisor is asked to do ---------*- C++ -*-===//
//
// The plugin fills this from its options, the engine from its caller. The
// advisor knows neither.
//
//===----------------------------------------------------------------------===//

#ifndef FASTIR_ADVISOR_ADVISORCONFIG_H
#define FASTIR_ADVISOR_ADVISORCONFIG_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <memory>
#include <optional>

namespace fastir {

class OnnxModel;

/// Who decides.
enum class Policy {
  Model,  ///< the model, in functions that it is meant for; LLVM elsewhere
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
  bool LlvmDecision;                ///< what LLVM would have done
  bool Advice;                      ///< what we advised
};

/// Sees each decision of one module in order, and may overrule it.
class DecisionObserver {
public:
  virtual ~DecisionObserver() = default;

  /// The advice to give for the decision with number \p Index, on a call of
  /// \p Callee, in place of the policy's; nothing to leave it.
  virtual std::optional<bool> overrule(size_t Index, llvm::StringRef Callee) {
    return std::nullopt;
  }

  virtual void onDecision(const Decision &D) = 0;
};

struct AdvisorConfig {
  Policy Who = Policy::Model;
  OnnxModel *Model = nullptr;                 ///< needed by Policy::Model only
  std::shared_ptr<DecisionObserver> Observer; ///< may be null
};

} // namespace fastir

#endif // FASTIR_ADVISOR_ADVISORCONFIG_H
