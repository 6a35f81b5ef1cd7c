// ONNX Runtime's own releases report to their maker what they run, and keep an identifier of the machine: not in a
// compiler. It leaves neither a cache nor an identifier where it would keep them.
// RUN: rm -rf %t && mkdir -p %t/home
// RUN: env -u CI HOME=%t/home XDG_CACHE_HOME=%t/home/cache TMPDIR=%t/home %clang -Oz -Rpass=inline -c %inputs/program.c -o %t/o 2>&1 | %FileCheck %s
// RUN: find %t/home | %FileCheck --check-prefix=LEFT %s

// CHECK: model predicts

// LEFT: home{{$}}
// LEFT-NOT: home
