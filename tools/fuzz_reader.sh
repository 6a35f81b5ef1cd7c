#!/bin/sh
# Fuzzes the reader of trees with libFuzzer, from the shipped models and small
# ensembles, for SECONDS (600 unless told). What it finds stays in build/fuzz.
set -e
cd "$(dirname "$0")/.."
llvm=$(llvm-config-22 --prefix)
mkdir -p build/fuzz/corpus
"$llvm/bin/clang++" -std=c++17 -O1 -g -fno-exceptions -fno-rtti \
  -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined \
  -I plugin -isystem "$llvm/include" test/fuzz/read_onnx_trees.cpp \
  plugin/model/Onnx[GT]*.cpp plugin/model/Protobuf.cpp plugin/model/Tree*.cpp \
  -L "$llvm/lib" -lLLVM-22 -o build/fuzz/read_onnx_trees
cp models/*.onnx build/fuzz/corpus
.venv/bin/python test/fuzz/write_seeds.py build/fuzz/corpus
# One input may take 64 MB and five seconds.
exec build/fuzz/read_onnx_trees -max_total_time="${1:-600}" -max_len=300000 \
  -malloc_limit_mb=64 -timeout=5 -artifact_prefix=build/fuzz/ -print_final_stats=1 \
  build/fuzz/corpus
