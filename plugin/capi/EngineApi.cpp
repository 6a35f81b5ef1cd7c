//===- EngineApi.cpp - The engine's C interface, for Rust -----------------===//

#include "capi/EngineApi.h"
#include "capi/ApiText.h"
#include "engine/Engine.h"
#include "engine/ResultText.h"
#include "inline/features/InlineFeatures.h"
#include "model/OrtApi.h"
#include "variants/Variants.h"

#include "llvm/Config/llvm-config.h"

using namespace llvm;
using namespace fastir;

struct fastir_result {
  std::string Error;
  CompileResult Compiled;
  std::string Bytes; ///< once they were asked for
};

static std::vector<SiteDecision> siteDecisions(const fastir_site_override *Data,
                                               size_t Count) {
  std::vector<SiteDecision> Decisions;
  for (const fastir_site_override &O : ArrayRef(Data, Count))
    Decisions.push_back(
        {ref(O.caller).str(), ref(O.callee).str(), O.occurrence, O.advice});
  return Decisions;
}

/// Hands the request in C++'s terms to \p Use.
template <typename Result>
static Expected<Result>
withRequest(const fastir_request &Request,
            function_ref<Expected<Result>(const CompileRequest &)> Use) {
  Expected<Policy> Who = parsePolicy(ref(Request.policy));
  if (!Who)
    return Who.takeError();
  std::vector<std::pair<uint32_t, bool>> Overrides;
  for (const fastir_override &O :
       ArrayRef(Request.overrides, Request.override_count))
    Overrides.emplace_back(O.decision, O.advice);
  CompileRequest R;
  for (const fastir_callee_override &O :
       ArrayRef(Request.callee_overrides, Request.callee_override_count))
    R.CalleeOverrides[ref(O.callee)] = O.advice;
  for (const SiteDecision &D :
       siteDecisions(Request.site_overrides, Request.site_override_count))
    R.Sites.set(D);
  R.Bitcode = ref(Request.bitcode);
  R.Name = ref(Request.name);
  R.Level = ref(Request.level);
  R.Phase = ref(Request.phase);
  R.Who = *Who;
  R.ModelPath = ref(Request.model);
  R.OnnxRuntimePath = ref(Request.onnxruntime);
  R.Overrides = Overrides;
  for (const fastir_text &Name :
       ArrayRef(Request.internal, Request.internal_count))
    R.Internal.insert(ref(Name));
  R.RecordDecisions = Request.record_decisions || Request.keep_state;
  R.Relevel = Request.relevel;
  R.BySymbol = Request.by_symbol;
  R.KeepState = Request.keep_state;
  return Use(R);
}

static fastir_result *makeResult(Expected<CompileResult> Compiled) {
  auto *Result = new fastir_result;
  if (Compiled)
    Result->Compiled = std::move(*Compiled);
  else
    Result->Error = toString(Compiled.takeError());
  return Result;
}

fastir_result *fastir_compile(const fastir_request *Request) {
  return makeResult(withRequest<CompileResult>(*Request, compileModule));
}

void fastir_compile_variants(const fastir_request *Request,
                             const fastir_result *Base,
                             const fastir_variant *Given, size_t Count,
                             fastir_result **Results) {
  std::vector<Variant> Variants(Count);
  for (auto [To, From] : zip(Variants, ArrayRef(Given, Count))) {
    To.First = From.first;
    To.Decisions = siteDecisions(From.advice, From.advice_count);
  }
  using All = std::vector<Expected<CompileResult>>;
  Expected<All> Compiled =
      withRequest<All>(*Request, [&](const CompileRequest &R) {
        return compileVariants(R, Base->Compiled, Variants);
      });
  const std::string Problem = Compiled ? "" : toString(Compiled.takeError());
  for (size_t I = 0; I < Count; ++I)
    Results[I] = makeResult(Compiled ? std::move((*Compiled)[I])
                                     : createStringError(Problem));
}

