; RUN: not %opt -fastir-policy=sometimes -passes='default<Oz>' %inputs/two-callees.ll -o %t 2>&1 | %FileCheck %s
; RUN: env FASTIR_POLICY=sometimes not %opt -passes='default<Oz>' %inputs/two-callees.ll -o %t 2>&1 | %FileCheck %s

; CHECK: error: fastir: unknown policy 'sometimes'; it is one of model, llvm, always, never
; CHECK-NOT: {{.}}
