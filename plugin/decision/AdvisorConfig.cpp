//===- AdvisorConfig.cpp - What an advisor is asked to do -----------------===//

#include "decision/AdvisorConfig.h"
#include "model/Model.h"

#include "llvm/ADT/StringSwitch.h"

using namespace llvm;

namespace fastir {

Expected<Policy> parsePolicy(StringRef Name) {
  auto Result = StringSwitch<std::optional<Policy>>(Name)
                    .Case("model", Policy::Model)
                    .Case("llvm", Policy::Llvm)
                    .Case("always", Policy::Always)
                    .Case("never", Policy::Never)
                    .Default(std::nullopt);
  if (Result)
    return *Result;
  return createStringError("unknown policy '" + Name +
                           "'; it is one of model, llvm, always, never");
}

static bool isIn(ModelDomain Domain, const Function &F) {
  switch (Domain) {
  case ModelDomain::MinSize:
    return F.hasMinSize();
  case ModelDomain::OptSize:
    return F.hasOptSize() && !F.hasMinSize();
  case ModelDomain::All:
    return true;
  }
  llvm_unreachable("covered switch");
}

Model *AdvisorConfig::modelFor(const Function &Caller) const {
  for (Model *Model : Models)
    if (isIn(Model->metadata().Domain, Caller))
      return Model;
  return nullptr;
}

bool AdvisorConfig::decidesIn(const Function &Caller) const {
  switch (Who) {
  case Policy::Model:
    return modelFor(Caller) != nullptr;
  case Policy::Llvm:
    return false;
  case Policy::Always:
  case Policy::Never:
    return true;
  }
  llvm_unreachable("covered switch");
}

} // namespace fastir
