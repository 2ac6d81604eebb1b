//! The only clock of the program: monotonic, counted from a session's start.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::types::Timestamp;

/// A session's clock. Read by the threads at the edges (arrival, pacing, latency), never by a filter.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: Instant,
    unix_start: Duration,
}

impl Clock {
    /// Starts a session's clock now and notes the wall-clock time once.
    #[expect(clippy::disallowed_methods, reason = "the one place where clocks are read")]
    pub fn start() -> Self {
        Self {
            start: Instant::now(),
            unix_start: SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default(),
        }
    }

    /// Time since the start.
    pub fn now(&self) -> Timestamp {
        Timestamp::ZERO + self.start.elapsed()
    }

    /// Wall-clock time of the start, since 1970-01-01 UTC.
    pub fn unix_start(&self) -> Duration {
        self.unix_start
    }

    /// How long from now until `at`; zero when it has passed.
    pub fn until(&self, at: Timestamp) -> Duration {
        Duration::from_secs_f64(at.seconds_since(self.now()).max(0.0))
    }
}
