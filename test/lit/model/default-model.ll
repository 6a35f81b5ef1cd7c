; Without options the model that is installed beside the plugin decides.
; RUN: rm -f %t.log
; RUN: %opt -fastir-log=%t.log -passes='default<Oz>' %inputs/two-callees.ll -o /dev/null
; RUN: %show-log %t.log | %FileCheck %s

; CHECK: caller -> small size=2 prediction={{-?[0-9.e+-]+}} advice=
; CHECK: caller -> large size=8 prediction={{-?[0-9.e+-]+}} advice=
