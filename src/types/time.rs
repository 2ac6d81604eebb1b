//! One monotonic clock: nanoseconds from the session's start.

use std::ops::{Add, Sub};
use std::time::Duration;

/// A point on the session's monotonic clock, in nanoseconds from its start.
///
/// Signed, since files may carry presentation times before zero. The wall-clock start is stored once per session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The session's start.
    pub const ZERO: Self = Self(0);

    /// From nanoseconds since the session's start.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// From seconds, rounded to the nearest nanosecond. A value that is not finite becomes zero.
    pub fn from_secs_f64(seconds: f64) -> Self {
        Self((seconds * 1e9).round() as i64)
    }

    /// Nanoseconds since the session's start.
    pub const fn as_nanos(self) -> i64 {
        self.0
    }

    /// Seconds since the session's start.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 * 1e-9
    }

    /// Seconds from `earlier` to `self`; negative when `self` comes first.
    pub fn seconds_since(self, earlier: Self) -> f64 {
        self.0.saturating_sub(earlier.0) as f64 * 1e-9
    }

    /// Milliseconds from `earlier` to `self`; negative when `self` comes first.
    pub fn millis_since(self, earlier: Self) -> f64 {
        self.0.saturating_sub(earlier.0) as f64 * 1e-6
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;
    fn add(self, later_by: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(later_by.as_nanos()).unwrap_or(i64::MAX)))
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;
    fn sub(self, earlier_by: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(earlier_by.as_nanos()).unwrap_or(i64::MAX)))
    }
}
