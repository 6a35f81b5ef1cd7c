// Each decision has one remark, ours or LLVM's: opt and lld print all that
// their command line asks for, clang what its own handler lets through.
// RUN: %make-model %t.onnx --feature=callee_instruction_count --weight=1 --bias=-5
// RUN: %clang -Oz -mllvm -fastir-model=%t.onnx -Rpass=inline -Rpass-missed=inline -c %s -o %t.o 2> %t.clang
// RUN: grep -c remark: %t.clang | %FileCheck %s
// RUN: %stock-clang -Oz -gline-tables-only -Xclang -disable-llvm-passes -emit-llvm -c %s -o %t.bc
// RUN: %opt -fastir-model=%t.onnx -passes='default<Oz>' -pass-remarks=inline -pass-remarks-missed=inline %t.bc -o %t.out 2> %t.opt
// RUN: grep -c remark: %t.opt | %FileCheck %s
// RUN: %opt -fastir-model=%t.onnx -fastir-log=%t.log -passes='default<Oz>' -pass-remarks=inline -pass-remarks-missed=inline %t.bc -o %t.out 2> %t.logged
// RUN: grep -c remark: %t.logged | %FileCheck %s
// RUN: %stock-clang -Oz -flto -gline-tables-only -c %s -o %t.o
// RUN: env FASTIR_MODEL=%t.onnx ld.lld-22 -shared --load-pass-plugin=%plugin -mllvm -pass-remarks=inline -mllvm -pass-remarks-missed=inline %t.o -o %t.so > %t.lld 2>&1
// RUN: grep -c "inlined into" %t.lld | %FileCheck --check-prefix=LLD %s

void sink(int);

int small(int x) { return x + 1; }

int large(int x) {
  sink(x);
  sink(x * 3);
  sink(x ^ 77);
  return x / 5;
}

__attribute__((noinline)) int refused(int x) { return x * 5; }

__attribute__((always_inline)) static inline int forced(int x) { return x - 2; }

int caller(int x) { return large(small(x)) + large(x) + refused(forced(x)); }

// The calls of small, large (twice), refused and forced.
// CHECK: 5
// The linker sees those that are left: of large and refused.
// LLD: 3
