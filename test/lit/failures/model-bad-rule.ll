; A rule that cannot be obeyed fails the compile, with one error that quotes it.
;
; RUN: %make-model %t.onnx --keep='llvm_decision>0'
; RUN: not %opt -passes='default<Oz>' -fastir-model=%t.onnx -disable-output %inputs/two-callees.ll 2>&1 | %FileCheck %s --check-prefix=FEATURE
; RUN: %make-model %t.onnx --keep='callee_instruction_count<=4.5'
; RUN: not %opt -passes='default<Oz>' -fastir-model=%t.onnx -disable-output %inputs/two-callees.ll 2>&1 | %FileCheck %s --check-prefix=VALUE
; RUN: %make-model %t.onnx --keep='callee_instruction_count>1,;'
; RUN: not %opt -passes='default<Oz>' -fastir-model=%t.onnx -disable-output %inputs/two-callees.ll 2>&1 | %FileCheck %s --check-prefix=EMPTY
; RUN: %make-model %t.onnx --without=keep_default
; RUN: not %opt -passes='default<Oz>' -fastir-model=%t.onnx -disable-output %inputs/two-callees.ll 2>&1 | %FileCheck %s --check-prefix=NONE

; FEATURE: error: fastir: cannot use model '{{.*}}.onnx': its rule 'llvm_decision>0' compares 'llvm_decision', not one of its features
; VALUE: error: fastir: cannot use model '{{.*}}.onnx': its rule 'callee_instruction_count<=4.5' compares with '4.5', not an integer
; EMPTY: error: fastir: cannot use model '{{.*}}.onnx': its rule 'callee_instruction_count>1,' compares '', not one of its features
; NONE: error: fastir: cannot use model '{{.*}}.onnx': its metadata lacks 'fastir.keep_default'; it is not a model made by Fastir
