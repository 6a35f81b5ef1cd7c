//===- LogFile.h - One file that several modules log to ---------*- C++ -*-===//
//
// A link by ThinLTO, or rustc, logs many modules to one file, in the order in
// which its threads finish them, and no host says which is the last. So a
// module's observations are appended at once: the file has everything whatever
// way the process ends, and each module is written once. When the process ends,
// the modules are put in the order of their names, so that the file does not
// depend on threads. Only a process that was killed leaves them as they came.
//
//===----------------------------------------------------------------------===//

#ifndef FASTIR_DECISION_LOGFILE_H
#define FASTIR_DECISION_LOGFILE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

namespace fastir {

/// Adds what one module logged, a header line and observations, to the file
/// \p Path. The first of a process replaces the file. Thread-safe.
llvm::Error addToLogFile(llvm::StringRef Path, llvm::StringRef ModuleName,
                         llvm::StringRef Text);

} // namespace fastir

#endif // FASTIR_DECISION_LOGFILE_H
