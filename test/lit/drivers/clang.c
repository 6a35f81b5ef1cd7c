// The plugin is consulted by clang at every level from -O1 on, and not at -O0.
// RUN: rm -rf %t && mkdir -p %t
// RUN: %clang -O1 -mllvm -fastir-policy=llvm -mllvm -fastir-log=%t/O1 -c %inputs/program.c -o %t/o
// RUN: %clang -O2 -mllvm -fastir-policy=llvm -mllvm -fastir-log=%t/O2 -c %inputs/program.c -o %t/o
// RUN: %clang -O3 -mllvm -fastir-policy=llvm -mllvm -fastir-log=%t/O3 -c %inputs/program.c -o %t/o
// RUN: %clang -Os -mllvm -fastir-policy=llvm -mllvm -fastir-log=%t/Os -c %inputs/program.c -o %t/o
// RUN: %clang -Oz -mllvm -fastir-policy=llvm -mllvm -fastir-log=%t/Oz -c %inputs/program.c -o %t/o
// RUN: %clang -O0 -mllvm -fastir-policy=llvm -mllvm -fastir-log=%t/O0 -c %inputs/program.c -o %t/o
// RUN: %show-log %t/O1 | %FileCheck %s
// RUN: %show-log %t/O2 | %FileCheck %s
// RUN: %show-log %t/O3 | %FileCheck %s
// RUN: %show-log %t/Os | %FileCheck %s
// RUN: %show-log %t/Oz | %FileCheck %s
// RUN: not ls %t/O0

// CHECK-DAG: program.c: main -> twice
// CHECK-DAG: program.c: main -> big
