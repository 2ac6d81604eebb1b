//! Deterministic noise: a table of Gaussian values, read from a hashed offset in each row.

/// Added to every stored value so that the table is unsigned.
pub(super) const NOISE_BIAS: usize = 48;
/// Entries; above the widest row, so that a row is one contiguous slice.
const TABLE_LEN: usize = 1 << 16;

/// Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014 (SplitMix64's finaliser).
pub(super) fn hash(mut x: u64) -> u64 {
    x = x.wrapping_add(0x9E37_79B9_7F4A_7C15);
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

/// A value in `[0, 1)` from a seed and a counter.
pub(super) fn unit(seed: u64, counter: u64) -> f64 {
    (hash(seed ^ hash(counter)) >> 11) as f64 / (1_u64 << 53) as f64
}

/// A value of mean 0 and variance 1, nearly Gaussian: the sum of four uniform ones, scaled.
pub(super) fn gaussian(seed: u64, counter: u64) -> f32 {
    let bits = hash(seed ^ hash(counter));
    let sum: u64 = (0..4).map(|i| (bits >> (16 * i)) & 0xFFFF).sum();
    // Four uniforms on [0, 1] have mean 2 and variance 1/3.
    (sum as f32 / 65_535.0 - 2.0) * 3.0_f32.sqrt()
}

/// Sensor noise for one sigma.
pub(super) struct NoiseTable {
    seed: u64,
    biased: Vec<u8>,
}

impl NoiseTable {
    /// `sigma` in levels of 255, at most 10 (the bias bounds the table at plus and minus 48 levels).
    pub(super) fn new(seed: u64, sigma: f32) -> Self {
        let biased = (0..TABLE_LEN as u64)
            .map(|i| {
                (gaussian(seed ^ 0x6E6F_6973, i) * sigma + NOISE_BIAS as f32).round().clamp(0.0, 95.0) as u8
            })
            .collect();
        Self { seed, biased }
    }

    /// The noise of one row, biased by [`NOISE_BIAS`]; `width` values (fewer above 65,536).
    pub(super) fn row(&self, frame: u64, row: usize, width: usize) -> &[u8] {
        let room = TABLE_LEN.saturating_sub(width).max(1) as u64;
        let start = (hash(self.seed ^ hash(frame << 16 ^ row as u64)) % room) as usize;
        let end = (start + width).min(TABLE_LEN);
        self.biased.get(start..end).unwrap_or_default()
    }
}
