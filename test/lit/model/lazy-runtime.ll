; A module without a decision for the model never loads ONNX Runtime: one that
; does not exist is no error then, and is one as soon as there is a decision.
; RUN: %make-model %t.onnx --arithmetic --bias=-1
; RUN: %opt -fastir-model=%t.onnx -fastir-onnxruntime=%t.none -passes='default<Oz>' %s -o /dev/null
; RUN: %opt -fastir-model=%t.onnx -fastir-onnxruntime=%t.none -passes='default<O2>' %s -o /dev/null
; RUN: not %opt -fastir-model=%t.onnx -fastir-onnxruntime=%t.none -passes='default<Oz>' %inputs/two-callees.ll -o /dev/null 2>&1 | %FileCheck %s

; CHECK: error: fastir: cannot use ONNX Runtime '{{.*}}none': {{.+}}
; CHECK-NOT: {{.}}
target triple = "x86_64-pc-linux-gnu"

declare i32 @outside(i32)

define i32 @no_decision(i32 %x) minsize optsize {
  %y = call i32 @outside(i32 %x)
  ret i32 %y
}

define i32 @callee(i32 %x) {
  ret i32 %x
}

define i32 @not_for_a_size_model(i32 %x) {
  %y = call i32 @callee(i32 %x)
  ret i32 %y
}
