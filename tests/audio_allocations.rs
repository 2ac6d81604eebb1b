//! The sound callback allocates nothing: a made-up one feeds the ring that cpal's does, faster and slower than it is read.
#![cfg(feature = "audio")]

use std::alloc::System;

use onset::capture::audio::{AudioBlock, AudioFormat, Polled, SampleKind, audio_ring};
use onset::types::Timestamp;
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn allocations() -> usize {
    let stats = ALLOCATOR.stats();
    stats.allocations + stats.reallocations
}

/// Allocations within the callback over some minutes of sound.
fn allocations_of_a_round() -> usize {
    let format = AudioFormat { rate_hz: 48_000, channels: 2, samples: SampleKind::I16 };
    let (mut writer, mut reader) = audio_ring(format, 960, 16);
    let mut block = AudioBlock::default();
    let samples = vec![1i16; 2 * 4096];
    let mut in_callback = 0;
    let (mut blocks, mut gaps) = (0u32, 0u32);
    let mut at = Timestamp::ZERO;
    for callback in 0..2000usize {
        // Callbacks of any length; now and then the reader sleeps long enough to lose sound.
        let frames = 1 + callback * 37 % 4096;
        let before = allocations();
        writer.write(&samples[..2 * frames], at);
        in_callback += allocations() - before;
        at = Timestamp::from_secs_f64(at.as_secs_f64() + format.seconds(frames as u64));
        if callback % 100 >= 20 {
            loop {
                match reader.poll(&mut block) {
                    Polled::Block => blocks += 1,
                    Polled::Gap(_) => gaps += 1,
                    Polled::Nothing | Polled::Ended => break,
                }
            }
        }
    }
    assert!(blocks > 1000 && gaps > 10, "{blocks} blocks, {gaps} gaps");
    in_callback
}

#[test]
fn the_callback_allocates_nothing() {
    // Allocations are counted over all threads, and that of the test harness makes a few of its own while it starts: the
    // callback's would come back in every round.
    let fewest = (0..5).map(|_| allocations_of_a_round()).min();
    assert_eq!(fewest, Some(0));
}
