; The policy `never` inlines nothing but what is marked alwaysinline.
; RUN: %opt -fastir-policy=never -passes='default<Oz>' -S %s | %FileCheck %s

target triple = "x86_64-pc-linux-gnu"

define i32 @small(i32 %x) minsize {
  %y = add i32 %x, 1
  ret i32 %y
}

define i32 @must(i32 %x) alwaysinline minsize {
  %y = mul i32 %x, 7
  ret i32 %y
}

; CHECK-LABEL: define{{.*}} @caller(
; CHECK: call {{.*}}@small
; CHECK-NOT: call {{.*}}@must
; CHECK: ret i32
define i32 @caller(i32 %x) minsize {
  %a = call i32 @small(i32 %x)
  %b = call i32 @must(i32 %a)
  ret i32 %b
}
