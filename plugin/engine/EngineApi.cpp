//===- EngineApi.cpp - The engine's C interface, for Rust -----------------===//

#include "engine/EngineApi.h"
#include "engine/Engine.h"
#include "features/InlineFeatures.h"
#include "model/OrtApi.h"

#include "llvm/Config/llvm-config.h"

using namespace llvm;
using namespace fastir;

struct fastir_result {
  std::string Error;
  CompileResult Compiled;
};

static StringRef ref(fastir_text Text) { return {Text.data, Text.size}; }
static fastir_text text(StringRef Ref) { return {Ref.data(), Ref.size()}; }

static Expected<CompileResult> compile(const fastir_request &Request) {
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
  R.Bitcode = ref(Request.bitcode);
  R.Name = ref(Request.name);
  R.Level = ref(Request.level);
  R.Who = *Who;
  R.ModelPath = ref(Request.model);
  R.OnnxRuntimePath = ref(Request.onnxruntime);
  R.Overrides = Overrides;
  R.RecordDecisions = Request.record_decisions;
  return compileModule(R);
}

fastir_result *fastir_compile(const fastir_request *Request) {
  auto *Result = new fastir_result;
  if (auto Compiled = compile(*Request))
    Result->Compiled = std::move(*Compiled);
  else
    Result->Error = toString(Compiled.takeError());
  return Result;
}

void fastir_result_free(fastir_result *Result) { delete Result; }

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
  return Result->Compiled.Features.data();
}

size_t fastir_result_piece_count(const fastir_result *Result) {
  return Result->Compiled.Sizes.Pieces.size();
}

fastir_size fastir_result_piece(const fastir_result *Result, size_t I) {
  const SizePiece &P = Result->Compiled.Sizes.Pieces[I];
  return {text(P.Comdat), static_cast<uint8_t>(P.Kind), P.Bytes};
}

size_t fastir_result_symbol_count(const fastir_result *Result) {
  return Result->Compiled.Sizes.Symbols.size();
}

fastir_size fastir_result_symbol(const fastir_result *Result, size_t I) {
  const SymbolSize &S = Result->Compiled.Sizes.Symbols[I];
  return {text(S.Name), static_cast<uint8_t>(S.Kind), S.Bytes};
}

size_t fastir_section_kind_count() { return SectionKindCount; }

fastir_text fastir_section_kind_name(size_t Kind) {
  return text(sectionKindName(static_cast<SectionKind>(Kind)));
}

size_t fastir_feature_count() { return FeatureCount; }

fastir_feature fastir_feature_info(size_t I) {
  const FeatureInfo &Info = featureTable()[I];
  return {text(Info.Name), text(Info.Unit), text(Info.Doc)};
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
