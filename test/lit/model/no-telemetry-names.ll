; Releases of ONNX Runtime know the wish for no telemetry by two names: both are
; set, whatever the caller has set.
; RUN: %stock-clang -shared -fPIC %inputs/telemetry_onnxruntime.c -o %t.so
; RUN: %make-model %t.onnx --arithmetic --bias=-1
; RUN: env -u ORT_DISABLE_TELEMETRY -u ORT_TELEMETRY_DISABLED not %opt -fastir-model=%t.onnx -fastir-onnxruntime=%t.so -passes='default<Oz>' %inputs/two-callees.ll -o /dev/null 2>&1 | %FileCheck %s
; RUN: env ORT_DISABLE_TELEMETRY=0 ORT_TELEMETRY_DISABLED=0 not %opt -fastir-model=%t.onnx -fastir-onnxruntime=%t.so -passes='default<Oz>' %inputs/two-callees.ll -o /dev/null 2>&1 | %FileCheck %s

; CHECK: cannot use ONNX Runtime '{{.*}}.so': version 1 and 1 is too old
