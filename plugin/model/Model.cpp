//===- Model.cpp - A model file, of whatever kind -------------------------===//

#include "model/Model.h"
#include "model/OnnxMetadata.h"
#include "model/OnnxModel.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"

#include <mutex>

using namespace llvm;

namespace fastir {

static Error unusableModel(StringRef Path, const Twine &Why) {
  return createStringError("cannot use model '" + Path + "': " + Why);
}

Error Model::unusable(Error Why) const {
  return unusableModel(Path, toString(std::move(Why)));
}

Expected<Model *> Model::open(StringRef Path, const FeatureSchema &Schema,
                              StringRef OnnxRuntimePath) {
  static std::mutex Mutex;
  // Never destroyed: other threads may still be deciding while a process ends.
  static auto &Models = *new StringMap<std::unique_ptr<Model>>;
  std::lock_guard<std::mutex> Lock(Mutex);
  // A file that was written anew is another model.
  sys::fs::file_status Status;
  if (std::error_code Code = sys::fs::status(Path, Status))
    return unusableModel(Path, Code.message());
  const std::string Key =
      formatv("{0}\n{1}\n{2}\n{3}\n{4}", Path, OnnxRuntimePath, &Schema,
              Status.getSize(),
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
  Slot = std::make_unique<OnnxModel>(Path.str(), std::move(*Metadata),
                                     std::move(*Bytes), OnnxRuntimePath.str());
  return Slot.get();
}

} // namespace fastir
