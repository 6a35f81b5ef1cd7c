//===- Remarks.h - Why a call was inlined or not ----------------*- C++ -*-===//

#ifndef FASTIR_INLINE_REMARKS_H
#define FASTIR_INLINE_REMARKS_H

#include "inline/LlvmHeuristic.h"
#include "model/ModelMetadata.h"

#include "llvm/Analysis/OptimizationRemarkEmitter.h"

namespace fastir {

/// Why an advice was given, as its remark will tell.
struct Reason {
  enum class Source {
    Mandatory, ///< alwaysinline
    Llvm,      ///< LLVM's own heuristic, which has emitted its missed remarks
    Policy,    ///< always or never, or an observer overruled
    Model,
  };
  Source From = Source::Policy;
  float Prediction = 0;                    ///< Source::Model
  const ModelMetadata *Metadata = nullptr; ///< Source::Model
  llvm::StringRef Runtime;                 ///< Source::Model
  /// Source::Model: a rule of the model keeps LLVM's decision.
  bool KeepsDefault = false;
  DefaultDecision Llvm; ///< what LLVM says; all but Source::Mandatory
};

/// The call that a remark is about, as an advice remembers it.
struct RemarkedCall {
  llvm::Function &Callee;
  llvm::Function &Caller;
  const llvm::DebugLoc DLoc;
  const llvm::BasicBlock *Block;
};

/// Remarks under the pass name "inline", as LLVM's own advisor emits them.
void remarkInlined(llvm::OptimizationRemarkEmitter &ORE,
                   const RemarkedCall &Call, const Reason &Why);
void remarkFailed(llvm::OptimizationRemarkEmitter &ORE,
                  const RemarkedCall &Call, const llvm::InlineResult &Result);
void remarkNotInlined(llvm::OptimizationRemarkEmitter &ORE,
                      const RemarkedCall &Call, const Reason &Why);

} // namespace fastir

#endif // FASTIR_INLINE_REMARKS_H
