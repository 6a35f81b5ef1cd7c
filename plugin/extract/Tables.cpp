//===- Tables.cpp - The list of tables ------------------------------------===//

#include "extract/Table.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace fastir {

ArrayRef<Table> tables() {
  static const std::vector<Table> All = {
      inliningFeaturesTable(), blockFeaturesTable(), functionFeaturesTable(),
      moduleFeaturesTable(),   instCountTable(),     autophaseTable(),
      callGraphTable(),        objectSizeTable(),    irTable(),
      bitcodeTable(),          verifyTable(),        passesTable(),
      optimizeTable(),
  };
  return All;
}

const Table *findTable(StringRef Name) {
  const Table *Found =
      find_if(tables(), [&](const Table &T) { return T.Name == Name; });
  return Found == tables().end() ? nullptr : Found;
}

} // namespace fastir
