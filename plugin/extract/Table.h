//===- Table.h - What can be made of a module, as tables --------*- C++ -*-===//
//
// A table has a schema and a function that fills it from one module. Rust and
// Python learn of it from here; CONTRIBUTING.md explains how to add one.
//
//===----------------------------------------------------------------------===//

#ifndef FASTIR_EXTRACT_TABLE_H
#define FASTIR_EXTRACT_TABLE_H

#include "decision/Policy.h"
#include "frame/Frame.h"
#include "ir/ModuleReader.h"

#include "llvm/IR/Module.h"
#include "llvm/Support/Error.h"

namespace fastir {

/// What to make of one module. Which members count depends on the table.
struct Task {
  llvm::StringRef Table;
  llvm::StringRef Source; ///< see findModule()
  llvm::StringRef Name;   ///< what the module is called in rows and errors
  llvm::StringRef Passes; ///< in the language of opt's -passes=
  llvm::StringRef Level;  ///< O1, O2, O3, Os or Oz; may be empty
  Policy Who = Policy::Llvm;
  llvm::StringRef ModelPath;
  llvm::StringRef OnnxRuntimePath;
  bool Verify = false; ///< whatever the table would have verified
};

/// Which modules LLVM's verifier sees before a table is made of them. It takes
/// nearly as long as reading bitcode, whose reader has checks of its own.
enum class Verification {
  Nothing, ///< invalid modules are what the table is about
  Text,    ///< textual IR, which people write; for tables that only count
  All,     ///< for what runs passes or analyses
};

/// Fills a table from the defined functions of a module, one after the other.
/// A body is there while it is visited, and need not be before or after: so no
/// more than one is ever in memory.
class FunctionVisitor {
public:
  virtual ~FunctionVisitor() = default;
  virtual void visit(llvm::Function &F) = 0;
  virtual void finish(const llvm::Module &M) {}
};

struct Table {
  llvm::StringRef Name;
  llvm::StringRef Doc;
  std::vector<ColumnInfo> Columns;
  /// Fills the table from a whole module; null if a visitor does.
  llvm::Error (*Fill)(llvm::Module &M, const Task &T, Frame &Rows);
  ValueNames Names = ValueNames::Discard;
  Verification Verified = Verification::Text;
  std::unique_ptr<FunctionVisitor> (*MakeVisitor)(const Task &T,
                                                  Frame &Rows) = nullptr;
};

/// For Table::MakeVisitor.
template <typename Visitor>
std::unique_ptr<FunctionVisitor> makeVisitor(const Task &T, Frame &Rows) {
  return std::make_unique<Visitor>(T, Rows);
}

/// All tables there are.
llvm::ArrayRef<Table> tables();

/// The table of that name; null if there is none.
const Table *findTable(llvm::StringRef Name);

// One a file of this folder.
Table blockFeaturesTable();
Table functionFeaturesTable();
Table moduleFeaturesTable();
Table inliningFeaturesTable();
Table instCountTable();
Table autophaseTable();
Table callGraphTable();
Table objectSizeTable();

// Transforms.cpp
Table irTable();
Table bitcodeTable();
Table verifyTable();
Table passesTable();
Table optimizeTable();

} // namespace fastir

#endif // FASTIR_EXTRACT_TABLE_H
