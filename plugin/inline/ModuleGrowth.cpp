//===- ModuleGrowth.cpp - By how much inlining has grown a module ---------===//

#include "inline/ModuleGrowth.h"

#include "llvm/Support/CommandLine.h"

using namespace llvm;

namespace fastir {

static float readFactor() {
  cl::Option *Option =
      cl::getRegisteredOptions().lookup("ml-advisor-size-increase-threshold");
  return Option ? static_cast<cl::opt<float> *>(Option)->getValue() : 2;
}

ModuleGrowth::ModuleGrowth(int64_t Initial)
    : Factor(readFactor()), Initial(Initial), Current(Initial) {}

} // namespace fastir
