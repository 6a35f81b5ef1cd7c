//===- Predictor.h - What evaluates a model ---------------------*- C++ -*-===//

#ifndef FASTIR_MODEL_PREDICTOR_H
#define FASTIR_MODEL_PREDICTOR_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/Error.h"

#include <optional>

namespace fastir {

/// The error of a graph whose \p What, its input or output, is of another type
/// than rows of \p Columns floats.
inline llvm::Error wrongShape(const char *What, size_t Columns) {
  return llvm::createStringError(llvm::Twine("its ") + What +
                                 " is not one float tensor of shape [N, " +
                                 llvm::Twine(Columns) + "]");
}

/// A loaded model. Threads may predict at once.
class Predictor {
public:
  virtual ~Predictor() = default;

  /// The prediction for one row of as many features as the model has. Errors
  /// do not name the file.
  virtual llvm::Expected<float>
  predict(llvm::MutableArrayRef<float> Row) const = 0;

  /// No prediction changes while the feature in \p Column is above this; none
  /// if that is not known.
  virtual std::optional<float> greatestCompared(size_t Column) const {
    return std::nullopt;
  }

  /// The runtime that it is of, as -fastir-runtime= names it.
  virtual llvm::StringRef runtime() const = 0;
};

} // namespace fastir

#endif // FASTIR_MODEL_PREDICTOR_H
