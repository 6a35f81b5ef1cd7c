//===- OnnxMetadata.h - What a model file says of itself --------*- C++ -*-===//
//
// Reads the metadata properties of an ONNX file without ONNX Runtime, so that
// whether a model has anything to decide in a module is known before the
// runtime is loaded. An ONNX file is one protobuf message, onnx.ModelProto;
// only its outermost level is read here.
//
//===----------------------------------------------------------------------===//

#ifndef FASTIR_MODEL_ONNXMETADATA_H
#define FASTIR_MODEL_ONNXMETADATA_H

#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"

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
struct OnnxMetadata {
  std::vector<size_t> Features; ///< schema indices, in the model's order
  double Threshold = 0;         ///< inline where the prediction is below this
  std::string Objective;        ///< what the prediction is a change of
  std::string Unit;             ///< its unit, as remarks print it
  ModelDomain Domain = ModelDomain::MinSize;
};

/// A prediction beyond this, either way, is no estimate: the model's maker
/// wants LLVM's decision there.
constexpr float KeptPrediction = 100'000;

/// The version of the metadata's own layout, key fastir.schema_version.
constexpr int ModelSchemaVersion = 1;

/// The raw metadata_props of the ONNX file \p Bytes.
llvm::Expected<llvm::StringMap<std::string>>
readMetadataProperties(llvm::StringRef Bytes);

/// The checked metadata of the ONNX file \p Bytes; errors tell what is missing
/// or does not fit this build, without naming the file.
llvm::Expected<OnnxMetadata> readOnnxMetadata(llvm::StringRef Bytes);

} // namespace fastir

#endif // FASTIR_MODEL_ONNXMETADATA_H
