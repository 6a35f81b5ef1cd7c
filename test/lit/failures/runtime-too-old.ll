; An ONNX Runtime that is older than our models need fails the compile.
; RUN: %stock-clang -shared -fPIC %inputs/old_onnxruntime.c -o %t.so
; RUN: %make-model %t.onnx --arithmetic --bias=-1
; RUN: not %opt -fastir-model=%t.onnx -fastir-onnxruntime=%t.so -passes='default<Oz>' %inputs/two-callees.ll -o /dev/null 2>&1 | %FileCheck %s

; CHECK: error: fastir: cannot use ONNX Runtime '{{.*}}.so': version 1.2.0 is too old; 1.17 or newer is needed
; CHECK-NOT: {{.}}
