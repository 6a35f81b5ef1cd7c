//===- Variants.h - Many compiles that share their beginnings ---*- C++ -*-===//

#ifndef FASTIR_VARIANTS_VARIANTS_H
#define FASTIR_VARIANTS_VARIANTS_H

#include "engine/Engine.h"

namespace fastir {

/// A compile whose decisions differ from a base compile's.
struct Variant {
  uint32_t First; ///< number of the base's decision from which it may differ
  std::vector<SiteDecision> Decisions; ///< in place of the base's own
};

/// Compiles \p Request, whose Sites must advise all of its decisions as in
/// \p Base, which must have recorded them and kept its state, and at each
/// variant's first decision goes on as that variant in a process of its own.
/// Results come in the order of \p Variants, with decisions (without features),
/// pieces, and what is known of the base. A variant whose process dies, or
/// takes too long, has an error.
llvm::Expected<std::vector<llvm::Expected<CompileResult>>>
compileVariants(const CompileRequest &Request, const CompileResult &Base,
                llvm::ArrayRef<Variant> Variants);

} // namespace fastir

#endif // FASTIR_VARIANTS_VARIANTS_H
