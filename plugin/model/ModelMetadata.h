//===- ModelMetadata.h - What a model says of itself ------------*- C++ -*-===//

#ifndef FASTIR_MODEL_MODELMETADATA_H
#define FASTIR_MODEL_MODELMETADATA_H

#include <string>
#include <vector>

namespace fastir {

/// Which functions a model decides for, by their attributes.
enum class ModelDomain {
  MinSize, ///< minsize, as -Oz gives it
  OptSize, ///< optsize without minsize, as -Os gives it
  All,
};

/// The metadata that every model of ours carries.
struct ModelMetadata {
  std::vector<size_t> Features; ///< schema indices, in the model's order
  double Threshold = 0;         ///< inline where the prediction is below this
  std::string Objective;        ///< what the prediction is a change of
  std::string Unit;             ///< its unit, as remarks print it
  ModelDomain Domain = ModelDomain::MinSize;
};

/// A prediction beyond this, either way, is no estimate: the model's maker
/// wants LLVM's decision there.
constexpr float KeptPrediction = 100'000;

} // namespace fastir

#endif // FASTIR_MODEL_MODELMETADATA_H
