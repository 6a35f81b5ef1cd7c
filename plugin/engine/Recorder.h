//===- Recorder.h - Decisions of one compile, overruled and kept -*- C++ -*-==//

#ifndef FASTIR_ENGINE_RECORDER_H
#define FASTIR_ENGINE_RECORDER_H

#include "decision/Decision.h"
#include "engine/Engine.h"
#include "variants/BaseState.h"

#include "llvm/ADT/STLExtras.h"

#include <limits>

namespace fastir {

/// Applies the overrides of a request and records what is asked for.
class Recorder : public DecisionObserver {
public:
  Recorder(const CompileRequest &Request, CompileResult &Result)
      : Request(Request), Result(Result), Sites(Request.Sites) {}

  std::optional<bool> overrule(llvm::StringRef Caller,
                               llvm::StringRef Callee) override {
    const std::optional<bool> BySite = Sites.next(Caller, Callee);
    auto It = llvm::lower_bound(Request.Overrides,
                                std::pair<uint32_t, bool>(NextDecision++, 0));
    if (It != Request.Overrides.end() && It->first == NextDecision - 1)
      return It->second;
    if (BySite)
      return BySite;
    auto ByCallee = Request.CalleeOverrides.find(Callee);
    if (ByCallee != Request.CalleeOverrides.end())
      return ByCallee->second;
    return std::nullopt;
  }

  void onDecision(const Decision &D) override {
    if (!Request.RecordDecisions)
      return;
    llvm::append_range(Result.Features, D.Features);
    Result.Decisions.push_back(
        {D.Caller.str(), D.Callee.str(),
         D.Prediction.value_or(std::numeric_limits<float>::quiet_NaN()),
         D.LlvmDecision, D.Advice});
  }

  void onInlined(llvm::StringRef Caller, llvm::StringRef,
                 int64_t Growth) override {
    if (Result.State && Growth > 0)
      Result.State->Growth[Caller] += Growth;
  }

protected:
  const CompileRequest &Request;
  CompileResult &Result;
  SiteAdviceReader Sites;
  uint32_t NextDecision = 0;
};

} // namespace fastir

#endif // FASTIR_ENGINE_RECORDER_H
