// Stable rustc asks the plugin; a model that cannot be used fails the compile.
// REQUIRES: rustc-llvm-22
// RUN: rm -rf %t && mkdir -p %t
// RUN: env RUSTC_BOOTSTRAP=1 FASTIR_LOG=%t/log rustc --edition=2021 -Copt-level=z -Ccodegen-units=1 -Zllvm-plugins=%plugin %s -o %t/program
// RUN: %show-log %t/log | %FileCheck %s
// RUN: %t/program | %FileCheck --check-prefix=RUNS %s
// RUN: env RUSTC_BOOTSTRAP=1 FASTIR_MODEL=%t/none.onnx not rustc --edition=2021 -Copt-level=z -Zllvm-plugins=%plugin %s -o %t/broken 2>&1 | %FileCheck --check-prefix=ERROR %s
// RUN: not ls %t/broken

// CHECK: prediction={{-?[0-9.e+-]+}}
// RUNS: 42 is even
// ERROR: error: fastir: cannot use model '{{.*}}none.onnx': No such file or directory
// ERROR-NOT: panicked

fn describe(x: u32) -> String {
    format!("{x} is {}", if x % 2 == 0 { "even" } else { "odd" })
}

fn main() {
    println!("{}", describe(41 + std::env::args().count() as u32));
}
