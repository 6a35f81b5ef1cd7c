; A model of another schema fails the compile.
; RUN: rm -f %t.onnx %t.o
; RUN: %make-model %t.onnx --schema=99
; RUN: not %opt -fastir-model=%t.onnx -passes='default<Oz>' %inputs/two-callees.ll -o /dev/null 2>&1 | %FileCheck %s
; RUN: not %clang -Oz -mllvm -fastir-model=%t.onnx -x ir %inputs/two-callees.ll -c -o %t.o 2>&1 | %FileCheck --check-prefix=CLANG %s
; RUN: not ls %t.o

; CHECK: error: fastir: cannot use model '{{.*}}.onnx': it has model schema 99; this build reads schema 2
; CHECK-NOT: {{.}}
; CLANG: error: fastir: cannot use model '{{.*}}.onnx': it has model schema 99; this build reads schema 2
; CLANG-NOT: fastir:
