//===- Policy.h - Who decides -----------------------------------*- C++ -*-===//

#ifndef FASTIR_DECISION_POLICY_H
#define FASTIR_DECISION_POLICY_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

namespace fastir {

/// Who decides.
enum class Policy {
  Model,  ///< the models, in functions that they are meant for; LLVM elsewhere
  Llvm,   ///< LLVM's own heuristic
  Always, ///< inline wherever that is legal, until the module has doubled
  Never,  ///< inline nothing but what must be
};

/// The policy of that name; the error lists the names there are.
llvm::Expected<Policy> parsePolicy(llvm::StringRef Name);

} // namespace fastir

#endif // FASTIR_DECISION_POLICY_H
