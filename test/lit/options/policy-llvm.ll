; The policy `llvm` gives the bitcode that stock opt gives.
; RUN: %opt -fastir-policy=llvm -passes='default<Oz>' %inputs/two-callees.ll -o %t.ours.bc
; RUN: %stock-opt -passes='default<Oz>' %inputs/two-callees.ll -o %t.stock.bc
; RUN: cmp %t.ours.bc %t.stock.bc
; RUN: llvm-dis-22 < %t.ours.bc | %FileCheck %s

; CHECK-LABEL: define{{.*}} @caller(
; CHECK-NOT: call i32 @small
; CHECK: call i32 @large
; CHECK: ret i32
