// Stands in for an ONNX Runtime that is too old; its version says what it was
// asked about telemetry before it started.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static const char *value(const char *Name) {
  const char *Set = getenv(Name);
  return Set ? Set : "not set";
}

static const void *getApi(uint32_t Version) { return 0; }

static const char *getVersionString(void) {
  static char Text[100];
  snprintf(Text, sizeof Text, "%s and %s", value("ORT_DISABLE_TELEMETRY"),
           value("ORT_TELEMETRY_DISABLED"));
  return Text;
}

static const struct {
  const void *(*GetApi)(uint32_t);
  const char *(*GetVersionString)(void);
} Base = {getApi, getVersionString};

const void *OrtGetApiBase(void) { return &Base; }
