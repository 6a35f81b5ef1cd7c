; A truncated model fails the compile.
; RUN: rm -f %t.onnx %t.o
; RUN: %make-model %t.onnx --truncate
; RUN: not %opt -fastir-model=%t.onnx -passes='default<Oz>' %inputs/two-callees.ll -o /dev/null 2>&1 | %FileCheck %s
; RUN: not %clang -Oz -mllvm -fastir-model=%t.onnx -x ir %inputs/two-callees.ll -c -o %t.o 2>&1 | %FileCheck --check-prefix=CLANG %s
; RUN: not ls %t.o

; CHECK: error: fastir: cannot use model '{{.*}}.onnx': it is truncated or not an ONNX model
; CHECK-NOT: {{.}}
; CLANG: error: fastir: cannot use model '{{.*}}.onnx': it is truncated or not an ONNX model
; CLANG-NOT: fastir:
