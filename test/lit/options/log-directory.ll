; In a folder each module has a log of its own.
; RUN: rm -rf %t && mkdir -p %t
; RUN: %opt -fastir-policy=llvm -fastir-log=%t -passes='default<Oz>' %inputs/two-callees.ll -o /dev/null
; RUN: %opt -fastir-policy=llvm -fastir-log=%t -passes='default<Oz>' %s -o /dev/null
; RUN: ls %t | %FileCheck %s

; CHECK: log-directory.ll-{{[0-9a-f]+}}.fastirlog
; CHECK: two-callees.ll-{{[0-9a-f]+}}.fastirlog
target triple = "x86_64-pc-linux-gnu"
define void @f() {
  ret void
}
