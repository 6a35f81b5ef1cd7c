; Every option has an environment twin, and the option wins.
; RUN: %make-model %t.onnx --arithmetic --bias=-1
; RUN: rm -rf %t.dir %t.log
; RUN: env FASTIR_MODEL=%t.onnx FASTIR_LOG=%t.log FASTIR_COLLECT=%t.dir %opt -passes='default<Oz>' -S %inputs/two-callees.ll | %FileCheck --check-prefix=INLINED %s
; RUN: %show-log %t.log | %FileCheck --check-prefix=LOG %s
; RUN: ls %t.dir | %FileCheck --check-prefix=COLLECTED %s
; RUN: env FASTIR_POLICY=never %opt -passes='default<Oz>' -S %inputs/two-callees.ll | %FileCheck --check-prefix=KEPT %s
; RUN: env FASTIR_POLICY=never %opt -fastir-policy=always -passes='default<Oz>' -S %inputs/two-callees.ll | %FileCheck --check-prefix=INLINED %s
; RUN: env FASTIR_ONNXRUNTIME=%t.none not %opt -fastir-model=%t.onnx -passes='default<Oz>' %inputs/two-callees.ll -o /dev/null 2>&1 | %FileCheck --check-prefix=RUNTIME %s

; INLINED-LABEL: define{{.*}} @caller(
; INLINED-NOT: call i32 @large
; INLINED: ret i32
; KEPT-LABEL: define{{.*}} @caller(
; KEPT: call {{.*}}@small
; KEPT: call {{.*}}@large
; LOG: caller -> small {{.*}}prediction=-1 advice=1 llvm=1
; LOG: caller -> large {{.*}}prediction=-1 advice=1 llvm=0
; COLLECTED: two-callees.ll-{{[0-9a-f]+}}.bc
; COLLECTED: two-callees.ll-{{[0-9a-f]+}}.json
; RUNTIME: error: fastir: cannot use ONNX Runtime '{{.*}}none'
