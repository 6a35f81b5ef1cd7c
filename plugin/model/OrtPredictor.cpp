//===- OrtPredictor.cpp - An ONNX model, by ONNX Runtime ------------------===//

#include "model/OrtPredictor.h"

#include "llvm/ADT/ScopeExit.h"

using namespace llvm;

namespace fastir {

Expected<std::unique_ptr<OrtPredictor>>
OrtPredictor::create(StringRef File, size_t Columns,
                     const OrtLibrary &Library) {
  std::unique_ptr<OrtPredictor> Result(new OrtPredictor(Library));
  if (Error E = Result->createSession(File))
    return E;
  if (Error E = Result->checkSignature(Columns))
    return E;
  return Result;
}

Error OrtPredictor::createSession(StringRef File) {
  const OrtApi &Api = *Ort.Api;
  OrtSessionOptions *Options = nullptr;
  if (Error E = Ort.check(Api.CreateSessionOptions(&Options)))
    return E;
  scope_exit Release([&] { Api.ReleaseSessionOptions(Options); });
  // One thread: the compiler is what runs in parallel, and sums stay in one
  // order. No graph optimisation: a tree ensemble is one node.
  if (Error E = Ort.check(Api.SetIntraOpNumThreads(Options, 1)))
    return E;
  if (Error E = Ort.check(Api.SetInterOpNumThreads(Options, 1)))
    return E;
  if (Error E = Ort.check(
          Api.SetSessionGraphOptimizationLevel(Options, ORT_DISABLE_ALL)))
    return E;
  if (Error E = Ort.check(Api.CreateSessionFromArray(
          Ort.Env, File.data(), File.size(), Options, &Session)))
    return E;
  return Ort.check(
      Api.CreateCpuMemoryInfo(OrtArenaAllocator, OrtMemTypeDefault, &Memory));
}

Error OrtPredictor::checkShape(OrtTypeInfo *Type, const char *What,
                               int64_t Columns) {
  const OrtApi &Api = *Ort.Api;
  scope_exit Release([&] { Api.ReleaseTypeInfo(Type); });
  const OrtTensorTypeAndShapeInfo *Info = nullptr;
  if (Error E = Ort.check(Api.CastTypeInfoToTensorInfo(Type, &Info)))
    return E;
  if (!Info)
    return wrongShape(What, Columns);
  ONNXTensorElementDataType Element{};
  size_t Rank = 0;
  if (Error E = Ort.check(Api.GetTensorElementType(Info, &Element)))
    return E;
  if (Error E = Ort.check(Api.GetDimensionsCount(Info, &Rank)))
    return E;
  int64_t Dimensions[2] = {0, 0};
  if (Element != ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT || Rank != 2)
    return wrongShape(What, Columns);
  if (Error E = Ort.check(Api.GetDimensions(Info, Dimensions, 2)))
    return E;
  // A free dimension is reported as -1.
  bool Fits = Dimensions[0] <= 1 && Dimensions[1] == Columns;
  return Fits ? Error::success() : wrongShape(What, Columns);
}

Error OrtPredictor::readNames() {
  const OrtApi &Api = *Ort.Api;
  OrtAllocator *Allocator = nullptr;
  if (Error E = Ort.check(Api.GetAllocatorWithDefaultOptions(&Allocator)))
    return E;
  // Allocated by the runtime; kept as long as the session, that is, for good.
  char *Input = nullptr, *Output = nullptr;
  if (Error E =
          Ort.check(Api.SessionGetInputName(Session, 0, Allocator, &Input)))
    return E;
  if (Error E =
          Ort.check(Api.SessionGetOutputName(Session, 0, Allocator, &Output)))
    return E;
  InputName = Input;
  OutputName = Output;
  return Error::success();
}

Error OrtPredictor::checkSignature(size_t Columns) {
  const OrtApi &Api = *Ort.Api;
  size_t Inputs = 0, Outputs = 0;
  if (Error E = Ort.check(Api.SessionGetInputCount(Session, &Inputs)))
    return E;
  if (Error E = Ort.check(Api.SessionGetOutputCount(Session, &Outputs)))
    return E;
  if (Inputs != 1 || Outputs != 1)
    return createStringError("it has " + Twine(Inputs) + " inputs and " +
                             Twine(Outputs) + " outputs, not one of each");
  if (Error E = readNames())
    return E;
  OrtTypeInfo *Type = nullptr;
  if (Error E = Ort.check(Api.SessionGetInputTypeInfo(Session, 0, &Type)))
    return E;
  if (Error E = checkShape(Type, "input", Columns))
    return E;
  if (Error E = Ort.check(Api.SessionGetOutputTypeInfo(Session, 0, &Type)))
    return E;
  return checkShape(Type, "output", 1);
}

Expected<float> OrtPredictor::predict(MutableArrayRef<float> Row) const {
  const OrtApi &Api = *Ort.Api;
  const int64_t Shape[2] = {1, static_cast<int64_t>(Row.size())};
  OrtValue *Input = nullptr, *Output = nullptr;
  scope_exit Release([&] {
    Api.ReleaseValue(Input);
    Api.ReleaseValue(Output);
  });
  if (Error E = Ort.check(Api.CreateTensorWithDataAsOrtValue(
          Memory, Row.data(), Row.size() * sizeof(float), Shape, 2,
          ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, &Input)))
    return E;
  const char *InputNames[] = {InputName.c_str()};
  const char *OutputNames[] = {OutputName.c_str()};
  if (Error E = Ort.check(Api.Run(Session, nullptr, InputNames, &Input, 1,
                                  OutputNames, 1, &Output)))
    return E;
  float *Data = nullptr;
  if (Error E = Ort.check(
          Api.GetTensorMutableData(Output, reinterpret_cast<void **>(&Data))))
    return E;
  return *Data;
}

} // namespace fastir
