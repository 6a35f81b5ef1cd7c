// A neural network of scikit-learn, as skl2onnx exports it, decides in rustc.
// REQUIRES: rustc-llvm-22
// RUN: rm -rf %t && mkdir -p %t
// RUN: %make-network %t/network.onnx -9
// RUN: %make-model %t/m.onnx --graph=%t/network.onnx
// RUN: env RUSTC_BOOTSTRAP=1 FASTIR_MODEL=%t/m.onnx FASTIR_LOG=%t/log rustc --edition=2021 -Copt-level=z -Ccodegen-units=1 -Zllvm-plugins=%plugin %s -o %t/program
// RUN: %show-log %t/log | %FileCheck %s
// RUN: %t/program | %FileCheck --check-prefix=RUNS %s

// CHECK: prediction=-{{[89].*}} advice={{[01]}} llvm={{[01]}} runtime=onnxruntime
// RUNS: 42 is even

fn describe(x: u32) -> String {
    format!("{x} is {}", if x % 2 == 0 { "even" } else { "odd" })
}

fn main() {
    println!("{}", describe(41 + std::env::args().count() as u32));
}
