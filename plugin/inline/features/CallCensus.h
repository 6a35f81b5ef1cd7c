//===- CallCensus.h - Who calls whom in a module ----------------*- C++ -*-===//
//
// The use list of a function has all of its calls, but a walk over it takes
// time that grows with the module. Here each instruction counts once, when it
// is added.
//
//===----------------------------------------------------------------------===//

#ifndef FASTIR_INLINE_FEATURES_CALLCENSUS_H
#define FASTIR_INLINE_FEATURES_CALLCENSUS_H

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/IR/Module.h"

#include <cstdint>
#include <utility>

namespace fastir {

/// Whether the next instruction after \p I returns.
bool isBeforeReturn(const llvm::Instruction &I);

/// How a callee is used in the module.
struct CalleeUses {
  int64_t CallSites = 0; ///< direct calls
  int64_t CallSitesInCaller = 0;
  int64_t Callers = 0;
  int64_t Arguments = 0;
  int64_t ConstantArguments = 0;
  int64_t SitesEndingInReturn = 0;
  int64_t Invokes = 0;
  bool IsAddressTaken = false; ///< used other than by direct calls

  friend bool operator==(const CalleeUses &A, const CalleeUses &B);
};

/// How \p Callee is used, and how often it is called in \p Caller, by a walk
/// over its use list.
CalleeUses walkUses(const llvm::Function &Callee, const llvm::Function &Caller);

/// The calls of a module's functions. Instructions are added by whoever walks
/// over them; uses by constants are those of when the census was begun.
class CallCensus {
public:
  explicit CallCensus(const llvm::Module &M);

  /// Adds the uses that \p I makes of functions, or takes them away where
  /// \p Sign is -1.
  void add(const llvm::Instruction &I, int32_t Sign);
  /// The same for the operand \p U of \p I alone.
  void add(const llvm::Instruction &I, const llvm::Use &U, int32_t Sign);

  /// Takes away all that was added of the instructions in \p Caller, which is
  /// not looked at: it may be gone.
  void forget(const llvm::Function *Caller);

  /// Takes away all uses of \p Callee, which is gone.
  void forgetCallee(const llvm::Function *Callee);

  /// The functions that \p Caller uses.
  llvm::SmallVector<const llvm::Function *, 8>
  calleesOf(const llvm::Function &Caller) const;

  /// How \p Callee is used, and how often it is called in \p Caller.
  CalleeUses get(const llvm::Function &Callee,
                 const llvm::Function &Caller) const;

private:
  struct Totals {
    int32_t CallSites = 0;
    int32_t Arguments = 0;
    int32_t ConstantArguments = 0;
    int32_t SitesEndingInReturn = 0;
    int32_t Invokes = 0;
    int32_t OtherUses = 0;
    void add(const Totals &Other, int32_t Sign);
  };
  struct Callee {
    Totals All;
    int64_t Callers = 0;
    bool IsUsedByConstants = false;
  };
  using FunctionPair =
      std::pair<const llvm::Function *, const llvm::Function *>;
  void addInside(const llvm::Function *Caller, const llvm::Value *Operand,
                 int32_t Sign);
  void add(const llvm::Function *Caller, const llvm::Function *Callee,
           const Totals &Uses, int32_t Sign);

  llvm::DenseMap<const llvm::Function *, Callee> Callees;
  /// One table for all callers: most have few callees, and a table of its own
  /// for each would be mostly empty.
  llvm::DenseMap<FunctionPair, Totals> ByCallerAndCallee;
  /// The callees of each caller in ByCallerAndCallee.
  llvm::DenseMap<const llvm::Function *,
                 llvm::SmallVector<const llvm::Function *, 2>>
      CalleesByCaller;
};

} // namespace fastir

#endif // FASTIR_INLINE_FEATURES_CALLCENSUS_H
