//===- AdvisorConfig.cpp - What an advisor is asked to do -----------------===//

#include "inline/AdvisorConfig.h"
#include "model/Model.h"

using namespace llvm;

namespace fastir {

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
