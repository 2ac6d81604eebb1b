//! Session time from the times stored in files: starts at zero, never falls.

use std::time::Duration;

use crate::types::Timestamp;

/// Frame rate assumed where a file gives neither times nor a rate; only for frames without a time of their own.
const FALLBACK_FPS: f64 = 30.0;

/// Turns presentation times into `captured_at`: the first is 0, and one that falls back is held at the one before.
#[derive(Clone, Debug)]
pub(super) struct MediaClock {
    period: Duration,
    first_ns: Option<i64>,
    last: Option<Timestamp>,
    went_back: u64,
    repeated: u64,
    missing: u64,
}

impl MediaClock {
    /// `fps` bridges frames without a time.
    pub(super) fn new(fps: Option<f64>) -> Self {
        let fps = fps.filter(|f| f.is_finite() && *f > 1e-3).unwrap_or(FALLBACK_FPS);
        let period = Duration::from_secs_f64(1.0 / fps);
        Self { period, first_ns: None, last: None, went_back: 0, repeated: 0, missing: 0 }
    }

    /// The session time of the next frame, whose stored time is `pts_ns`.
    pub(super) fn advance(&mut self, pts_ns: Option<i64>) -> Timestamp {
        let expected = self.estimate_next();
        let Some(pts_ns) = pts_ns else {
            self.missing += 1;
            self.last = Some(expected);
            return expected;
        };
        // A file whose first frame has no time: the first time found is taken as "now".
        let first_ns = *self.first_ns.get_or_insert(pts_ns.saturating_sub(expected.as_nanos()));
        let mut at = Timestamp::from_nanos(pts_ns.saturating_sub(first_ns));
        if let Some(last) = self.last {
            self.went_back += u64::from(at < last);
            self.repeated += u64::from(at == last);
            at = at.max(last);
        }
        self.last = Some(at);
        at
    }

    /// When the next frame should come, by the frame rate: for frames that were lost.
    pub(super) fn estimate_next(&self) -> Timestamp {
        self.last.map_or(Timestamp::ZERO, |last| last + self.period)
    }

    /// What was odd.
    pub(super) fn warnings(&self, name: &str) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.went_back > 0 {
            warnings.push(format!(
                "{name}: {} timestamps go back; those frames are kept, at the time of the latest frame before them",
                self.went_back
            ));
        }
        if self.repeated > 0 {
            warnings.push(format!("{name}: {} frames repeat the timestamp before them", self.repeated));
        }
        if self.missing > 0 {
            warnings
                .push(format!("{name}: {} frames have no timestamp; counted by frame rate", self.missing));
        }
        warnings
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn times_start_at_zero_and_keep_their_spacing() {
        let mut clock = MediaClock::new(None);
        let times =
            [1_000, 1_033, 1_066, 5_000].map(|ms| clock.advance(Some(ms * 1_000_000)).as_nanos() / 1_000_000);
        assert_eq!(times, [0, 33, 66, 4_000]);
        assert!(clock.warnings("x").is_empty());
    }

    #[test]
    fn back_going_and_repeated_times_are_held_and_counted() {
        let mut clock = MediaClock::new(None);
        let times = [0, 40, 20, 40, 80].map(|ns| clock.advance(Some(ns)).as_nanos());
        assert_eq!(times, [0, 40, 40, 40, 80]);
        let warnings = clock.warnings("x.mkv");
        assert!(warnings[0].contains("x.mkv: 1 timestamps go back"), "{warnings:?}");
        assert!(warnings[1].contains("1 frames repeat"), "{warnings:?}");
    }

    #[test]
    fn frames_without_a_time_are_counted_by_rate() {
        let mut clock = MediaClock::new(Some(50.0));
        let times = [None, None, Some(900), Some(20_000_900), None].map(|t| clock.advance(t).as_nanos());
        assert_eq!(times, [0, 20_000_000, 40_000_000, 60_000_000, 80_000_000]);
        assert!(clock.warnings("x")[0].contains("3 frames have no timestamp"));
    }

    proptest! {
        #[test]
        fn never_falls_and_never_panics(times in prop::collection::vec(any::<Option<i64>>(), 0..40), fps: f64) {
            let mut clock = MediaClock::new(Some(fps));
            let out: Vec<_> = times.into_iter().map(|t| clock.advance(t)).collect();
            prop_assert!(out.is_sorted());
        }
    }
}
