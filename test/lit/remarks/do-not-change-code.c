// Asking for remarks changes no decision.
// RUN: %clang -Oz %inputs/program.c -c -o %t.quiet.o
// RUN: %clang -Oz -Rpass=inline -Rpass-missed=inline -Rpass-analysis=inline %inputs/program.c -c -o %t.loud.o
// RUN: cmp %t.quiet.o %t.loud.o
