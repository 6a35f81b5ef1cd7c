//===- InlineFeatures.h - Features of a call site ---------------*- C++ -*-===//
//
// The schema of InlineFeatures.def as an enumeration and a table, and the
// computation of those features that LLVM's MLInlineAdvisor does not compute.
//
//===----------------------------------------------------------------------===//

#ifndef FASTIR_FEATURES_INLINEFEATURES_H
#define FASTIR_FEATURES_INLINEFEATURES_H

#include "features/CallFlow.h"

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

/// Whether the feature needs no analysis that a compile without us would not
/// make.
bool isLean(Feature F);

/// Features as LLVM describes tensors: each an int64 of shape {1}.
const std::vector<llvm::TensorSpec> &featureSpecs();

/// Counts of a body that one walk over it gives.
struct BodyCounts {
  int64_t Instructions = 0;
  int64_t Loads = 0;
  int64_t Stores = 0;
  int64_t CallsOfDefined = 0; ///< direct calls of functions of the module
  int64_t Blocks = 0;
  int64_t Phis = 0;
  int64_t ConstantOperands = 0; ///< instructions that have one
  int64_t ArgumentUses = 0;
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
  int64_t Callers = 0;
  int64_t Arguments = 0;
  int64_t ConstantArguments = 0;
  int64_t SitesEndingInReturn = 0;
  int64_t Invokes = 0;
  bool IsAddressTaken = false;
};

CalleeUses usesOf(const llvm::Function &Callee, const llvm::Function &Caller);

/// CalleeUses in a module that does not change: the uses of each callee are
/// walked once.
class CalleeUsesCache {
public:
  CalleeUses get(const llvm::Function &Callee, const llvm::Function &Caller);

private:
  struct Entry {
    CalleeUses All; ///< of no caller in particular
    llvm::DenseMap<const llvm::Function *, int64_t> CallSitesByCaller;
  };
  static Entry walk(const llvm::Function &Callee);

  llvm::DenseMap<const llvm::Function *, std::unique_ptr<Entry>> Entries;

  friend CalleeUses usesOf(const llvm::Function &, const llvm::Function &);
};

/// What LLVM's heuristic says of a call site.
struct LlvmOpinion {
  bool Inline;
  int64_t FullCost;
  int64_t CostMinusThreshold;
};

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
  CalleeUses Uses;
  CalleeUses CallerUses;
  CallFlow Flow;
  LoopFacts Loops; ///< for features that are not lean
  LlvmOpinion Llvm;
};

CallSiteView viewOf(const llvm::CallBase &CB, BodyCountsCache &Counts,
                    CalleeUses Uses, CalleeUses CallerUses, CallFlow Flow,
                    LoopFacts Loops, LlvmOpinion Llvm);

/// Stands for "always" (negated) and "never" in llvm_cost_minus_threshold.
constexpr int64_t CostSentinel = 100000;

/// Hands each of our own features of the call site to \p Set, in schema order;
/// the MLGO features are not computed here.
void computeOwnFeatures(const CallSiteView &View,
                        llvm::function_ref<void(Feature, int64_t)> Set);

} // namespace fastir

#endif // FASTIR_FEATURES_INLINEFEATURES_H
