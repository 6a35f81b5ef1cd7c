"""lit tests of the plugin on stock opt, clang, lld and rustc; `make test` runs them."""

import os
import shutil
import subprocess
import sys

import lit.formats

from fastir_train.runtime import toolchain

config.name = "Fastir"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = {".ll", ".c", ".rs", ".test"}
config.excludes = {"Inputs"}
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.test_source_root, "..", "..", "build", "lit")

# What the caller has set must not leak into tests.
for name in [name for name in config.environment if name.startswith("FASTIR_")]:
    del config.environment[name]

plugin = str(toolchain.plugin_path())
inputs = os.path.join(config.test_source_root, "Inputs")
config.substitutions += [
    ("%plugin", plugin),
    ("%opt", f"opt-22 -load-pass-plugin={plugin}"),
    ("%clang", f"clang-22 -fpass-plugin={plugin}"),
    ("%stock-clang", "clang-22"),
    ("%stock-opt", "opt-22"),
    ("%FileCheck", "FileCheck-22"),
    ("%make-model", f"{sys.executable} {os.path.join(inputs, 'make_model.py')}"),
    ("%make-network", f"{sys.executable} {os.path.join(inputs, 'make_network.py')}"),
    ("%show-log", f"{sys.executable} {os.path.join(inputs, 'show_log.py')}"),
    ("%inputs", inputs),
]
config.environment["PATH"] = os.environ["PATH"]
for name in ("HOME", "CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN"):
    if name in os.environ:
        config.environment[name] = os.environ[name]
# A rustc that carries another LLVM cannot load the plugin.
if shutil.which("rustc"):
    version = subprocess.run(["rustc", "-vV"], capture_output=True, text=True, check=False).stdout
    if f"LLVM version: {toolchain.LLVM_MAJOR}." in version:
        config.available_features.add("rustc-llvm-22")
# `lit --param runtime=onnxruntime` runs every test with what else evaluates models.
if "runtime" in lit_config.params:
    config.environment["FASTIR_RUNTIME"] = lit_config.params["runtime"]
