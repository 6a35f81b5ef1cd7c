//===- OrtApi.h - The part of ONNX Runtime's C API that we call -*- C++ -*-===//
//
// ONNX Runtime's library exports one function table that only ever grows at
// its end, so the slot of a function is fixed for good. No package ships the
// header that declares the table; this file declares the functions we call at
// their slots. `cargo test` checks every slot against the ort-sys crate. Where
// CMake finds the official header, that is used in place of this one.
//
//===----------------------------------------------------------------------===//

#ifndef FASTIR_MODEL_ORTAPI_H
#define FASTIR_MODEL_ORTAPI_H

#include <cstddef>
#include <cstdint>

/// FASTIR_ORT_FUNCTION(SLOT, NAME, RESULT, ARGUMENTS) for each function we use.
// clang-format off
#define FASTIR_ORT_FUNCTIONS(FASTIR_ORT_FUNCTION)                                                    \
  FASTIR_ORT_FUNCTION(2, GetErrorMessage, const char *, (const OrtStatus *))                         \
  FASTIR_ORT_FUNCTION(3, CreateEnv, OrtStatus *, (OrtLoggingLevel, const char *, OrtEnv **))         \
  FASTIR_ORT_FUNCTION(6, DisableTelemetryEvents, OrtStatus *, (const OrtEnv *))                      \
  FASTIR_ORT_FUNCTION(8, CreateSessionFromArray, OrtStatus *, (const OrtEnv *, const void *, size_t, const OrtSessionOptions *, OrtSession **)) \
  FASTIR_ORT_FUNCTION(9, Run, OrtStatus *, (OrtSession *, const OrtRunOptions *, const char *const *, const OrtValue *const *, size_t, const char *const *, size_t, OrtValue **)) \
  FASTIR_ORT_FUNCTION(10, CreateSessionOptions, OrtStatus *, (OrtSessionOptions **))                 \
  FASTIR_ORT_FUNCTION(23, SetSessionGraphOptimizationLevel, OrtStatus *, (OrtSessionOptions *, GraphOptimizationLevel)) \
  FASTIR_ORT_FUNCTION(24, SetIntraOpNumThreads, OrtStatus *, (OrtSessionOptions *, int))             \
  FASTIR_ORT_FUNCTION(25, SetInterOpNumThreads, OrtStatus *, (OrtSessionOptions *, int))             \
  FASTIR_ORT_FUNCTION(30, SessionGetInputCount, OrtStatus *, (const OrtSession *, size_t *))         \
  FASTIR_ORT_FUNCTION(31, SessionGetOutputCount, OrtStatus *, (const OrtSession *, size_t *))        \
  FASTIR_ORT_FUNCTION(33, SessionGetInputTypeInfo, OrtStatus *, (const OrtSession *, size_t, OrtTypeInfo **)) \
  FASTIR_ORT_FUNCTION(34, SessionGetOutputTypeInfo, OrtStatus *, (const OrtSession *, size_t, OrtTypeInfo **)) \
  FASTIR_ORT_FUNCTION(36, SessionGetInputName, OrtStatus *, (const OrtSession *, size_t, OrtAllocator *, char **)) \
  FASTIR_ORT_FUNCTION(37, SessionGetOutputName, OrtStatus *, (const OrtSession *, size_t, OrtAllocator *, char **)) \
  FASTIR_ORT_FUNCTION(49, CreateTensorWithDataAsOrtValue, OrtStatus *, (const OrtMemoryInfo *, void *, size_t, const int64_t *, size_t, ONNXTensorElementDataType, OrtValue **)) \
  FASTIR_ORT_FUNCTION(51, GetTensorMutableData, OrtStatus *, (OrtValue *, void **))                  \
  FASTIR_ORT_FUNCTION(55, CastTypeInfoToTensorInfo, OrtStatus *, (const OrtTypeInfo *, const OrtTensorTypeAndShapeInfo **)) \
  FASTIR_ORT_FUNCTION(60, GetTensorElementType, OrtStatus *, (const OrtTensorTypeAndShapeInfo *, ONNXTensorElementDataType *)) \
  FASTIR_ORT_FUNCTION(61, GetDimensionsCount, OrtStatus *, (const OrtTensorTypeAndShapeInfo *, size_t *)) \
  FASTIR_ORT_FUNCTION(62, GetDimensions, OrtStatus *, (const OrtTensorTypeAndShapeInfo *, int64_t *, size_t)) \
  FASTIR_ORT_FUNCTION(69, CreateCpuMemoryInfo, OrtStatus *, (OrtAllocatorType, OrtMemType, OrtMemoryInfo **)) \
  FASTIR_ORT_FUNCTION(78, GetAllocatorWithDefaultOptions, OrtStatus *, (OrtAllocator **))            \
  FASTIR_ORT_FUNCTION(93, ReleaseStatus, void, (OrtStatus *))                                        \
  FASTIR_ORT_FUNCTION(96, ReleaseValue, void, (OrtValue *))                                          \
  FASTIR_ORT_FUNCTION(98, ReleaseTypeInfo, void, (OrtTypeInfo *))                                    \
  FASTIR_ORT_FUNCTION(100, ReleaseSessionOptions, void, (OrtSessionOptions *))
// clang-format on

#ifdef FASTIR_OFFICIAL_ORT_HEADER
#include <onnxruntime_c_api.h>
#else

extern "C" {

struct OrtStatus;
struct OrtEnv;
struct OrtSession;
struct OrtSessionOptions;
struct OrtRunOptions;
struct OrtValue;
struct OrtTypeInfo;
struct OrtTensorTypeAndShapeInfo;
struct OrtMemoryInfo;
struct OrtAllocator;

enum OrtLoggingLevel { ORT_LOGGING_LEVEL_FATAL = 4 };
enum GraphOptimizationLevel { ORT_DISABLE_ALL = 0 };
enum OrtAllocatorType { OrtArenaAllocator = 1 };
enum OrtMemType { OrtMemTypeDefault = 0 };
enum ONNXTensorElementDataType { ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT = 1 };

/// Every member lies at its slot: each is preceded by as many pointers.
struct OrtApi {
  union {
#define FASTIR_ORT_FUNCTION(SLOT, NAME, RESULT, ARGUMENTS)                     \
  struct {                                                                     \
    void *Before##NAME[SLOT];                                                  \
    RESULT(*NAME) ARGUMENTS;                                                   \
  };
    FASTIR_ORT_FUNCTIONS(FASTIR_ORT_FUNCTION)
#undef FASTIR_ORT_FUNCTION
  };
};

struct OrtApiBase {
  const OrtApi *(*GetApi)(uint32_t Version);
  const char *(*GetVersionString)();
};

} // extern "C"

#endif // FASTIR_OFFICIAL_ORT_HEADER

#endif // FASTIR_MODEL_ORTAPI_H
