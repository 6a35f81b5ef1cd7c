//===- CallGraph.cpp - A row a call site ----------------------------------===//

#include "extract/CallSites.h"
#include "extract/FunctionGraph.h"
#include "extract/Table.h"

#include "llvm/IR/GlobalAlias.h"
#include "llvm/IR/Instructions.h"

using namespace llvm;

namespace fastir {

namespace {

struct EdgeView {
  StringRef Module;
  const CallSite &Site;
  const FunctionNode &Caller;
  const FunctionNode *Callee; ///< null unless the module defines it
};
using View = const EdgeView &;

const GlobalAlias *calledAlias(View V) {
  return dyn_cast<GlobalAlias>(V.Site.CB.getCalledOperand());
}

StringRef module(View V) { return V.Module; }
StringRef caller(View V) { return V.Caller.F->getName(); }
std::optional<StringRef> callee(View V) {
  if (const Function *F = V.Site.CB.getCalledFunction())
    return F->getName();
  if (const GlobalAlias *Alias = calledAlias(V))
    return Alias->getName();
  return std::nullopt;
}
int64_t call_site(View V) { return V.Site.Number; }
int64_t block(View V) { return V.Site.Block; }
StringRef kind(View V) {
  if (V.Site.CB.isInlineAsm())
    return "asm";
  if (V.Site.CB.getCalledFunction())
    return "direct";
  return calledAlias(V) ? "alias" : "indirect";
}
bool is_invoke(View V) { return isa<InvokeInst>(V.Site.CB); }
bool is_callee_defined(View V) { return V.Callee; }
bool is_recursive(View V) { return V.Callee && V.Callee->Scc == V.Caller.Scc; }
int64_t caller_scc(View V) { return V.Caller.Scc; }
std::optional<int64_t> callee_scc(View V) {
  return V.Callee ? std::optional(V.Callee->Scc) : std::nullopt;
}
int64_t caller_height(View V) { return V.Caller.Height; }
std::optional<int64_t> callee_height(View V) {
  return V.Callee ? std::optional(V.Callee->Height) : std::nullopt;
}

std::vector<ColumnInfo> columns() {
  std::vector<ColumnInfo> Schema;
#include "extract/PushColumns.inc"

#include "extract/CallGraph.def"
  return Schema;
}

Error fill(Module &M, const Task &T, Frame &Rows) {
  const FunctionGraph Graph(M);
  forEachCallSite(M, [&](const CallSite &Site) {
    const EdgeView V{T.Name, Site, *Graph.find(Site.CB.getCaller()),
                     Graph.find(Site.CB.getCalledFunction())};
#define FASTIR_COLUMN(NAME, TYPE, UNIT, DOC, SOURCE) Rows.add(NAME(V));
#include "extract/CallGraph.def"
  });
  return Error::success();
}

} // namespace

Table callGraphTable() {
  return {"call_graph",
          "a row a call site: an edge, with SCC and height of both ends",
          columns(), fill};
}

} // namespace fastir
