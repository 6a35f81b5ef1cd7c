// RUN: rm -rf %t && touch %t
// RUN: not %clang -Oz -mllvm -fastir-policy=llvm -mllvm -fastir-collect=%t/inside -c %s -o %t.o 2>&1 | %FileCheck %s
// RUN: not ls %t.o

// CHECK: error: fastir: cannot collect bitcode into '{{.*}}inside': {{.+}}
// CHECK-NOT: fastir:
int f(void) { return 1; }
