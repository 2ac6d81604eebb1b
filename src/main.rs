//! The `onset` program.

use std::alloc::System;
use std::process::ExitCode;

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

/// The system's allocator, counted: `onset bench` tells allocations a frame. Counting costs some nanoseconds each.
#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() -> ExitCode {
    onset::cli::run(|| ALLOCATOR.stats().allocations as u64)
}
