; The policy `always` inlines wherever that is legal.
; RUN: %opt -fastir-policy=always -passes='default<Oz>' -S %inputs/two-callees.ll | %FileCheck %s

; CHECK-LABEL: define{{.*}} @caller(
; CHECK-NOT: call i32 @small
; CHECK-NOT: call i32 @large
; CHECK: ret i32