void fastir_result_free(fastir_result *Result) { delete Result; }

fastir_text fastir_result_to_bytes(fastir_result *Result) {
  Result->Bytes = Result->Error.empty()
                      ? writeResult(Result->Compiled)
                      : writeResult(createStringError(Result->Error));
  return text(Result->Bytes);
}

fastir_result *fastir_result_from_bytes(fastir_text Bytes) {
  return makeResult(readResult(ref(Bytes)));
}

fastir_text fastir_result_error(const fastir_result *Result) {
  return text(Result->Error);
}

size_t fastir_result_decision_count(const fastir_result *Result) {
  return Result->Compiled.Decisions.size();
}

fastir_decision fastir_result_decision(const fastir_result *Result, size_t I) {
  const RecordedDecision &D = Result->Compiled.Decisions[I];
  return {text(D.Caller), text(D.Callee), D.Prediction, D.LlvmDecision,
          D.Advice};
}

const int64_t *fastir_result_features(const fastir_result *Result) {
  const std::vector<int64_t> &Features = Result->Compiled.Features;
  return Features.empty() ? nullptr : Features.data();
}

size_t fastir_result_piece_count(const fastir_result *Result) {
  return Result->Compiled.Sizes.Pieces.size();
}

fastir_size fastir_result_piece(const fastir_result *Result, size_t I) {
  const SizePiece &P = Result->Compiled.Sizes.Pieces[I];
  return {text(P.Comdat), text(P.Symbol), static_cast<uint8_t>(P.Kind),
          P.Bytes};
}

size_t fastir_result_symbol_count(const fastir_result *Result) {
  return Result->Compiled.Sizes.Symbols.size();
}

fastir_size fastir_result_symbol(const fastir_result *Result, size_t I) {
  const SymbolSize &S = Result->Compiled.Sizes.Symbols[I];
  return {text(S.Name), text(S.Name), static_cast<uint8_t>(S.Kind), S.Bytes};
}

size_t fastir_result_unchanged_count(const fastir_result *Result) {
  return Result->Compiled.Unchanged.size();
}

fastir_text fastir_result_unchanged(const fastir_result *Result, size_t I) {
  return text(Result->Compiled.Unchanged[I]);
}

size_t fastir_result_reused(const fastir_result *Result) {
  return Result->Compiled.Reused;
}

size_t fastir_result_attributes_changed_count(const fastir_result *Result) {
  return Result->Compiled.AttributesChanged.size();
}

fastir_text fastir_result_attributes_changed(const fastir_result *Result,
                                             size_t I) {
  return text(Result->Compiled.AttributesChanged[I]);
}

size_t fastir_section_kind_count() { return SectionKindCount; }

fastir_text fastir_section_kind_name(size_t Kind) {
  return text(sectionKindName(static_cast<SectionKind>(Kind)));
}

size_t fastir_feature_count() { return FeatureCount; }

fastir_feature fastir_feature_info(size_t I) {
  const FeatureInfo &Info = featureTable()[I];
  return {text(Info.Name), text(Info.Unit), text(Info.Doc),
          isLean(static_cast<Feature>(I))};
}

static constexpr std::pair<StringLiteral, size_t> OrtSlots[] = {
#define FASTIR_ORT_FUNCTION(SLOT, NAME, RESULT, ARGUMENTS)                     \
  {StringLiteral(#NAME), offsetof(OrtApi, NAME) / sizeof(void *)},
    FASTIR_ORT_FUNCTIONS(FASTIR_ORT_FUNCTION)
#undef FASTIR_ORT_FUNCTION
};

size_t fastir_ort_slot_count() { return std::size(OrtSlots); }

fastir_ort_slot fastir_ort_slot_info(size_t I) {
  return {text(OrtSlots[I].first), OrtSlots[I].second};
}

fastir_text fastir_llvm_version() { return text(LLVM_VERSION_STRING); }
