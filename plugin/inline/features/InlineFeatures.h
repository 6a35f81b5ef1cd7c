//===- InlineFeatures.h - Features of a call site ---------------*- C++ -*-===//
//
// The schema of InlineFeatures.def as an enumeration and a table, and the
// computation of those features that LLVM's MLInlineAdvisor does not compute.
//
//===----------------------------------------------------------------------===//

#ifndef FASTIR_INLINE_FEATURES_INLINEFEATURES_H
#define FASTIR_INLINE_FEATURES_INLINEFEATURES_H

#include "inline/DefaultDecision.h"
#include "inline/features/ModuleFacts.h"
#include "model/FeatureSchema.h"

#include "llvm/IR/InstrTypes.h"

#include <cstdint>

namespace fastir {

enum class Feature : size_t {
#define FASTIR_MLGO_FEATURE(NAME, UNIT, DOC) NAME,
#define FASTIR_OWN_FEATURE(NAME, UNIT, DOC) NAME,
#include "inline/features/InlineFeatures.def"
  Count
};

constexpr size_t FeatureCount = static_cast<size_t>(Feature::Count);

/// One row of InlineFeatures.def.
struct FeatureInfo {
  const char *Name;
  const char *Unit;
  const char *Doc;
  bool IsMlgo; ///< computed by LLVM itself
};

/// All features, in schema order.
llvm::ArrayRef<FeatureInfo> featureTable();

/// The same for who carries rows of them.
const FeatureSchema &inliningSchema();

/// Whether the feature needs no analysis that a compile without us would not
/// make.
bool isLean(Feature F);

/// What is known of a call before anything is computed for it.
struct EarlyFacts {
  const llvm::Function &Callee;
  int64_t CalleeInstructions;
  bool LlvmInlines;

  /// The feature \p F, which isEarly().
  int64_t feature(Feature F) const;
};

/// Whether \p F is a feature of EarlyFacts.
bool isEarly(Feature F);

/// What takes an analysis of loops to know.
struct LoopFacts {
  int64_t CallerMaxDepth = 0;
  int64_t CalleeMaxDepth = 0;
  int64_t SiteDepth = 0;
};

/// Everything that our own features are computed from.
struct CallSiteView {
  const llvm::CallBase &CB;
  const llvm::Function &Caller;
  const llvm::Function &Callee;
  BodyCounts CallerCounts;
  BodyCounts CalleeCounts;
  int64_t CalleeArgumentUses;
  CalleeUses Uses;
  CalleeUses CallerUses;
  CallFlow Flow;
  LoopFacts Loops; ///< for features that are not lean
  const DefaultDecision &Llvm;
};

CallSiteView viewOf(const llvm::CallBase &CB, ModuleFacts &Facts,
                    LoopFacts Loops, const DefaultDecision &Llvm);

/// Hands each of our own features of the call site to \p Set, in schema order;
/// the MLGO features are not computed here.
void computeOwnFeatures(const CallSiteView &View,
                        llvm::function_ref<void(Feature, int64_t)> Set);

} // namespace fastir

#endif // FASTIR_INLINE_FEATURES_INLINEFEATURES_H
