//! The session's clock: the one place where the program reads the time.

#![expect(clippy::disallowed_methods, reason = "the one place of the program where clocks are read")]

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::types::Timestamp;

/// Older driver stamps than this are mistakes (a camera buffers four frames or so).
const MAX_AGE: Duration = Duration::from_secs(5);
/// Drivers that reckon the time of a frame from its number may be this far ahead of the clock.
const MAX_AHEAD: Duration = Duration::from_millis(50);

/// When a driver stamped a frame, on the clock that it used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DriverStamp {
    /// Wall-clock time since 1970.
    Wall(Duration),
    /// The system's monotonic clock (Linux: `CLOCK_MONOTONIC`).
    Monotonic(Duration),
}

impl DriverStamp {
    /// The time on the same clock now; `None` where this system cannot tell.
    fn now_like(self) -> Option<Duration> {
        match self {
            Self::Wall(_) => SystemTime::now().duration_since(UNIX_EPOCH).ok(),
            #[cfg(target_os = "linux")]
            Self::Monotonic(_) => {
                let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
                Some(Duration::new(u64::try_from(now.tv_sec).ok()?, u32::try_from(now.tv_nsec).ok()?))
            }
            #[cfg(not(target_os = "linux"))]
            Self::Monotonic(_) => None,
        }
    }

    /// How long ago that was; `None` for a stamp in the future or more than 5 s old, as one of another clock is.
    fn age(self) -> Option<Duration> {
        let (Self::Wall(stamp) | Self::Monotonic(stamp)) = self;
        let now = self.now_like()?;
        if stamp > now {
            return (stamp - now <= MAX_AHEAD).then_some(Duration::ZERO);
        }
        Some(now - stamp).filter(|age| *age <= MAX_AGE)
    }
}

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

    /// How far the wall clock has run ahead of this one since the start, in seconds: it was set, or the machine slept.
    pub fn wall_lead_s(&self) -> f64 {
        let wall_s = match SystemTime::now().duration_since(self.wall_start) {
            Ok(ahead) => ahead.as_secs_f64(),
            Err(behind) => -behind.duration().as_secs_f64(),
        };
        wall_s - self.start.elapsed().as_secs_f64()
    }

    /// How long from now until `at`; zero when it has passed.
    pub fn until(&self, at: Timestamp) -> Duration {
        Duration::from_secs_f64(at.seconds_since(self.now()).max(0.0))
    }

    /// A frame's capture time on this clock, from the stamp that a driver gave it, read just now. `None` for a stamp
    /// that cannot be true.
    ///
    /// The stamp's *age* is what is converted: so a wall clock that is set while the session runs does no harm.
    pub(super) fn captured_at(&self, stamp: DriverStamp) -> Option<Timestamp> {
        let age = stamp.age()?;
        Some(self.now() - age)
    }
}

/// Processor time of the calling thread so far; `None` where this system does not tell.
pub fn thread_cpu() -> Option<Duration> {
    #[cfg(target_os = "linux")]
    {
        let used = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        Some(Duration::new(u64::try_from(used.tv_sec).ok()?, u32::try_from(used.tv_nsec).ok()?))
    }
    #[cfg(not(target_os = "linux"))]
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_become_session_times_and_impossible_ones_nothing() {
        let clock = SessionClock::start();
        let mut clocks: Vec<fn(Duration) -> DriverStamp> = vec![DriverStamp::Wall];
        if cfg!(target_os = "linux") {
            clocks.push(DriverStamp::Monotonic);
        }
        for stamp in clocks {
            let on_clock = stamp(Duration::ZERO).now_like().unwrap();
            let at = clock.captured_at(stamp(on_clock - Duration::from_secs(1))).unwrap();
            let now = clock.now();
            assert!(now.seconds_since(at) >= 1.0);
            assert!(at < Timestamp::ZERO + Duration::from_secs(1));
            let ahead = clock.captured_at(stamp(on_clock + Duration::from_millis(40))).unwrap();
            assert!(ahead >= now && ahead <= clock.now());
            assert_eq!(clock.captured_at(stamp(on_clock + Duration::from_secs(60))), None);
            assert_eq!(clock.captured_at(stamp(on_clock - Duration::from_secs(60))), None);
            assert_eq!(clock.captured_at(stamp(Duration::ZERO)), None);
        }
    }

    #[test]
    fn a_stamp_of_the_other_clock_is_never_believed() {
        let clock = SessionClock::start();
        let wall = DriverStamp::Wall(Duration::ZERO).now_like().unwrap();
        assert_eq!(clock.captured_at(DriverStamp::Monotonic(wall)), None);
    }
}
