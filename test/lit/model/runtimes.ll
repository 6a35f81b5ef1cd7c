; Trees are evaluated by the plugin, without ONNX Runtime, and by ONNX Runtime
; where that is asked for; what is no tree is evaluated by ONNX Runtime alone.
; RUN: %make-model %t.onnx --feature=callee_instruction_count --weight=1 --bias=-5
; RUN: %make-model %t.other.onnx --arithmetic --feature=callee_instruction_count --weight=1 --bias=-5
; RUN: env -u FASTIR_RUNTIME %opt -fastir-model=%t.onnx -fastir-onnxruntime=%t.none -fastir-log=%t.log -passes='default<Oz>' %inputs/two-callees.ll -o %t.native
; RUN: %show-log %t.log | %FileCheck --check-prefix=NATIVE %s
; RUN: %opt -fastir-model=%t.onnx -fastir-runtime=native -passes='default<Oz>' %inputs/two-callees.ll -o %t.bc
; RUN: cmp %t.bc %t.native
; RUN: %opt -fastir-model=%t.onnx -fastir-runtime=onnxruntime -fastir-log=%t.log -passes='default<Oz>' %inputs/two-callees.ll -o %t.bc
; RUN: cmp %t.bc %t.native
; RUN: %show-log %t.log | %FileCheck --check-prefix=ORT %s
; RUN: env FASTIR_RUNTIME=onnxruntime %opt -fastir-model=%t.onnx -fastir-log=%t.log -passes='default<Oz>' %inputs/two-callees.ll -o %t.bc
; RUN: %show-log %t.log | %FileCheck --check-prefix=ORT %s
; RUN: env FASTIR_RUNTIME=auto %opt -fastir-model=%t.other.onnx -fastir-log=%t.log -passes='default<Oz>' %inputs/two-callees.ll -o %t.bc
; RUN: cmp %t.bc %t.native
; RUN: %show-log %t.log | %FileCheck --check-prefix=ORT %s
; RUN: not %opt -fastir-model=%t.onnx -fastir-runtime=onnxruntime -fastir-onnxruntime=%t.none -passes='default<Oz>' %inputs/two-callees.ll -o %t.bc 2>&1 | %FileCheck --check-prefix=NONE %s
; RUN: not %opt -fastir-model=%t.other.onnx -fastir-runtime=native -passes='default<Oz>' %inputs/two-callees.ll -o %t.bc 2>&1 | %FileCheck --check-prefix=CANNOT %s
; RUN: env FASTIR_RUNTIME=native not %opt -fastir-model=%t.other.onnx -passes='default<Oz>' %inputs/two-callees.ll -o %t.bc 2>&1 | %FileCheck --check-prefix=CANNOT %s
; RUN: not %opt -fastir-runtime=mine -passes='default<Oz>' %inputs/two-callees.ll -o %t.bc 2>&1 | %FileCheck --check-prefix=UNKNOWN %s

; NATIVE: caller -> small {{.*}}prediction=-3 advice=1 llvm={{[01]}} runtime=native
; NATIVE: caller -> large {{.*}} advice=0 llvm={{[01]}} runtime=native
; ORT: caller -> small {{.*}}prediction=-3 advice=1 llvm={{[01]}} runtime=onnxruntime
; ORT: caller -> large {{.*}} advice=0 llvm={{[01]}} runtime=onnxruntime
; NONE: error: fastir: cannot use ONNX Runtime '{{.*}}.none': {{.*}}
; CANNOT: error: fastir: cannot use model '{{.*}}.other.onnx': the native runtime cannot evaluate it: it does not begin with trees
; CANNOT-NOT: {{.}}
; UNKNOWN: error: fastir: unknown runtime 'mine'; it is one of auto, native, onnxruntime
