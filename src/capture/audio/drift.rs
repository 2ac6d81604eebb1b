//! How much faster or slower a sound device counts seconds than the session's clock.

use crate::types::Timestamp;

/// Below this span the jitter of callbacks drowns the drift: 1 ms of jitter over 10 s is 100 ppm of a single pair, and
/// some 10 ppm of a line through 300.
const MIN_SPAN_S: f64 = 10.0;

/// A least-squares line through (seconds by counting frames, seconds by the clock), updated pair by pair (Welford 1962,
/// doi:10.1080/00401706.1962.10490022, for the covariance).
#[derive(Clone, Copy, Debug, Default)]
pub struct Drift {
    count: f64,
    mean_counted_s: f64,
    mean_clock_s: f64,
    counted_squares: f64,
    products: f64,
    first_s: Option<f64>,
    last_s: f64,
}

impl Drift {
    /// A frame that is `counted_s` from the first by counting was captured at `at`.
    pub fn push(&mut self, counted_s: f64, at: Timestamp) {
        let clock_s = at.as_secs_f64();
        self.first_s.get_or_insert(counted_s);
        self.last_s = counted_s;
        self.count += 1.0;
        let from_mean = counted_s - self.mean_counted_s;
        self.mean_counted_s += from_mean / self.count;
        self.mean_clock_s += (clock_s - self.mean_clock_s) / self.count;
        self.counted_squares += from_mean * (counted_s - self.mean_counted_s);
        self.products += from_mean * (clock_s - self.mean_clock_s);
    }

    /// Parts per million by which the device's seconds are longer than the clock's: positive for a device that is slow.
    /// `None` for less than 10 s of sound.
    pub fn ppm(&self) -> Option<f64> {
        let span_s = self.last_s - self.first_s?;
        (span_s >= MIN_SPAN_S && self.counted_squares > 0.0)
            .then(|| (self.products / self.counted_squares - 1.0) * 1e6)
    }
}
