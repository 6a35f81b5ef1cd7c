; Whichever call of ONNX Runtime fails: nothing is called after it, its status
; is released, and so is what there was before it.
; RUN: clang++-22 -std=c++17 -shared -fPIC -I %S/../../../plugin %inputs/failing_onnxruntime.cpp -o %t.so
; RUN: %make-model %t.onnx --arithmetic --bias=-1
; RUN: env FAIL=SetIntraOpNumThreads not %opt -fastir-model=%t.onnx -fastir-onnxruntime=%t.so -passes='default<Oz>' %inputs/two-callees.ll -o /dev/null 2>&1 | %FileCheck --check-prefixes=OPTIONS,ERROR %s
; RUN: env FAIL=CreateSessionFromArray not %opt -fastir-model=%t.onnx -fastir-onnxruntime=%t.so -passes='default<Oz>' %inputs/two-callees.ll -o /dev/null 2>&1 | %FileCheck --check-prefixes=SESSION,ERROR %s
; RUN: env FAIL=GetAllocatorWithDefaultOptions not %opt -fastir-model=%t.onnx -fastir-onnxruntime=%t.so -passes='default<Oz>' %inputs/two-callees.ll -o /dev/null 2>&1 | %FileCheck --check-prefixes=ALLOCATOR,ERROR %s
; RUN: env FAIL=SessionGetOutputTypeInfo not %opt -fastir-model=%t.onnx -fastir-onnxruntime=%t.so -passes='default<Oz>' %inputs/two-callees.ll -o /dev/null 2>&1 | %FileCheck --check-prefixes=TYPE,ERROR %s
; RUN: env FAIL=GetTensorElementType not %opt -fastir-model=%t.onnx -fastir-onnxruntime=%t.so -passes='default<Oz>' %inputs/two-callees.ll -o /dev/null 2>&1 | %FileCheck --check-prefixes=ELEMENT,ERROR %s

; OPTIONS: {{^}}CreateSessionOptions
; OPTIONS-NEXT: SetIntraOpNumThreads
; OPTIONS-NEXT: ReleaseStatus
; OPTIONS-NEXT: ReleaseSessionOptions
; SESSION: CreateSessionFromArray
; SESSION-NEXT: ReleaseStatus
; SESSION-NEXT: ReleaseSessionOptions
; ALLOCATOR: GetAllocatorWithDefaultOptions
; ALLOCATOR-NEXT: ReleaseStatus
; TYPE: SessionGetInputTypeInfo
; TYPE: ReleaseTypeInfo
; TYPE: SessionGetOutputTypeInfo
; TYPE-NEXT: ReleaseStatus
; ELEMENT: SessionGetInputTypeInfo
; ELEMENT: GetTensorElementType
; ELEMENT-NEXT: ReleaseStatus
; ELEMENT-NEXT: ReleaseTypeInfo
; ERROR-NEXT: error: fastir: cannot use model '{{.*}}.onnx': as asked
; ERROR-NOT: {{.}}
