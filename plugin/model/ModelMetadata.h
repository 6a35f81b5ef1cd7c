//===- ModelMetadata.h - What a model says of itself ------------*- C++ -*-===//

#ifndef FASTIR_MODEL_MODELMETADATA_H
#define FASTIR_MODEL_MODELMETADATA_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Pass.h"

#include <cstdint>
#include <string>
#include <vector>

namespace fastir {

/// Which functions a model decides for, by their attributes.
enum class ModelDomain {
  MinSize, ///< minsize, as -Oz gives it
  OptSize, ///< optsize without minsize, as -Os gives it
  All,
};

/// A feature compared with a value.
struct Condition {
  size_t Feature; ///< schema index
  bool IsAbove;   ///< the feature is above the value, not at most as large
  int64_t Value;

  bool holds(int64_t OfFeature) const { return (OfFeature > Value) == IsAbove; }
};

/// Where all conditions hold, the default decision is kept, whatever the
/// model predicts.
using KeepRule = std::vector<Condition>;

/// The metadata that every model of ours carries.
struct ModelMetadata {
  std::vector<size_t> Features; ///< schema indices, in the model's order
  double Threshold = 0;         ///< inline where the prediction is below this
  std::string Objective;        ///< what the prediction is a change of
  std::string Unit;             ///< its unit, as remarks print it
  ModelDomain Domain = ModelDomain::MinSize;
  /// The phases of LTO in which the model decides; None is a compile without.
  std::vector<llvm::ThinOrFullLTOPhase> Phases = {
      llvm::ThinOrFullLTOPhase::None};
  std::vector<KeepRule> KeepRules;

  /// Whether a rule keeps the default decision, given all \p Features in
  /// schema order.
  bool keepsDefault(llvm::ArrayRef<int64_t> Features) const {
    return llvm::any_of(KeepRules, [&](const KeepRule &Rule) {
      return llvm::all_of(Rule, [&](const Condition &C) {
        return C.holds(Features[C.Feature]);
      });
    });
  }
};

} // namespace fastir

#endif // FASTIR_MODEL_MODELMETADATA_H
