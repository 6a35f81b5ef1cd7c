; RUN: %make-model %t.onnx --arithmetic --bias=-1
; RUN: not %opt -fastir-model=%t.onnx -fastir-onnxruntime=%s -passes='default<Oz>' %inputs/two-callees.ll -o /dev/null 2>&1 | %FileCheck %s

; CHECK: error: fastir: cannot use ONNX Runtime '{{.*}}runtime-not-a-library.ll': {{.+}}
; CHECK-NOT: {{.}}
