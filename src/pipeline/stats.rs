//! Counts, rates and latencies of a session: told to, never measured here.

use std::collections::VecDeque;

use hdrhistogram::Histogram;

use crate::types::{FrameStatus, Gap, Observation, Timestamp};

/// Times of one kind: percentiles with two significant digits, from 1 microsecond to 1 minute.
#[derive(Clone, Debug)]
pub struct LatencyHistogram {
    micros: Option<Histogram<u64>>,
}

impl Default for LatencyHistogram {
    fn default() -> Self {
        // Fixed bounds, so that memory stays flat; they are valid, so this is never None in practice.
        Self { micros: Histogram::new_with_bounds(1, 60_000_000, 2).ok() }
    }
}

impl LatencyHistogram {
    /// Adds a time in milliseconds; negative ones count as the shortest.
    pub fn record_ms(&mut self, ms: f64) {
        if let Some(micros) = &mut self.micros {
            micros.saturating_record(((ms * 1e3).max(1.0)) as u64);
        }
    }

    /// The time in milliseconds that `quantile` (`[0, 1]`) of all do not exceed; 0 while empty.
    pub fn quantile_ms(&self, quantile: f64) -> f64 {
        match &self.micros {
            Some(micros) if !micros.is_empty() => micros.value_at_quantile(quantile) as f64 * 1e-3,
            _ => 0.0,
        }
    }

    /// How many times were added.
    pub fn count(&self) -> u64 {
        self.micros.as_ref().map_or(0, Histogram::len)
    }
}

/// Frames a second over the last two seconds.
#[derive(Clone, Debug, Default)]
pub struct RateMeter {
    times: VecDeque<Timestamp>,
}

impl RateMeter {
    /// The span that is averaged over, in seconds.
    const SPAN_S: f64 = 2.0;

    /// A frame was done at `now`.
    pub fn tick(&mut self, now: Timestamp) {
        self.times.push_back(now);
        while self.times.front().is_some_and(|oldest| now.seconds_since(*oldest) > Self::SPAN_S) {
            self.times.pop_front();
        }
    }

    /// Frames a second; 0 before the second frame.
    pub fn per_second(&self) -> f64 {
        match (self.times.front(), self.times.back()) {
            (Some(first), Some(last)) if last > first => {
                (self.times.len() - 1) as f64 / last.seconds_since(*first)
            }
            _ => 0.0,
        }
    }
}

/// How many frames came, and what was seen in them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FrameCounts {
    /// Frames analysed.
    pub read: u64,
    /// Frames lost, whatever the reason.
    pub lost: u64,
    /// Analysed with a face that was measured.
    pub ok: u64,
    /// Analysed without a face.
    pub no_face: u64,
    /// Analysed, too blurred.
    pub blurred: u64,
    /// Analysed, covered or turned away.
    pub occluded: u64,
}

impl FrameCounts {
    /// Adds a frame's result, the losses before it included.
    pub fn add(&mut self, observation: &Observation) {
        observation.gaps.iter().for_each(|gap| self.add_gap(gap));
        self.read += 1;
        match observation.status {
            FrameStatus::Ok => self.ok += 1,
            FrameStatus::NoFace => self.no_face += 1,
            FrameStatus::Blurred => self.blurred += 1,
            FrameStatus::Occluded => self.occluded += 1,
            FrameStatus::Gap => {}
        }
    }

    /// Adds lost frames.
    pub fn add_gap(&mut self, gap: &Gap) {
        self.lost += gap.count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_of_known_times() {
        let mut times = LatencyHistogram::default();
        (1..=100).for_each(|ms| times.record_ms(f64::from(ms)));
        assert!((times.quantile_ms(0.5) - 50.0).abs() < 1.0);
        assert!((times.quantile_ms(0.95) - 95.0).abs() < 1.0);
        assert_eq!(LatencyHistogram::default().quantile_ms(0.5), 0.0);
    }

    #[test]
    fn rate_forgets_what_is_older_than_its_span() {
        let mut rate = RateMeter::default();
        (0..10).for_each(|n| rate.tick(Timestamp::from_secs_f64(f64::from(n))));
        assert!((rate.per_second() - 1.0).abs() < 1e-9);
        (0..300).for_each(|n| rate.tick(Timestamp::from_secs_f64(10.0 + f64::from(n) / 60.0)));
        assert!((rate.per_second() - 60.0).abs() < 1e-6);
    }
}
