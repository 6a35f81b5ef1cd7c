// Where LLVM decides, the remarks are LLVM's own.
// RUN: %clang -O2 -mllvm -fastir-policy=llvm -Rpass=inline -Rpass-missed=inline -c %inputs/program.c -o %t.o 2> %t.ours
// RUN: %stock-clang -O2 -Rpass=inline -Rpass-missed=inline -c %inputs/program.c -o %t.o 2> %t.stock
// RUN: %FileCheck %s < %t.stock
// RUN: diff %t.ours %t.stock

// CHECK: remark: 'twice' inlined into 'main'
