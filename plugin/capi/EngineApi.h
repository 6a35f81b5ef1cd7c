//===- EngineApi.h - The engine's C interface, for Rust ---------*- C++ -*-===//
//
// Strings are UTF-8 with their length, not terminated. A result owns all that
// its accessors return.
//
//===----------------------------------------------------------------------===//

#ifndef FASTIR_CAPI_ENGINEAPI_H
#define FASTIR_CAPI_ENGINEAPI_H

#include <cstddef>
#include <cstdint>

extern "C" {

struct fastir_text {
  const char *data;
  size_t size;
};

/// One override: the decision with this number gets this advice.
struct fastir_override {
  uint32_t decision;
  bool advice;
};

/// The given call of a caller's calls of a callee, counted from 0 in the order
/// of decisions, gets this advice, unless its decision has one.
struct fastir_site_override {
  fastir_text caller;
  fastir_text callee;
  uint32_t occurrence;
  bool advice;
};

/// Every call of this function gets this advice, unless its decision or site
/// has one.
struct fastir_callee_override {
  fastir_text callee;
  bool advice;
};

struct fastir_request {
  fastir_text bitcode;
  fastir_text name;
  fastir_text level;
  fastir_text phase;  ///< as CompileRequest has it
  fastir_text policy; ///< model, llvm, always or never
  fastir_text model;
  fastir_text onnxruntime;
  const fastir_override *overrides; ///< sorted by decision
  size_t override_count;
  const fastir_callee_override *callee_overrides;
  size_t callee_override_count;
  const fastir_site_override *site_overrides;
  size_t site_override_count;
  const fastir_text *internal; ///< names
  size_t internal_count;
  bool record_decisions;
  bool relevel;    ///< size attributes as clang has them at this level
  bool by_symbol;  ///< pieces outside of comdats apart by symbol
  bool keep_state; ///< for fastir_compile_variants; records decisions too
};

struct fastir_decision {
  fastir_text caller;
  fastir_text callee;
  float prediction;
  bool llvm_decision;
  bool advice;
};

/// A comdat's (or, with an empty name, the rest's) bytes of one kind, or a
/// symbol's. Kinds are those of fastir_section_kind_name.
struct fastir_size {
  fastir_text name;
  fastir_text symbol; ///< of a piece, with by_symbol
  uint8_t kind;
  uint64_t bytes;
};

struct fastir_feature {
  fastir_text name;
  fastir_text unit;
  fastir_text doc;
  bool is_lean; ///< as isLean of InlineFeatures.h
};

struct fastir_ort_slot {
  fastir_text name;
  size_t slot;
};

struct fastir_result;

/// Never null. What went wrong is in fastir_result_error.
fastir_result *fastir_compile(const fastir_request *request);
void fastir_result_free(fastir_result *result);

/// A result without its state, for fastir_result_from_bytes in another process
/// of this machine.
fastir_text fastir_result_to_bytes(fastir_result *result);
/// Never null, as fastir_compile.
fastir_result *fastir_result_from_bytes(fastir_text bytes);

/// Empty on success.
fastir_text fastir_result_error(const fastir_result *result);
size_t fastir_result_decision_count(const fastir_result *result);
fastir_decision fastir_result_decision(const fastir_result *result, size_t i);
/// fastir_result_decision_count rows of fastir_feature_count values; null if
/// decisions came without.
const int64_t *fastir_result_features(const fastir_result *result);
size_t fastir_result_piece_count(const fastir_result *result);
fastir_size fastir_result_piece(const fastir_result *result, size_t i);
size_t fastir_result_symbol_count(const fastir_result *result);
fastir_size fastir_result_symbol(const fastir_result *result, size_t i);

size_t fastir_result_unchanged_count(const fastir_result *result);
fastir_text fastir_result_unchanged(const fastir_result *result, size_t i);
size_t fastir_result_reused(const fastir_result *result);
size_t fastir_result_attributes_changed_count(const fastir_result *result);
fastir_text fastir_result_attributes_changed(const fastir_result *result,
                                             size_t i);

/// A compile whose decisions differ from a base's from number `first` on.
struct fastir_variant {
  uint32_t first;
  const fastir_site_override *advice;
  size_t advice_count;
};

/// Compiles variants of the compile `base`, whose request must have separated
/// symbols and kept its state, of `request`, whose site overrides must be what
/// `base` decided. Fills `results` with a result for each, never null, for
/// fastir_result_free.
void fastir_compile_variants(const fastir_request *request,
                             const fastir_result *base,
                             const fastir_variant *variants, size_t count,
                             fastir_result **results);

size_t fastir_section_kind_count();
fastir_text fastir_section_kind_name(size_t kind);

size_t fastir_feature_count();
fastir_feature fastir_feature_info(size_t i);

/// The slots that OrtApi.h declares, for the test against ort-sys.
size_t fastir_ort_slot_count();
fastir_ort_slot fastir_ort_slot_info(size_t i);

/// LLVM's version, for example 22.1.8.
fastir_text fastir_llvm_version();

} // extern "C"

#endif // FASTIR_CAPI_ENGINEAPI_H
