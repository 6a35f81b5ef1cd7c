; Calls in dead code are left alone, with and without a log: only with one are
; LLVM's own features computed, and its dominator tree kept up to date.
; RUN: %make-model %t.onnx --feature=callee_instruction_count --bias=-1
; RUN: %opt -fastir-model=%t.onnx -passes=scc-oz-module-inliner -pass-remarks=inline -disable-output %s > %t.lean 2>&1
; RUN: %opt -fastir-model=%t.onnx -fastir-log=%t.log -passes=scc-oz-module-inliner -pass-remarks=inline -disable-output %s > %t.full 2>&1
; RUN: diff %t.lean %t.full
; RUN: %FileCheck %s < %t.lean

; CHECK-COUNT-1: 'callee' inlined into 'caller'
; CHECK-NOT: 'callee' inlined
; CHECK: 'ends' inlined into 'second'
; CHECK-NOT: 'callee' inlined
target triple = "x86_64-pc-linux-gnu"

declare void @outside()

define i32 @callee(i32 %x) minsize optsize {
  %y = mul i32 %x, %x
  ret i32 %y
}

define void @ends() minsize optsize {
  call void @outside()
  unreachable
}

define i32 @caller(i32 %x) minsize optsize {
  %y = call i32 @callee(i32 %x)
  ret i32 %y
dead:
  %z = call i32 @callee(i32 %x)
  br label %dead
}

; Inlining the first call makes what comes after it unreachable.
define i32 @second(i32 %x) minsize optsize {
  call void @ends()
  br label %rest
rest:
  %z = call i32 @callee(i32 %x)
  ret i32 %z
}
