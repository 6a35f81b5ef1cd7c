// Collection keeps the module as it is before optimisation, with its source,
// target, level and phase, and changes nothing about the compile.
// RUN: rm -rf %t && mkdir -p %t
// RUN: %clang --target=x86_64-pc-linux-gnu -Oz -mllvm -fastir-policy=llvm -mllvm -fastir-collect=%t/collected -c %s -o %t/ours.o
// RUN: %stock-clang --target=x86_64-pc-linux-gnu -Oz -c %s -o %t/stock.o
// RUN: cmp %t/ours.o %t/stock.o
// RUN: cat %t/collected/collect.c-*.json | %FileCheck --check-prefix=FACTS %s
// RUN: %stock-clang --target=x86_64-pc-linux-gnu -Oz -Xclang -disable-llvm-passes -emit-llvm -c %s -o %t/expected.bc
// RUN: llvm-dis-22 %t/expected.bc -o %t/expected.ll
// RUN: llvm-dis-22 %t/collected/collect.c-*.bc -o %t/collected.ll
// RUN: diff -I '^; ModuleID' %t/expected.ll %t/collected.ll

// FACTS: {"source":"{{.*}}collect.c","directory":"/{{.*}}","target":"x86_64-pc-linux-gnu","level":"Oz","phase":"compile"}
static int twice(int x) { return 2 * x; }
int f(int x) { return twice(x) + twice(x + 1); }
