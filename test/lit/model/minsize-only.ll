; A size model acts on callers with minsize; the others get LLVM's decision.
; RUN: %make-model %t.onnx --bias=1
; RUN: %make-model %t.all.onnx --bias=1 --domain=all
; RUN: %opt -fastir-model=%t.onnx -passes='default<O2>' -S %s | %FileCheck %s
; RUN: %opt -fastir-model=%t.all.onnx -passes='default<O2>' -S %s | %FileCheck --check-prefix=ALL %s

target triple = "x86_64-pc-linux-gnu"

define i32 @small(i32 %x) {
  %y = add i32 %x, 1
  ret i32 %y
}

; CHECK-LABEL: define{{.*}} @fast(
; CHECK-NOT: call
; CHECK-LABEL: define{{.*}} @tight(
; CHECK: call {{.*}}@small
; ALL-LABEL: define{{.*}} @fast(
; ALL: call {{.*}}@small
define i32 @fast(i32 %x) {
  %y = call i32 @small(i32 %x)
  ret i32 %y
}

define i32 @tight(i32 %x) minsize optsize {
  %y = call i32 @small(i32 %x)
  ret i32 %y
}
