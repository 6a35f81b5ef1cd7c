//! Links the C++ core. The project's CMake build names it in
//! `FASTIR_CORE_DIR`; a bare `cargo build` compiles it here.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-env-changed=FASTIR_CORE_DIR");
    let root = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("set by cargo")).join("../..");
    let core = match env::var_os("FASTIR_CORE_DIR") {
        Some(dir) => PathBuf::from(dir),
        None => build_core(&root),
    };
    println!(
        "cargo:rerun-if-changed={}",
        core.join("libfastir_core.a").display()
    );
    println!("cargo:rustc-link-search=native={}", core.display());
    println!("cargo:rustc-link-lib=static=fastir_core");
    println!("cargo:rustc-link-search=native={}", llvm_library_dir());
    println!("cargo:rustc-link-lib=dylib=LLVM-22");
    println!("cargo:rustc-link-lib=dylib=stdc++");
}

fn build_core(root: &Path) -> PathBuf {
    println!("cargo:rerun-if-changed={}", root.join("plugin").display());
    let out = cmake::Config::new(root)
        .profile("Release")
        .define("FASTIR_CORE_ONLY", "ON")
        .build_target("fastir_core")
        .build();
    out.join("build/plugin")
}

fn llvm_library_dir() -> String {
    let config = env::var("LLVM_CONFIG").unwrap_or_else(|_| "llvm-config-22".to_owned());
    let output = Command::new(&config)
        .arg("--libdir")
        .output()
        .unwrap_or_else(|error| panic!("cannot run {config}: {error}; install llvm-22-dev"));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
