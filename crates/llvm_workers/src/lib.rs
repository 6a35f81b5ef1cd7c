//! Tables of many LLVM modules at once, and alternatives to one module's
//! decisions.
//!
//! LLVM's reader and passes may crash or hang on a bad module. So modules are
//! read in worker processes (`llvm-tools-worker`), one a core, which are kept
//! from call to call: a crash costs the module that it happened on, and the
//! rest goes on in a new worker. Alternatives are compiled in forks of a worker,
//! which has one thread that works, and little memory to copy.

mod alternatives;
mod frame;
mod pool;
mod protocol;
mod serve;
#[cfg(test)]
mod stand_in;
mod worker;

pub use alternatives::measure;
pub use frame::arrow_schema;
pub use pool::{Batch, Item, ItemError, Options, Progress, Stopped, run};
pub use protocol::{ErrorKind, MeasureTask, Source, Stats};
pub use serve::serve;
