; Where no ONNX Runtime is installed, the compile fails and says what to do.
; RUN: rm -rf %t && mkdir -p %t/lib %t/models && cp %plugin %t/lib/
; RUN: %make-model %t/models/inline-oz.onnx --arithmetic --bias=-1
; RUN: not %stock-opt -load-pass-plugin=%t/lib/libFastirInline.so -passes='default<Oz>' %inputs/two-callees.ll -o /dev/null 2>&1 | %FileCheck %s

; CHECK: error: fastir: cannot find ONNX Runtime; install it with 'pip install onnxruntime' or name its library with -fastir-onnxruntime=
; CHECK-NOT: {{.}}
