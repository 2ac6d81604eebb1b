//! Random streams: one for each concern, so that switching one distractor on or off leaves everything else as it was.

use std::f64::consts::TAU;

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

/// A reproducible stream of random values.
#[derive(Clone, Debug)]
pub(super) struct Stream(Pcg64);

impl Stream {
    /// The stream of one concern (`events`, `blink`, ...) of the clip with this seed.
    pub(super) fn new(seed: u64, concern: &str) -> Self {
        // FNV-1a (Fowler, Noll, Vo): spreads short names over 64 bits.
        let hash = concern.bytes().fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
        });
        Self(Pcg64::seed_from_u64(seed ^ hash))
    }

    /// Evenly in `[low, high)`.
    pub(super) fn within(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.0.random::<f64>()
    }

    /// True with this probability.
    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.0.random::<f64>() < probability
    }

    /// An index below `count`; 0 where there is none.
    pub(super) fn below(&mut self, count: usize) -> usize {
        ((self.0.random::<f64>() * count as f64) as usize).min(count.saturating_sub(1))
    }

    /// Standard normal (Box, Muller 1958).
    pub(super) fn normal(&mut self) -> f64 {
        let (u, v): (f64, f64) = (self.0.random(), self.0.random());
        (-2.0 * (1.0 - u).ln()).sqrt() * (TAU * v).cos()
    }

    /// Log-normal with this median, and this standard deviation of the logarithm.
    pub(super) fn log_normal(&mut self, median: f64, sigma_ln: f64) -> f64 {
        median * (sigma_ln * self.normal()).exp()
    }

    /// 64 random bits.
    pub(super) fn bits(&mut self) -> u64 {
        self.0.random()
    }

    /// Bits that belong to a number: Steele, Lea, Flood 2014 (SplitMix64's finaliser).
    pub(super) fn hashed(x: u64) -> u64 {
        let x = x.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        x ^ (x >> 31)
    }
}
