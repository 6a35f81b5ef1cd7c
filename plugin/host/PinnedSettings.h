//===- PinnedSettings.h - The settings beside a pinned plugin ---*- C++ -*-===//
//
// Compiler caches see the path of a plugin and nothing else of it. A plugin
// that `fastir flags` copied has its settings in settings.json beside it; the
// folder's name is the start of that file's SHA-256, and the file names size
// and CRC-32 of the plugin and its models. So the path says all that decides
// (python/fastir_train/cli/pinned.py).
//
//===----------------------------------------------------------------------===//

#ifndef FASTIR_HOST_PINNEDSETTINGS_H
#define FASTIR_HOST_PINNEDSETTINGS_H

#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace fastir {

struct PinnedSettings {
  std::string Fingerprint;
  std::string Policy;
  std::string Runtime;             ///< auto, native or onnxruntime
  std::vector<std::string> Models; ///< paths; empty if the policy asks none
  std::string Profile;             ///< a path; empty if there is none
  bool StrictProfile = false;
  std::string OnnxRuntime; ///< a path; empty if the models do not need it
};

/// The settings of this plugin, read and checked once a process; null if it is
/// not pinned. Fails if a file is not as it was when the folder was made.
/// Thread-safe.
llvm::Expected<const PinnedSettings *> pinnedSettings();

} // namespace fastir

#endif // FASTIR_HOST_PINNEDSETTINGS_H
