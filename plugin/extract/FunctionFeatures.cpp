//===- FunctionFeatures.cpp - A row a defined function --------------------===//

#include "extract/FunctionGraph.h"
#include "extract/InstructionCounts.h"
#include "extract/LoopCounts.h"
#include "extract/Table.h"
#include "inline/features/CallCensus.h"
#include "ir/BodyHash.h"

#include "llvm/Analysis/FunctionPropertiesAnalysis.h"
#include "llvm/IR/Attributes.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/StructuralHash.h"
#include "llvm/Support/CommandLine.h"

#include <mutex>

using namespace llvm;

namespace fastir {

namespace {

struct FunctionView {
  StringRef Module;
  const Function &F;
  const FunctionNode &Node;
  LoopCounts Loops;
  CalleeUses Uses;
};
using View = const FunctionView &;

StringRef linkageName(GlobalValue::LinkageTypes Linkage) {
  switch (Linkage) {
  case GlobalValue::ExternalLinkage:
    return "external";
  case GlobalValue::AvailableExternallyLinkage:
    return "available_externally";
  case GlobalValue::LinkOnceAnyLinkage:
    return "linkonce";
  case GlobalValue::LinkOnceODRLinkage:
    return "linkonce_odr";
  case GlobalValue::WeakAnyLinkage:
    return "weak";
  case GlobalValue::WeakODRLinkage:
    return "weak_odr";
  case GlobalValue::AppendingLinkage:
    return "appending";
  case GlobalValue::InternalLinkage:
    return "internal";
  case GlobalValue::PrivateLinkage:
    return "private";
  case GlobalValue::ExternalWeakLinkage:
    return "extern_weak";
  case GlobalValue::CommonLinkage:
    return "common";
  }
  llvm_unreachable("covered switch");
}

StringRef visibilityName(GlobalValue::VisibilityTypes Visibility) {
  switch (Visibility) {
  case GlobalValue::DefaultVisibility:
    return "default";
  case GlobalValue::HiddenVisibility:
    return "hidden";
  case GlobalValue::ProtectedVisibility:
    return "protected";
  }
  llvm_unreachable("covered switch");
}

std::string enumAttributes(const Function &F) {
  std::string Result;
  for (const Attribute &A : F.getAttributes().getFnAttrs()) {
    if (A.isStringAttribute())
      continue;
    if (!Result.empty())
      Result += ' ';
    Result += A.getAsString();
  }
  return Result;
}

bool carries(View V, Attribute::AttrKind Kind) {
  return V.F.hasFnAttribute(Kind);
}

StringRef module(View V) { return V.Module; }
StringRef function(View V) { return V.F.getName(); }
StringRef linkage(View V) { return linkageName(V.F.getLinkage()); }
StringRef visibility(View V) { return visibilityName(V.F.getVisibility()); }
std::optional<StringRef> comdat(View V) {
  if (const Comdat *Group = V.F.getComdat())
    return Group->getName();
  return std::nullopt;
}
std::optional<StringRef> section(View V) {
  if (V.F.hasSection())
    return V.F.getSection();
  return std::nullopt;
}
int64_t calling_convention(View V) { return V.F.getCallingConv(); }
std::string attributes(View V) { return enumAttributes(V.F); }
bool is_minsize(View V) { return V.F.hasMinSize(); }
bool is_optsize(View V) { return V.F.hasOptSize(); }
bool is_always_inline(View V) { return carries(V, Attribute::AlwaysInline); }
bool is_no_inline(View V) { return carries(V, Attribute::NoInline); }
bool has_inline_hint(View V) { return carries(V, Attribute::InlineHint); }
bool is_nounwind(View V) { return V.F.doesNotThrow(); }
bool is_noreturn(View V) { return V.F.doesNotReturn(); }
bool is_cold(View V) { return carries(V, Attribute::Cold); }
int64_t structural_hash(View V) {
  return static_cast<int64_t>(StructuralHash(V.F, /*DetailedHash=*/true));
}
int64_t body_hash(View V) { return static_cast<int64_t>(bodyHash(V.F)); }
bool is_local(View V) { return V.F.hasLocalLinkage(); }
bool is_var_arg(View V) { return V.F.isVarArg(); }
bool is_address_taken(View V) { return V.Uses.IsAddressTaken; }
int64_t argument_count(View V) { return V.F.arg_size(); }
int64_t call_site_count(View V) { return V.Uses.CallSites; }
bool is_recursive(View V) { return V.Node.IsRecursive; }
int64_t scc(View V) { return V.Node.Scc; }
int64_t scc_size(View V) { return V.Node.SccSize; }
int64_t height(View V) { return V.Node.Height; }
int64_t block_count(View V) { return V.F.size(); }
int64_t loop_count(View V) { return V.Loops.All; }
int64_t top_level_loop_count(View V) { return V.Loops.TopLevel; }
int64_t max_loop_depth(View V) { return V.Loops.MaxDepth; }

std::vector<ColumnInfo> columns() {
  std::vector<ColumnInfo> Schema;
#include "extract/PushColumns.inc"

#include "extract/FunctionFeatures.def"
  addCountColumns(Schema);
#define FASTIR_PROPERTY(NAME, UNIT, DOC)                                       \
  Schema.push_back({#NAME, ColumnType::Int64, false, UNIT, DOC,                \
                    "llvm::FunctionPropertiesInfo, print<func-properties>"});
#include "extract/FunctionProperties.def"
  return Schema;
}

/// LLVM counts most properties only under an option of its own.
void enableDetailedProperties() {
  static std::once_flag Once;
  std::call_once(Once, [] {
    cl::Option *Option = cl::getRegisteredOptions().lookup(
        "enable-detailed-function-properties");
    if (Option)
      static_cast<cl::opt<bool> *>(Option)->setValue(true);
  });
}

Error fill(Module &M, const Task &T, Frame &Rows) {
  enableDetailedProperties();
  const FunctionGraph Graph(M);
  for (Function &F : M) {
    if (F.isDeclaration())
      continue;
    const DominatorTree DT(F);
    const LoopInfo LI(DT);
    const FunctionView V{T.Name, F, *Graph.find(&F), LoopCounts(LI),
                         walkUses(F, F)};
#define FASTIR_COLUMN(NAME, TYPE, UNIT, DOC, SOURCE) Rows.add(NAME(V));
#include "extract/FunctionFeatures.def"
    InstructionCounts Counts;
    for (const BasicBlock &BB : F)
      Counts += InstructionCounts(BB);
    addCounts(Counts, Rows);
    const auto Properties = FunctionPropertiesInfo::getFunctionPropertiesInfo(
        F, DT, LI, /*Vocabulary=*/nullptr);
#define FASTIR_PROPERTY(NAME, UNIT, DOC) Rows.add(Properties.NAME);
#include "extract/FunctionProperties.def"
  }
  return Error::success();
}

} // namespace

Table functionFeaturesTable() {
  return {"function_features", "a row a defined function", columns(), fill};
}

} // namespace fastir
