//===- Engine.h - Compiling one module under given decisions ----*- C++ -*-===//

#ifndef FASTIR_ENGINE_ENGINE_H
#define FASTIR_ENGINE_ENGINE_H

#include "decision/Policy.h"
#include "decision/SiteAdvice.h"
#include "engine/ObjectSizes.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace fastir {

struct BaseState;

/// A decision as it was taken, kept beyond the compile.
struct RecordedDecision {
  std::string Caller;
  std::string Callee;
  float Prediction; ///< NaN if no model was asked
  bool LlvmDecision;
  bool Advice;
};

struct CompileRequest {
  llvm::StringRef Bitcode; ///< or textual IR, or an object file with bitcode
  llvm::StringRef Name;    ///< what errors call the module
  llvm::StringRef Level;   ///< O1, O2, O3, Os or Oz
  llvm::StringRef Phase;   ///< as phaseName() has it
  Policy Who = Policy::Llvm;
  llvm::StringRef ModelPath;       ///< for Policy::Model
  llvm::StringRef OnnxRuntimePath; ///< for Policy::Model; may be empty
  /// Advice by the number of the decision, in place of the policy's; sorted.
  llvm::ArrayRef<std::pair<uint32_t, bool>> Overrides;
  /// Advice by call site, where Overrides says nothing.
  SiteAdvice Sites;
  /// Advice for every call of a function, where neither says anything.
  llvm::StringMap<bool> CalleeOverrides;
  /// Definitions that no other module refers to, if the phase is one before a
  /// link.
  llvm::StringSet<> Internal;
  bool RecordDecisions = false;
  /// Give every function the size attributes that clang gives it at Level,
  /// whatever level the module was compiled for.
  bool Relevel = false;
  /// Tell sizes apart by symbol, each in a section of its own.
  bool BySymbol = false;
  /// Keep what variants of this compile take over from it; needs
  /// RecordDecisions.
  bool KeepState = false;
};

struct CompileResult {
  std::vector<RecordedDecision> Decisions;
  std::vector<int64_t> Features; ///< Decisions.size() rows of FeatureCount
  ObjectSizes Sizes;
  std::shared_ptr<BaseState> State; ///< with KeepState
  /// Units whose code is that of the compile that this one departed from. Their
  /// sizes are not measured again. Sorted.
  std::vector<std::string> Unchanged;
  /// Functions whose attributes, on which callers depend, are not those of that
  /// compile.
  std::vector<std::string> AttributesChanged;
  /// How many functions it took over from that compile after inlining.
  uint64_t Reused = 0;
};

/// Optimises the module as `clang -<Level>` would, or lld's back end in a phase
/// at the link, with inlining decided as the request says, generates its object
/// code in memory and measures it. In a phase before a link, that link follows,
/// see linkAlone(). Threads may call this at the same time.
llvm::Expected<CompileResult> compileModule(const CompileRequest &Request);

} // namespace fastir

#endif // FASTIR_ENGINE_ENGINE_H
