//===- Transforms.cpp - Tables whose rows hold a whole module -------------===//

#include "engine/Compiler.h"
#include "extract/Table.h"
#include "ir/Pipeline.h"

using namespace llvm;

namespace fastir {

namespace {

const ColumnInfo ModuleColumn = {
    "module", ColumnType::String,          false,
    "",       "what the module is called", "the caller"};

std::vector<ColumnInfo> bitcodeColumns(const char *Doc) {
  return {ModuleColumn,
          {"bitcode", ColumnType::Binary, false, "", Doc,
           "llvm::WriteBitcodeToFile"}};
}

void addBitcode(const Module &M, const Task &T, Frame &Rows) {
  Rows.add(T.Name);
  Rows.add(writeBitcode(M, UseListOrder::Keep));
}

Error fillIr(Module &M, const Task &T, Frame &Rows) {
  std::string Text;
  raw_string_ostream OS(Text);
  M.print(OS, /*AAW=*/nullptr);
  Rows.add(T.Name);
  Rows.add(Text);
  return Error::success();
}

Error fillBitcode(Module &M, const Task &T, Frame &Rows) {
  addBitcode(M, T, Rows);
  return Error::success();
}

Error fillVerify(Module &M, const Task &T, Frame &Rows) {
  Error Problem = verify(M);
  const bool IsValid = !Problem;
  Rows.add(T.Name);
  Rows.add(IsValid);
  if (IsValid)
    Rows.addNull();
  else
    Rows.add(toString(std::move(Problem)));
  return Error::success();
}

Error fillPasses(Module &M, const Task &T, Frame &Rows) {
  if (Error E = runPasses(M, T.Passes))
    return E;
  addBitcode(M, T, Rows);
  return Error::success();
}

Error fillOptimize(Module &M, const Task &T, Frame &Rows) {
  Expected<OptimizationLevel> Level = parseLevel(T.Level);
  if (!Level)
    return Level.takeError();
  auto Machine = createTargetFor(M, *Level);
  if (!Machine)
    return Machine.takeError();
  auto Config = configure(T.Who, T.ModelPath, T.OnnxRuntimePath);
  if (!Config)
    return Config.takeError();
  optimise(M, **Machine, *Level, *Config);
  addBitcode(M, T, Rows);
  return Error::success();
}

} // namespace

Table irTable() {
  return {"to_ir",
          "a row a module: its textual IR",
          {ModuleColumn,
           {"ir", ColumnType::String, false, "", "textual IR",
            "llvm::Module::print"}},
          fillIr,
          ValueNames::Keep};
}

Table bitcodeTable() {
  return {"to_bitcode", "a row a module: its bitcode",
          bitcodeColumns("bitcode"), fillBitcode, ValueNames::Keep};
}

Table verifyTable() {
  return {"verify",
          "a row a module: what LLVM's verifier says of it",
          {ModuleColumn,
           {"is_valid", ColumnType::Boolean, false, "boolean",
            "the verifier finds nothing", "llvm::verifyModule"},
           {"message", ColumnType::String, true, "",
            "what the verifier finds; null if nothing", "llvm::verifyModule"}},
          fillVerify,
          ValueNames::Keep,
          Verification::Nothing};
}

Table passesTable() {
  return {"run_passes",
          "a row a module: bitcode behind a pass pipeline",
          bitcodeColumns("bitcode behind the passes"),
          fillPasses,
          ValueNames::Keep,
          Verification::All};
}

Table optimizeTable() {
  return {"optimize",
          "a row a module: bitcode optimised as clang would",
          bitcodeColumns("bitcode behind the optimisation"),
          fillOptimize,
          ValueNames::Keep,
          Verification::All};
}

} // namespace fastir
