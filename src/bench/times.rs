//! Times by name: HDR histograms over the whole run, and the middle of each second.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use hdrhistogram::Histogram;

use super::report::Figures;
use crate::capture::SessionClock;
use crate::types::{Stage, StageProbe, Timestamp};

/// Longest time that is told apart, in ns: a minute.
const LONGEST_NS: u64 = 60_000_000_000;
/// Significant digits of the histograms.
const DIGITS: u8 = 3;

/// All times of one name.
#[derive(Clone, Debug)]
struct Series {
    all_ns: Histogram<u64>,
    sum_ns: f64,
    /// The second that is being filled, and its times.
    second: i64,
    in_second_ns: Vec<u64>,
    /// Median of each second that is over.
    medians_ns: Vec<f64>,
}

impl Series {
    fn new() -> Option<Self> {
        Some(Self {
            all_ns: Histogram::new_with_bounds(1, LONGEST_NS, DIGITS).ok()?,
            sum_ns: 0.0,
            second: i64::MIN,
            in_second_ns: Vec::new(),
            medians_ns: Vec::new(),
        })
    }

    fn add(&mut self, at: Timestamp, ns: u64) {
        let second = at.as_secs_f64().floor() as i64;
        if second != self.second {
            self.end_second();
            self.second = second;
        }
        self.in_second_ns.push(ns);
        self.sum_ns += ns as f64;
        self.all_ns.saturating_record(ns.max(1));
    }

    fn end_second(&mut self) {
        self.in_second_ns.sort_unstable();
        if let Some(middle) = self.in_second_ns.get(self.in_second_ns.len() / 2) {
            self.medians_ns.push(*middle as f64);
        }
        self.in_second_ns.clear();
    }

    fn figures(&mut self, name: &str) -> Figures {
        self.end_second();
        let ms = |ns: u64| ns as f64 * 1e-6;
        let at = |quantile: f64| ms(self.all_ns.value_at_quantile(quantile));
        let count = self.all_ns.len();
        Figures {
            name: name.to_owned(),
            count,
            mean_ms: if count == 0 { 0.0 } else { self.sum_ns / count as f64 * 1e-6 },
            p50_ms: at(0.5),
            p95_ms: at(0.95),
            p99_ms: at(0.99),
            max_ms: ms(self.all_ns.max()),
            percentiles_ms: (0..=100).map(|percent| at(f64::from(percent) / 100.0)).collect(),
            second_medians_ms: self.medians_ns.iter().map(|ns| ns * 1e-6).collect(),
        }
    }
}

/// Times by name.
#[derive(Clone, Debug, Default)]
pub struct Times {
    series: BTreeMap<&'static str, Series>,
}

impl Times {
    /// Adds the time from `since` to `until`; one that runs backwards is none.
    pub fn add_between(&mut self, name: &'static str, since: Timestamp, until: Timestamp) {
        self.add(name, until, until.as_nanos().saturating_sub(since.as_nanos()).max(0) as u64);
    }

    /// Adds a time that ended at `at`, in ns.
    fn add(&mut self, name: &'static str, at: Timestamp, ns: u64) {
        if !self.series.contains_key(name) {
            // The bounds are valid, so there always is one.
            let Some(series) = Series::new() else { return };
            self.series.insert(name, series);
        }
        if let Some(series) = self.series.get_mut(name) {
            series.add(at, ns);
        }
    }

    /// What was measured under a name, if anything.
    pub fn figures(&mut self, name: &str) -> Option<Figures> {
        self.series.get_mut(name).map(|series| series.figures(name))
    }

    fn merge(&mut self, other: Self) {
        for (name, theirs) in other.series {
            match self.series.get_mut(name) {
                None => {
                    self.series.insert(name, theirs);
                }
                // Two threads with a stage of one name: decoding to luma and to colour. One second of each is a second.
                Some(ours) => {
                    let mut theirs = theirs;
                    theirs.end_second();
                    let _ = ours.all_ns.add(&theirs.all_ns);
                    ours.sum_ns += theirs.sum_ns;
                }
            }
        }
    }
}

