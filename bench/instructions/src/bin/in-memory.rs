//! What `bench/in_memory.py` times: orders through all contexts, by the allocator of the local stack.
//!
//!     in-memory ORDERS LINES BATCH

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    instructions::run()
}
