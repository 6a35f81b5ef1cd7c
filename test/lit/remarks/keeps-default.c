// A rule of the model keeps LLVM's decision, whatever the model predicts.
// RUN: %make-model %t.onnx --feature=callee_instruction_count,llvm_decision --columns=2 --bias=100 "--keep=llvm_decision>0,callee_instruction_count<=4;callee_instruction_count>9"
// RUN: %clang -Oz -mllvm -fastir-model=%t.onnx -Rpass=inline -Rpass-missed=inline -c %s -o %t.o 2>&1 | %FileCheck %s

void sink(int);

int small(int x) { return x + 1; }

int middle(int x) { return x * x + x / 3 - 7; }

int large(int x) {
  sink(x);
  sink(x * 3);
  sink(x ^ 77);
  return x / 5;
}

int caller(int x) {
  // CHECK: remark: 'small' inlined into 'caller': model predicts 100.0 bytes, but a rule keeps LLVM's decision; LLVM would inline: {{.*}}
  int y = small(x);
  // CHECK: remark: 'middle' not inlined into 'caller': model predicts 100.0 bytes, inlines below 0.0; LLVM would inline: {{.*}}
  y += middle(x);
  // CHECK: remark: 'large' not inlined into 'caller': model predicts 100.0 bytes, inlines below 0.0; LLVM would not inline: {{.*}}
  return large(y) + y;
}
// CHECK-NOT: remark:
