//===- ModelApi.cpp - Predictions through a C interface, for Rust ---------===//

#include "capi/ModelApi.h"
#include "capi/ApiText.h"
#include "inline/features/InlineFeatures.h"
#include "model/Model.h"

using namespace llvm;
using namespace fastir;

struct fastir_predictions {
  std::string Failure;
  StringRef Runtime;
  std::vector<float> Values;
};

static Error predict(const fastir_rows &Rows, fastir_predictions &Result) {
  Expected<Runtime> Which = parseRuntime(ref(Rows.runtime));
  if (!Which)
    return Which.takeError();
  Expected<Model *> Opened = Model::open(ref(Rows.model), inliningSchema(),
                                         {*Which, ref(Rows.onnxruntime).str()});
  if (!Opened)
    return Opened.takeError();
  Model &Chosen = **Opened;
  if (Error E = Chosen.load())
    return E;
  Result.Runtime = Chosen.runtime();
  const size_t Columns = Chosen.metadata().Features.size();
  if (Rows.value_count % Columns)
    return createStringError("the rows have " + Twine(Rows.value_count) +
                             " values, no multiple of the model's " +
                             Twine(Columns) + " features");
  std::vector<float> Row(Columns);
  for (size_t At = 0; At < Rows.value_count; At += Columns) {
    std::copy_n(Rows.values + At, Columns, Row.begin());
    Expected<float> Prediction = Chosen.predict(Row);
    if (!Prediction)
      return Prediction.takeError();
    Result.Values.push_back(*Prediction);
  }
  return Error::success();
}

fastir_predictions *fastir_predict(const fastir_rows *Rows) {
  auto *Result = new fastir_predictions;
  if (Error E = predict(*Rows, *Result))
    Result->Failure = toString(std::move(E));
  return Result;
}

void fastir_predictions_free(fastir_predictions *Predictions) {
  delete Predictions;
}

fastir_text fastir_predictions_error(const fastir_predictions *Predictions) {
  return text(Predictions->Failure);
}

fastir_text fastir_predictions_runtime(const fastir_predictions *Predictions) {
  return text(Predictions->Runtime);
}

size_t fastir_predictions_count(const fastir_predictions *Predictions) {
  return Predictions->Values.size();
}

const float *fastir_predictions_values(const fastir_predictions *Predictions) {
  return Predictions->Values.data();
}
