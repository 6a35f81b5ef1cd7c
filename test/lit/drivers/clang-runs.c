// What clang builds under each policy runs alike.
// RUN: rm -rf %t && mkdir -p %t
// RUN: %stock-clang -Oz %inputs/program.c %inputs/other.c -o %t/stock
// RUN: %clang -Oz -mllvm -fastir-policy=always %inputs/program.c %inputs/other.c -o %t/always
// RUN: %clang -Oz -mllvm -fastir-policy=never %inputs/program.c %inputs/other.c -o %t/never
// RUN: %clang -Oz %inputs/program.c %inputs/other.c -o %t/model
// RUN: sh -c '%t/stock; echo $?' > %t/stock.out
// RUN: sh -c '%t/always; echo $?' > %t/always.out
// RUN: sh -c '%t/never; echo $?' > %t/never.out
// RUN: sh -c '%t/model; echo $?' > %t/model.out
// RUN: diff %t/stock.out %t/always.out
// RUN: diff %t/stock.out %t/never.out
// RUN: diff %t/stock.out %t/model.out
// RUN: %FileCheck %s < %t/stock.out

// CHECK: 5
// CHECK-NEXT: 15
