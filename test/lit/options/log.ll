; The log holds each decision with its features, the prediction, the advice and
; what LLVM would have done.
; RUN: %make-model %t.onnx --feature=callee_instruction_count --weight=1 --bias=-5
; RUN: rm -f %t.log
; RUN: %opt -fastir-model=%t.onnx -fastir-log=%t.log -passes='default<Oz>' %inputs/two-callees.ll -o /dev/null
; RUN: %show-log %t.log | %FileCheck %s
; RUN: head -1 %t.log | %FileCheck --check-prefix=HEADER %s

; @small: an add and a ret. @large: four calls, three operations, a ret.
; CHECK: two-callees.ll: caller -> small size=2 prediction=-3 advice=1 llvm=1 runtime={{native|onnxruntime}}
; CHECK: two-callees.ll: caller -> large size=8 prediction=3 advice=0 llvm=0 runtime={{native|onnxruntime}}
; CHECK-NOT: {{.}}
; HEADER: {"features":[{"name":"sroa_savings","type":"int64_t","port":0,"shape":[1]}
; HEADER-SAME: {"name":"profile_count","type":"int64_t"
; HEADER-SAME: {"name":"inlining_default","type":"int64_t"
; HEADER-SAME: {"name":"prediction","type":"float"
; HEADER-SAME: "advice":{"name":"inlining_decision"
