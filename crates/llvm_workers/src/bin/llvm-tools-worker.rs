//! `llvm-tools-worker`: answers tasks from standard input on standard output
//! until there are no more. Not meant to be run by hand.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // SAFETY: nothing has been started here, so there is no other thread.
    match unsafe { llvm_workers::serve() } {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("llvm-tools-worker: {error}");
            ExitCode::FAILURE
        }
    }
}
