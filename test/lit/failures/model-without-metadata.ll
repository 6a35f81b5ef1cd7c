; A model without our metadata fails the compile.
; RUN: rm -f %t.onnx %t.o
; RUN: %make-model %t.onnx --without=threshold
; RUN: not %opt -fastir-model=%t.onnx -passes='default<Oz>' %inputs/two-callees.ll -o /dev/null 2>&1 | %FileCheck %s
; RUN: not %clang -Oz -mllvm -fastir-model=%t.onnx -x ir %inputs/two-callees.ll -c -o %t.o 2>&1 | %FileCheck --check-prefix=CLANG %s
; RUN: not ls %t.o

; CHECK: error: fastir: cannot use model '{{.*}}.onnx': its metadata lacks 'fastir.threshold'; it is not a model made by Fastir
; CHECK-NOT: {{.}}
; CLANG: error: fastir: cannot use model '{{.*}}.onnx': its metadata lacks 'fastir.threshold'; it is not a model made by Fastir
; CLANG-NOT: fastir:
