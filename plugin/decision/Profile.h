//===- Profile.h - Tuned decisions, as a project keeps them -----*- C++ -*-===//
//
// A text file that `fastir tune` writes and a project keeps beside its sources.
// Its lines have fields with tabs between them. It begins with
//
//   fastir-profile  2           the format
//   llvm            22          LLVM's major version
//   objective       size
//   level           Oz
//   target          x86_64-pc-linux-gnu
//   model           SHA-256     of the model that decides on all other calls
//
// and ends with a line `end`. Between are, sorted,
//
//   module    PATH      PHASE  POLICY    what follows is for this module, in
//                                        which otherwise POLICY decides: model
//                                        or llvm
//   function  CALLER    HASH             what follows is for this caller, as
//                                        long as its body has this hash
//   inline    CALLEE    OCCURRENCE       or `leave`: the decision on a call
//
// PATH is relative to the project's root: a module matches if its source's path
// ends with it. PHASE is that of BuildPhase.h. The occurrence is that of
// SiteAdvice.h. The hash is that of BodyHash.h, of the function as it is before
// optimisation. Names are escaped as in EscapedName.h, without the suffix that
// LLVM adds to local functions that other modules import
// (llvm::get_stable_name).
//
//===----------------------------------------------------------------------===//

#ifndef FASTIR_DECISION_PROFILE_H
#define FASTIR_DECISION_PROFILE_H

#include "decision/Policy.h"
#include "decision/SiteAdvice.h"

#include "llvm/IR/Module.h"
#include "llvm/Pass.h"
#include "llvm/Passes/OptimizationLevel.h"
#include "llvm/Support/MemoryBuffer.h"

#include <memory>
#include <optional>

namespace fastir {

/// What a profile says of one module.
struct ModuleProfile {
  Policy Who = Policy::Model;
  SiteAdvice Advice;
  size_t Stale = 0; ///< decisions that are left out: their caller has changed
  size_t Total = 0; ///< decisions, stale ones among them
};

class Profile {
public:
  /// Reads the profile in the file \p Path.
  static llvm::Expected<Profile> read(llvm::StringRef Path);

  /// What it says of \p M as it is before optimisation; nothing if it does not
  /// know the module. \p Level is the one at which it is compiled, where that
  /// is known. Fails if the profile is for another target.
  llvm::Expected<std::optional<ModuleProfile>>
  find(const llvm::Module &M, llvm::ThinOrFullLTOPhase Phase,
       std::optional<llvm::OptimizationLevel> Level) const;

private:
  /// A module's lines: where they are in the file.
  struct Section {
    size_t FirstLine;
    llvm::StringRef Policy;
    llvm::StringRef Text;
  };

  Profile(std::unique_ptr<llvm::MemoryBuffer> File) : File(std::move(File)) {}

  llvm::Error parse();
  llvm::Expected<ModuleProfile> parse(const Section &Found,
                                      const llvm::Module &M) const;
  llvm::Error wrong(size_t LineNumber, const llvm::Twine &What) const;

  std::unique_ptr<llvm::MemoryBuffer> File;
  llvm::StringMap<llvm::StringRef> Header;
  llvm::StringMap<Section> Sections; ///< by PATH, tab and PHASE
};

} // namespace fastir

#endif // FASTIR_DECISION_PROFILE_H
