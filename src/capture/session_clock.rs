//! The session's clock: the one place where the program reads the time.

#![expect(clippy::disallowed_methods, reason = "the one place of the program where clocks are read")]

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::types::Timestamp;

/// Older driver stamps than this are mistakes (a camera buffers four frames or so).
const MAX_AGE: Duration = Duration::from_secs(5);

/// A monotonic clock that starts at [`Timestamp::ZERO`], and the wall-clock time at which it did.
#[derive(Clone, Copy, Debug)]
pub struct SessionClock {
    start: Instant,
    wall_start: SystemTime,
}

impl SessionClock {
    /// Starts the session now.
    pub fn start() -> Self {
        Self { start: Instant::now(), wall_start: SystemTime::now() }
    }

    /// The wall-clock time of [`Timestamp::ZERO`], to be stored once in the session's files.
    pub fn wall_start(&self) -> SystemTime {
        self.wall_start
    }

    /// Time since the start.
    pub fn now(&self) -> Timestamp {
        Timestamp::ZERO + self.start.elapsed()
    }

    /// How long from now until `at`; zero when it has passed.
    pub fn until(&self, at: Timestamp) -> Duration {
        Duration::from_secs_f64(at.seconds_since(self.now()).max(0.0))
    }

    /// A frame's capture time on this clock, from the wall-clock stamp that a driver gave it (time since 1970), read
    /// just now. `None` for a stamp in the future or more than 5 s old.
    ///
    /// The stamp's *age* is what is converted: so a wall clock that is set while the session runs does no harm.
    pub(super) fn captured_at(&self, wall_stamp: Duration) -> Option<Timestamp> {
        let wall_now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
        let age = wall_now.checked_sub(wall_stamp).filter(|age| *age <= MAX_AGE)?;
        Some(self.now() - age)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_become_session_times_and_impossible_ones_nothing() {
        let clock = SessionClock::start();
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let at = clock.captured_at(wall - Duration::from_secs(1)).unwrap();
        let now = clock.now();
        assert!(now.seconds_since(at) >= 1.0);
        assert!(at < Timestamp::ZERO + Duration::from_secs(1));
        assert_eq!(clock.captured_at(wall + Duration::from_secs(60)), None);
        assert_eq!(clock.captured_at(wall - Duration::from_secs(60)), None);
        assert_eq!(clock.captured_at(Duration::ZERO), None);
    }
}
