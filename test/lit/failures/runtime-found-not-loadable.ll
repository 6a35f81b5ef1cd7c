; An ONNX Runtime that is found and cannot be loaded: the loader's reason. One
; is no library, one wants more address space than there is.
; RUN: rm -rf %t && mkdir -p %t/lib %t/models %t/onnxruntime/capi && cp %plugin %t/lib/
; RUN: %make-model %t/models/inline-oz.onnx --arithmetic --bias=-1
; RUN: echo broken > %t/onnxruntime/capi/libonnxruntime.so.1.32.0
; RUN: not %stock-opt -load-pass-plugin=%t/lib/libFastirInline.so -passes='default<Oz>' %inputs/two-callees.ll -o /dev/null 2>&1 | %FileCheck --check-prefix=BROKEN %s
; RUN: %stock-clang -shared -fPIC -nostdlib %inputs/huge_library.c -o %t/onnxruntime/capi/libonnxruntime.so.1.32.0
; RUN: not %stock-opt -load-pass-plugin=%t/lib/libFastirInline.so -passes='default<Oz>' %inputs/two-callees.ll -o /dev/null 2>&1 | %FileCheck --check-prefix=HUGE %s
; The system's library is found too, by its name alone, and lacks what it needs.
; RUN: rm -r %t/onnxruntime && mkdir %t/system
; RUN: %stock-clang -shared -fPIC -nostdlib -Wl,-soname,libmissing.so %inputs/old_onnxruntime.c -o %t/libmissing.so
; RUN: %stock-clang -shared -fPIC -nostdlib -Wl,--no-as-needed %t/libmissing.so %inputs/old_onnxruntime.c -o %t/system/libonnxruntime.so.1
; RUN: env LD_LIBRARY_PATH=%t/system not %stock-opt -load-pass-plugin=%t/lib/libFastirInline.so -passes='default<Oz>' %inputs/two-callees.ll -o /dev/null 2>&1 | %FileCheck --check-prefix=SYSTEM %s

; BROKEN: error: fastir: cannot use ONNX Runtime '{{.*}}/onnxruntime/capi/libonnxruntime.so.1.32.0': file too short
; BROKEN-NOT: {{.}}
; HUGE: error: fastir: cannot use ONNX Runtime '{{.*}}/onnxruntime/capi/libonnxruntime.so.1.32.0': failed to map segment from shared object
; HUGE-NOT: {{.}}
; SYSTEM: error: fastir: cannot use ONNX Runtime 'libonnxruntime.so.1': libmissing.so: cannot open shared object file: No such file or directory
; SYSTEM-NOT: {{.}}
