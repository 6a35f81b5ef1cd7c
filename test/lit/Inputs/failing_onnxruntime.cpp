// Stands in for an ONNX Runtime: prints each call, and the one that the
// environment variable FAIL names fails.
#include "model/OrtApi.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

static OrtStatus *called(const char *Name) {
  std::fprintf(stderr, "%s\n", Name);
  const char *Fail = std::getenv("FAIL");
  return Fail && !std::strcmp(Fail, Name) ? reinterpret_cast<OrtStatus *>(1)
                                          : nullptr;
}

template <typename T> static void hand(T **Out) {
  static long Object;
  *Out = reinterpret_cast<T *>(&Object);
}

static OrtApi Api;
static char Name[] = "name";

#define DEFINE(NAME, ARGUMENTS, ...)                                           \
  Api.NAME = [] ARGUMENTS -> OrtStatus * {                                     \
    if (OrtStatus *Status = called(#NAME))                                     \
      return Status;                                                           \
    __VA_ARGS__;                                                               \
    return nullptr;                                                            \
  }
#define RELEASE(NAME, TYPE) Api.NAME = [](TYPE *) { called(#NAME); }

static const OrtApi *getApi(uint32_t) {
  Api.GetErrorMessage = [](const OrtStatus *) { return "as asked"; };
  DEFINE(CreateEnv, (OrtLoggingLevel, const char *, OrtEnv **Out), hand(Out));
  DEFINE(DisableTelemetryEvents, (const OrtEnv *), );
  DEFINE(CreateSessionOptions, (OrtSessionOptions **Out), hand(Out));
  DEFINE(SetIntraOpNumThreads, (OrtSessionOptions *, int), );
  DEFINE(SetInterOpNumThreads, (OrtSessionOptions *, int), );
  DEFINE(SetSessionGraphOptimizationLevel,
         (OrtSessionOptions *, GraphOptimizationLevel), );
  DEFINE(CreateSessionFromArray,
         (const OrtEnv *, const void *, size_t, const OrtSessionOptions *,
          OrtSession **Out),
         hand(Out));
  DEFINE(CreateCpuMemoryInfo, (OrtAllocatorType, OrtMemType, OrtMemoryInfo **Out),
         hand(Out));
  DEFINE(SessionGetInputCount, (const OrtSession *, size_t *Out), *Out = 1);
  DEFINE(SessionGetOutputCount, (const OrtSession *, size_t *Out), *Out = 1);
  DEFINE(GetAllocatorWithDefaultOptions, (OrtAllocator **Out), hand(Out));
  DEFINE(SessionGetInputName,
         (const OrtSession *, size_t, OrtAllocator *, char **Out), *Out = Name);
  DEFINE(SessionGetOutputName,
         (const OrtSession *, size_t, OrtAllocator *, char **Out), *Out = Name);
  DEFINE(SessionGetInputTypeInfo, (const OrtSession *, size_t, OrtTypeInfo **Out),
         hand(Out));
  DEFINE(SessionGetOutputTypeInfo,
         (const OrtSession *, size_t, OrtTypeInfo **Out), hand(Out));
  DEFINE(CastTypeInfoToTensorInfo,
         (const OrtTypeInfo *, const OrtTensorTypeAndShapeInfo **Out), hand(Out));
  DEFINE(GetTensorElementType,
         (const OrtTensorTypeAndShapeInfo *, ONNXTensorElementDataType *Out),
         *Out = ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT);
  DEFINE(GetDimensionsCount, (const OrtTensorTypeAndShapeInfo *, size_t *Out),
         *Out = 2);
  DEFINE(GetDimensions, (const OrtTensorTypeAndShapeInfo *, int64_t *Out, size_t),
         Out[0] = -1, Out[1] = 1);
  RELEASE(ReleaseStatus, OrtStatus);
  RELEASE(ReleaseTypeInfo, OrtTypeInfo);
  RELEASE(ReleaseSessionOptions, OrtSessionOptions);
  return &Api;
}

static const char *getVersionString() { return "1.99.0"; }

extern "C" const OrtApiBase *OrtGetApiBase() {
  static const OrtApiBase Base{getApi, getVersionString};
  return &Base;
}
