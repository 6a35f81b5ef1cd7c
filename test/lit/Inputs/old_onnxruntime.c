// Stands in for an ONNX Runtime that knows no API version of ours.
#include <stdint.h>

static const void *getApi(uint32_t Version) { return 0; }
static const char *getVersionString(void) { return "1.2.0"; }

static const struct {
  const void *(*GetApi)(uint32_t);
  const char *(*GetVersionString)(void);
} Base = {getApi, getVersionString};

const void *OrtGetApiBase(void) { return &Base; }
