//===- ModelApi.h - Predictions through a C interface, for Rust -*- C++ -*-===//
//
// A result owns all that its accessors return.
//
//===----------------------------------------------------------------------===//

#ifndef FASTIR_CAPI_MODELAPI_H
#define FASTIR_CAPI_MODELAPI_H

#include "capi/EngineApi.h"

extern "C" {

struct fastir_rows {
  fastir_text model;   ///< a file
  fastir_text runtime; ///< auto, native or onnxruntime
  fastir_text onnxruntime;
  const float *values; ///< row by row
  size_t value_count;  ///< a multiple of what a row has
};

struct fastir_predictions;

/// Never null.
fastir_predictions *fastir_predict(const fastir_rows *rows);
void fastir_predictions_free(fastir_predictions *predictions);

/// Empty on success.
fastir_text fastir_predictions_error(const fastir_predictions *predictions);
/// What evaluated the model: native or onnxruntime.
fastir_text fastir_predictions_runtime(const fastir_predictions *predictions);
size_t fastir_predictions_count(const fastir_predictions *predictions);
const float *fastir_predictions_values(const fastir_predictions *predictions);

} // extern "C"

#endif // FASTIR_CAPI_MODELAPI_H
