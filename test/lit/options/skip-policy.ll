; LLVM's option for its own learned advisors would be obeyed by one of ours and not by the other.
; RUN: not %opt -ml-inliner-skip-policy=if-caller-not-cold -passes='default<Oz>' %inputs/two-callees.ll -o /dev/null 2>&1 | %FileCheck %s
; RUN: not %opt -ml-inliner-skip-policy=if-caller-not-cold -fastir-log=%t.log -passes='default<Oz>' %inputs/two-callees.ll -o /dev/null 2>&1 | %FileCheck %s

; CHECK: error: fastir: -ml-inliner-skip-policy is not supported: leave it out
; CHECK-NOT: {{.}}
