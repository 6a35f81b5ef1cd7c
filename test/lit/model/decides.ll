; The model decides: here, by the size of the callee, against LLVM's choice.
; RUN: %make-model %t.onnx --feature=callee_instruction_count --weight=-1 --bias=5
; RUN: %opt -fastir-model=%t.onnx -passes='default<Oz>' -S %inputs/two-callees.ll | %FileCheck %s

; CHECK-LABEL: define{{.*}} @caller(
; CHECK: call {{.*}}@small
; CHECK-NOT: call i32 @large
; CHECK: ret i32
