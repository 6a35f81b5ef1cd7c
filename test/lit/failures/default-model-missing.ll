; A default model that is not there is one warning, and LLVM decides.
; RUN: rm -rf %t && mkdir -p %t/lib && cp %plugin %t/lib/
; RUN: %stock-opt -load-pass-plugin=%t/lib/libFastirInline.so -passes='default<Oz>' %inputs/two-callees.ll -o %t/ours.bc 2> %t/err
; RUN: %FileCheck %s < %t/err
; RUN: %stock-opt -passes='default<Oz>' %inputs/two-callees.ll -o %t/stock.bc
; RUN: cmp %t/ours.bc %t/stock.bc

; CHECK: warning: fastir: the default model is missing; LLVM decides on inlining; name one with -fastir-model=
; CHECK-NOT: {{.}}