/// Times stages on the session's clock, and hands them over when it is dropped: its thread shares nothing while it runs.
pub struct Stopwatch {
    clock: SessionClock,
    /// Times that end before are not counted.
    from: Timestamp,
    last: Timestamp,
    times: Times,
    into: Arc<Mutex<Times>>,
}

impl Stopwatch {
    /// One that counts what ends after `from` and leaves it in `into`.
    pub fn new(clock: SessionClock, from: Timestamp, into: &Arc<Mutex<Times>>) -> Self {
        Self { clock, from, last: clock.now(), times: Times::default(), into: Arc::clone(into) }
    }

    /// Adds the time from `since` to now under a name.
    pub fn add_since(&mut self, name: &'static str, since: Timestamp) {
        let now = self.clock.now();
        self.add_between(name, since, now);
    }

    /// Adds the time from `since` to `until` under a name.
    pub fn add_between(&mut self, name: &'static str, since: Timestamp, until: Timestamp) {
        if until >= self.from {
            self.times.add_between(name, since, until);
        }
    }
}

impl StageProbe for Stopwatch {
    fn begin(&mut self) {
        self.last = self.clock.now();
    }

    fn end(&mut self, stage: Stage) {
        let now = self.clock.now();
        self.add_between(stage.name(), self.last, now);
        self.last = now;
    }
}

impl Drop for Stopwatch {
    fn drop(&mut self) {
        self.into.lock().unwrap_or_else(PoisonError::into_inner).merge(std::mem::take(&mut self.times));
    }
}

/// What one look at the clock costs, in ns: the mean of many.
pub fn clock_overhead_ns(clock: &SessionClock) -> f64 {
    const LOOKS: i32 = 20_000;
    let before = clock.now();
    for _ in 0..LOOKS {
        std::hint::black_box(clock.now());
    }
    clock.now().as_nanos().saturating_sub(before.as_nanos()) as f64 / f64::from(LOOKS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: f64) -> Timestamp {
        Timestamp::from_secs_f64(seconds)
    }

    #[test]
    fn known_times_give_known_figures() {
        let mut times = Times::default();
        for n in 0..1000u64 {
            times.add("a", at(n as f64 / 100.0), (n + 1) * 1_000_000);
        }
        let figures = times.figures("a").unwrap();
        assert_eq!(figures.count, 1000);
        assert!((figures.mean_ms - 500.5).abs() < 1e-6);
        for (got, expected) in [
            (figures.p50_ms, 500.0),
            (figures.p95_ms, 950.0),
            (figures.p99_ms, 990.0),
            (figures.max_ms, 1000.0),
            (figures.percentiles_ms[0], 1.0),
        ] {
            assert!((got - expected).abs() <= 1e-3 * expected, "{got} {expected}");
        }
        // Ten seconds of a hundred each; the middle of the first is its 51st.
        assert_eq!(figures.second_medians_ms.len(), 10);
        assert!((figures.second_medians_ms[0] - 51.0).abs() < 1e-9);
        assert!(times.figures("b").is_none());
    }

    #[test]
    fn what_ends_in_the_warm_up_does_not_count() {
        let clock = SessionClock::start();
        let into = Arc::new(Mutex::new(Times::default()));
        let mut early = Stopwatch::new(clock, at(1e6), &into);
        early.begin();
        early.end(Stage::Motion);
        drop(early);
        assert!(into.lock().unwrap().figures("motion").is_none());
        let mut late = Stopwatch::new(clock, at(0.0), &into);
        late.begin();
        late.end(Stage::Motion);
        late.end(Stage::Spot);
        drop(late);
        let mut times = into.lock().unwrap();
        assert_eq!(times.figures("motion").unwrap().count, 1);
        assert_eq!(times.figures("spot").unwrap().count, 1);
    }

    #[test]
    fn two_threads_add_up() {
        let clock = SessionClock::start();
        let into = Arc::new(Mutex::new(Times::default()));
        for _ in 0..2 {
            let mut watch = Stopwatch::new(clock, at(0.0), &into);
            watch.begin();
            watch.end(Stage::Decode);
        }
        assert_eq!(into.lock().unwrap().figures("decode").unwrap().count, 2);
    }
}
