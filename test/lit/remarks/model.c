// Remarks say what the model predicted, in bytes, and what LLVM thinks of it.
// RUN: %make-model %t.onnx --feature=callee_instruction_count --weight=1 --bias=-5
// RUN: %clang -Oz -mllvm -fastir-model=%t.onnx -Rpass=inline -Rpass-missed=inline -c %s -o %t.o 2>&1 | %FileCheck %s

void sink(int);

int small(int x) { return x + 1; }

int large(int x) {
  sink(x);
  sink(x * 3);
  sink(x ^ 77);
  return x / 5;
}

int caller(int x) {
  // CHECK: remark: 'small' inlined into 'caller': model predicts -3.0 bytes, inlines below 0.0; LLVM would inline: cost minus threshold -{{[0-9]+}} {{.*}}[-Rpass=inline]
  int y = small(x);
  // CHECK: remark: 'large' not inlined into 'caller': model predicts {{[0-9]+}}.0 bytes, inlines below 0.0; LLVM would not inline: cost minus threshold {{[0-9]+}} [-Rpass-missed=inline]
  return large(y) + y;
}
// CHECK-NOT: remark:
