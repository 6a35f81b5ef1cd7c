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

#include "model/FeatureSchema.h"
#include "model/ModelMetadata.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"

#include <string>

namespace fastir {

/// The version of the metadata's own layout, key fastir.schema_version.
constexpr int ModelSchemaVersion = 2;

/// The raw metadata_props of the ONNX file \p Bytes.
llvm::Expected<llvm::StringMap<std::string>>
readMetadataProperties(llvm::StringRef Bytes);

/// The checked metadata of the ONNX file \p Bytes, whose features are of
/// \p Schema; errors say what is missing or does not fit this build, without
/// naming the file.
llvm::Expected<ModelMetadata> readOnnxMetadata(llvm::StringRef Bytes,
                                               const FeatureSchema &Schema);

} // namespace fastir

#endif // FASTIR_MODEL_ONNXMETADATA_H
