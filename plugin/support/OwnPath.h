//===- OwnPath.h - Where our own shared object lies -------------*- C++ -*-===//

#ifndef FASTIR_SUPPORT_OWNPATH_H
#define FASTIR_SUPPORT_OWNPATH_H

#include <string>

namespace fastir {

/// The folder of the shared object that this code is linked into; empty if the
/// loader cannot tell.
std::string ownDirectory();

/// The name of that shared object in its folder; empty if the loader does
/// not know.
std::string ownName();

} // namespace fastir

#endif // FASTIR_SUPPORT_OWNPATH_H
