; A feature that the plugin does not know fails the compile, which lists the names.
; RUN: rm -f %t.onnx %t.o
; RUN: %make-model %t.onnx --feature=callee_instruction_count,moon_phase,tide
; RUN: not %opt -fastir-model=%t.onnx -passes='default<Oz>' %inputs/two-callees.ll -o /dev/null 2>&1 | %FileCheck %s
; RUN: not %clang -Oz -mllvm -fastir-model=%t.onnx -x ir %inputs/two-callees.ll -c -o %t.o 2>&1 | %FileCheck --check-prefix=CLANG %s
; RUN: not ls %t.o

; CHECK: error: fastir: cannot use model '{{.*}}.onnx': it needs features unknown to this build: moon_phase, tide
; CHECK-NOT: {{.}}
; CLANG: error: fastir: cannot use model '{{.*}}.onnx': it needs features unknown to this build: moon_phase, tide
; CLANG-NOT: fastir:
