//===- InlineFeatures.h - Features of a call site ---------------*- C++ -*-===//
//
// The schema of InlineFeatures.def as an enumeration and a table, and the
// computation of those features that LLVM's MLInlineAdvisor does not compute.
//
//===----------------------------------------------------------------------===//

#ifndef FASTIR_FEATURES_INLINEFEATURES_H
#define FASTIR_FEATURES_INLINEFEATURES_H

#include "llvm/ADT/DenseMap.h"
#include "llvm/Analysis/FunctionPropertiesAnalysis.h"
#include "llvm/Analysis/TensorSpec.h"
#include "llvm/IR/InstrTypes.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace fastir {

enum class Feature : size_t {
#define FASTIR_MLGO_FEATURE(NAME, UNIT, DOC) NAME,
#define FASTIR_OWN_FEATURE(NAME, UNIT, DOC) NAME,
#include "features/InlineFeatures.def"
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

/// The index of the feature \p Name, or nothing if there is none.
std::optional<size_t> featureIndex(llvm::StringRef Name);

/// Features as LLVM describes tensors: each an int64 of shape {1}.
const std::vector<llvm::TensorSpec> &featureSpecs();

/// Instruction counts of a body that LLVM's function properties do not hold.
struct BodyCounts {
  int64_t Calls = 0;
  int64_t Invokes = 0;
  int64_t Allocas = 0;
  int64_t Returns = 0;
};

/// BodyCounts of functions, counted once until something changes them.
class BodyCountsCache {
public:
  const BodyCounts &get(const llvm::Function &F);
  void forget(const llvm::Function &F) { Counts.erase(&F); }
  void clear() { Counts.clear(); }

private:
  llvm::DenseMap<const llvm::Function *, BodyCounts> Counts;
};

/// How a callee is used, from one walk over its uses.
struct CalleeUses {
  int64_t CallSites = 0;
  int64_t CallSitesInCaller = 0;
  bool IsAddressTaken = false;

  CalleeUses() = default;
  CalleeUses(const llvm::Function &Caller, const llvm::Function &Callee);
};

/// CalleeUses in a module that does not change: the uses of each callee are
/// walked once.
class CalleeUsesCache {
public:
  CalleeUses get(const llvm::Function &Caller, const llvm::Function &Callee);

private:
  struct Entry {
    CalleeUses All; ///< of no caller in particular
    llvm::DenseMap<const llvm::Function *, int64_t> CallSitesByCaller;
  };
  llvm::DenseMap<const llvm::Function *, std::unique_ptr<Entry>> Entries;
};

/// Everything that our own features are computed from.
struct CallSiteView {
  const llvm::CallBase &CB;
  const llvm::Function &Caller;
  const llvm::Function &Callee;
  const llvm::FunctionPropertiesInfo &CallerProperties;
  const llvm::FunctionPropertiesInfo &CalleeProperties;
  BodyCounts CallerCounts;
  BodyCounts CalleeCounts;
  CalleeUses Uses;
  unsigned LoopDepth;
  bool LlvmDecision;
  int64_t LlvmCostMinusThreshold;
};

/// The view of \p CB, with the properties of both functions as the caller of
/// this has them.
CallSiteView viewOf(const llvm::CallBase &CB,
                    const llvm::FunctionPropertiesInfo &CallerProperties,
                    const llvm::FunctionPropertiesInfo &CalleeProperties,
                    BodyCountsCache &Counts, CalleeUses Uses,
                    unsigned LoopDepth, bool LlvmDecision,
                    int64_t LlvmCostMinusThreshold);

/// Stands for "always" (negated) and "never" in llvm_cost_minus_threshold.
constexpr int64_t CostSentinel = 100000;

/// Hands each of our own features of the call site to \p Set, in schema order;
/// the MLGO features are not computed here.
void computeOwnFeatures(const CallSiteView &View,
                        llvm::function_ref<void(Feature, int64_t)> Set);

} // namespace fastir

#endif // FASTIR_FEATURES_INLINEFEATURES_H
