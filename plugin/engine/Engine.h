//===- Engine.h - Compiling one module under given decisions ----*- C++ -*-===//

#ifndef FASTIR_ENGINE_ENGINE_H
#define FASTIR_ENGINE_ENGINE_H

#include "advisor/AdvisorConfig.h"
#include "engine/ObjectSizes.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace fastir {

/// A decision as it was taken, kept beyond the compile.
struct RecordedDecision {
  std::string Caller;
  std::string Callee;
  float Prediction; ///< NaN if no model was asked
  bool LlvmDecision;
  bool Advice;
};

struct CompileRequest {
  llvm::StringRef Bitcode; ///< bitcode or textual IR
  llvm::StringRef Name;    ///< what errors call the module
  llvm::StringRef Level;   ///< O1, O2, O3, Os or Oz
  Policy Who = Policy::Llvm;
  llvm::StringRef ModelPath;       ///< for Policy::Model
  llvm::StringRef OnnxRuntimePath; ///< for Policy::Model; may be empty
  /// Advice by the number of the decision, in place of the policy's; sorted.
  llvm::ArrayRef<std::pair<uint32_t, bool>> Overrides;
  /// Advice for every call of a function, where Overrides says nothing.
  llvm::StringMap<bool> CalleeOverrides;
  bool RecordDecisions = false;
};

struct CompileResult {
  std::vector<RecordedDecision> Decisions;
  std::vector<int64_t> Features; ///< Decisions.size() rows of FeatureCount
  ObjectSizes Sizes;
};

/// Optimises the module as `clang -<Level>` would, with inlining decided as the
/// request says, generates its object code in memory and measures it. Threads
/// may call this at the same time.
llvm::Expected<CompileResult> compileModule(const CompileRequest &Request);

} // namespace fastir

#endif // FASTIR_ENGINE_ENGINE_H
