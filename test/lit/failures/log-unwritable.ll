; A log that cannot be written fails the compile, and an old one stays whole.
; RUN: rm -rf %t && mkdir -p %t
; RUN: not %opt -fastir-policy=llvm -fastir-log=%t/none/log -passes='default<Oz>' %inputs/two-callees.ll -o /dev/null 2>&1 | %FileCheck %s
; RUN: echo good > %t/log
; RUN: not %opt -fastir-model=%t/none.onnx -fastir-log=%t/log -passes='default<Oz>' %inputs/two-callees.ll -o /dev/null
; RUN: grep -x good %t/log
; RUN: ls -A %t | %FileCheck --check-prefix=ONLY %s

; CHECK: error: fastir: cannot write log '{{.*}}/none/log': No such file or directory
; CHECK-NOT: {{.}}
; ONLY: log
; ONLY-NOT: {{.}}
