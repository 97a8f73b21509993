//! What callgrind counts for `bench/instructions.py`: orders through all contexts, by the allocator that is deployed.
//!
//!     instructions ORDERS LINES BATCH

fn main() -> std::process::ExitCode {
    instructions::run()
}
