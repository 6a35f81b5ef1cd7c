//===- ModuleGrowth.h - By how much inlining has grown a module -*- C++ -*-===//

#ifndef FASTIR_INLINE_MODULEGROWTH_H
#define FASTIR_INLINE_MODULEGROWTH_H

#include <cstdint>

namespace fastir {

/// The account that llvm::MLInlineAdvisor keeps: past LLVM's own bound for
/// learned policies, the option -ml-advisor-size-increase-threshold, its
/// heuristic decides on the rest of the module.
class ModuleGrowth {
public:
  /// \p Initial instructions before inlining, as reachedSize() counts them.
  explicit ModuleGrowth(int64_t Initial);

  /// A call was inlined.
  void add(int64_t Instructions) {
    Current += Instructions;
    // As LLVM compares them; what was exhausted once, stays so.
    IsExhausted |=
        static_cast<float>(Current) > Factor * static_cast<float>(Initial);
  }

  bool isExhausted() const { return IsExhausted; }

private:
  const float Factor;
  const int64_t Initial;
  int64_t Current;
  bool IsExhausted = false;
};

} // namespace fastir

#endif // FASTIR_INLINE_MODULEGROWTH_H
