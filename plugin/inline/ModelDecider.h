//===- ModelDecider.h - Asking the model for a caller -----------*- C++ -*-===//

#ifndef FASTIR_INLINE_MODELDECIDER_H
#define FASTIR_INLINE_MODELDECIDER_H

#include "inline/AdvisorConfig.h"
#include "inline/Remarks.h"
#include "inline/features/InlineFeatures.h"
#include "model/FastirModelRunner.h"

#include "llvm/ADT/DenseMap.h"

#include <memory>
#include <optional>
#include <vector>

namespace fastir {

/// What a model has to know of a call to decide on it.
struct ModelNeeds {
  explicit ModelNeeds(const Model &TheModel);

  /// From which cost on it decides alike; none if that is not known.
  std::optional<int> CostCap;
  /// The rules that ask for no more than EarlyFacts has.
  std::vector<KeepRule> EarlyRules;

  /// Whether it keeps LLVM's decision, whatever else is found out.
  bool keepsDefault(const EarlyFacts &Facts) const;
};

/// Asks the models of a configuration about the calls of one module.
class ModelDecider {
public:
  explicit ModelDecider(const AdvisorConfig &Config) : Config(Config) {}

  /// Whether a prediction is made where a rule keeps LLVM's decision whatever
  /// it is: for a remark or a log.
  enum class Predict { Always, WhereItDecides };

  /// What the model for \p Caller says of the call whose features \p Runner
  /// holds, and sets in \p Why that it said so. LLVM's verdict, which \p Why
  /// has already, where there is no model, or it cannot be used: that is
  /// reported once.
  bool decide(const llvm::Function &Caller, FastirModelRunner &Runner,
              Reason &Why, Predict When = Predict::Always);

  /// What the model for \p Caller asks for; null if there is none, or it
  /// cannot be used.
  const ModelNeeds *needsFor(const llvm::Function &Caller);

private:
  llvm::Error ask(Model &TheModel, FastirModelRunner &Runner, Reason &Why,
                  Predict When) const;

  const AdvisorConfig &Config;
  bool HasFailed = false;
  llvm::SmallDenseMap<const Model *, std::unique_ptr<ModelNeeds>, 2> Needs;
};

} // namespace fastir

#endif // FASTIR_INLINE_MODELDECIDER_H
