//===- Model.cpp - A model file -------------------------------------------===//

#include "model/Model.h"
#include "model/CompiledTrees.h"
#include "model/OnnxMetadata.h"
#include "model/OnnxTrees.h"
#include "model/OrtLibrary.h"
#include "model/OrtPredictor.h"
#include "model/TreePredictor.h"

#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"

using namespace llvm;

namespace fastir {

static bool isControl(char C) { return static_cast<unsigned char>(C) < ' '; }

static Error unusableModel(StringRef Path, const Twine &Why) {
  std::string Message = ("cannot use model '" + Path + "': " + Why).str();
  // One line, whatever the file has names of.
  std::replace_if(Message.begin(), Message.end(), isControl, ' ');
  return createStringError(Message);
}

Expected<Runtime> parseRuntime(StringRef Name) {
  auto Result = StringSwitch<std::optional<Runtime>>(Name)
                    .Case("auto", Runtime::Auto)
                    .Case(NativeName, Runtime::Native)
                    .Case(OnnxRuntimeName, Runtime::OnnxRuntime)
                    .Default(std::nullopt);
  if (Result)
    return *Result;
  return createStringError("unknown runtime '" + Name +
                           "'; it is one of auto, native, onnxruntime");
}

Model::Model(std::string Path, ModelMetadata Metadata,
             std::unique_ptr<MemoryBuffer> File, RuntimeChoice Choice)
    : Path(std::move(Path)), Metadata(std::move(Metadata)),
      File(std::move(File)), Choice(std::move(Choice)) {}

Error Model::load() {
  std::call_once(Once, [this] {
    Expected<std::unique_ptr<Predictor>> Chosen = loadChosen();
    if (Chosen)
      Loaded = std::move(*Chosen);
    else
      Failure = toString(Chosen.takeError());
  });
  return Failure.empty() ? Error::success() : createStringError(Failure);
}

Expected<float> Model::predict(MutableArrayRef<float> Row) const {
  Expected<float> Prediction = Loaded->predict(Row);
  if (!Prediction)
    return unusable(Prediction.takeError());
  return Prediction;
}

std::optional<float> Model::greatestCompared(size_t Feature) const {
  float Greatest = -std::numeric_limits<float>::infinity();
  for (auto [Column, Index] : enumerate(Metadata.Features)) {
    if (Index != Feature)
      continue;
    const std::optional<float> Compared = Loaded->greatestCompared(Column);
    if (!Compared)
      return std::nullopt;
    Greatest = std::max(Greatest, *Compared);
  }
  for (const KeepRule &Rule : Metadata.KeepRules)
    for (const Condition &C : Rule)
      if (C.Feature == Feature)
        Greatest = std::max(Greatest, static_cast<float>(C.Value));
  return Greatest;
}

Expected<std::unique_ptr<Predictor>> Model::loadNative() const {
  if (const TreeEnsemble *Compiled = findCompiledTrees(File->getBuffer()))
    return std::make_unique<TreePredictor>(*Compiled);
  Expected<TreeLists> Trees =
      readOnnxTrees(File->getBuffer(), Metadata.Features.size());
  if (!Trees)
    return Trees.takeError();
  return std::make_unique<TreePredictor>(std::move(*Trees));
}

Expected<std::unique_ptr<Predictor>> Model::loadOnnxRuntime() const {
  Expected<const OrtLibrary *> Library = getOrtLibrary(Choice.OnnxRuntimePath);
  if (!Library)
    return Library.takeError();
  auto Session = OrtPredictor::create(File->getBuffer(),
                                      Metadata.Features.size(), **Library);
  if (!Session)
    return unusable(Session.takeError());
  return std::move(*Session);
}

Expected<std::unique_ptr<Predictor>> Model::loadChosen() const {
  if (Choice.Which == Runtime::OnnxRuntime)
    return loadOnnxRuntime();
  Expected<std::unique_ptr<Predictor>> Native = loadNative();
  if (Native)
    return Native;
  Error Why = Native.takeError();
  if (!Why.isA<NotUnderstood>())
    return unusable(std::move(Why));
  if (Choice.Which == Runtime::Native)
    return unusable(createStringError(
        "the native runtime cannot evaluate it: " + toString(std::move(Why))));
  consumeError(std::move(Why));
  return loadOnnxRuntime();
}

Error Model::unusable(Error Why) const {
  return unusableModel(Path, toString(std::move(Why)));
}

Expected<Model *> Model::open(StringRef Path, const FeatureSchema &Schema,
                              const RuntimeChoice &Choice) {
  static std::mutex Mutex;
  // Never destroyed: other threads may still be deciding while a process ends.
  static auto &Models = *new StringMap<std::unique_ptr<Model>>;
  std::lock_guard<std::mutex> Lock(Mutex);
  // A file that was written anew is another model.
  sys::fs::file_status Status;
  if (std::error_code Code = sys::fs::status(Path, Status))
    return unusableModel(Path, Code.message());
  const std::string Key =
      formatv("{0}\n{1}\n{2}\n{3}\n{4}\n{5}", Path, int(Choice.Which),
              Choice.OnnxRuntimePath, &Schema, Status.getSize(),
              Status.getLastModificationTime().time_since_epoch().count());
  if (auto It = Models.find(Key); It != Models.end())
    return It->second.get();
  auto Bytes = MemoryBuffer::getFile(Path, /*IsText=*/false,
                                     /*RequiresNullTerminator=*/false,
                                     /*IsVolatile=*/true);
  if (!Bytes)
    return unusableModel(Path, Bytes.getError().message());
  Expected<ModelMetadata> Metadata =
      readOnnxMetadata((*Bytes)->getBuffer(), Schema);
  if (!Metadata)
    return unusableModel(Path, toString(Metadata.takeError()));
  auto &Slot = Models[Key];
  Slot.reset(
      new Model(Path.str(), std::move(*Metadata), std::move(*Bytes), Choice));
  return Slot.get();
}

} // namespace fastir
