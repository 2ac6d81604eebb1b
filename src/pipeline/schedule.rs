//! When landmarks are measured and when a measurement takes effect, in media time only.
//!
//! The landmark network takes longer than a frame, so live it runs beside the frames. Were its result applied as soon
//! as it is ready, results would depend on the speed of the machine. So it takes effect at a *fixed delay of media
//! time*, live and offline alike: the first frame at least `delay_s` after the measured one. Live waits there in
//! the rare case that the network is not done yet.

use crate::types::Timestamp;

/// Camera time stamps jitter: a frame this much early still counts as due. 4 ms: a quarter of a frame at 60 fps.
const TOLERANCE_S: f64 = 0.004;

/// The cadence of landmark measurements.
#[derive(Clone, Debug)]
pub struct LandmarkSchedule {
    interval_s: f64,
    still_interval_s: f64,
    delay_s: f64,
    last_start: Option<Timestamp>,
    in_flight: Option<Timestamp>,
}

impl LandmarkSchedule {
    /// `landmark_hz`: measurements a second of media time; 0 means every frame, with no delay.
    /// `still_hz`: the same for a face that has not changed since it was measured; what is above `landmark_hz` counts as that.
    /// `delay_s`: seconds of media time between the measured frame and the first one that sees the result; it is cut to
    /// the interval, as only one measurement is ever under way.
    pub fn new(landmark_hz: f64, still_hz: f64, delay_s: f64) -> Self {
        let interval_s = if landmark_hz > 0.0 { 1.0 / landmark_hz } else { 0.0 };
        let still_interval_s =
            if interval_s > 0.0 && still_hz > 0.0 { (1.0 / still_hz).max(interval_s) } else { interval_s };
        Self {
            interval_s,
            still_interval_s,
            delay_s: delay_s.clamp(0.0, interval_s),
            last_start: None,
            in_flight: None,
        }
    }

    /// True when the measurement under way takes effect at the frame captured at `now`.
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.in_flight.is_some_and(|started| now.seconds_since(started) >= self.delay_s - TOLERANCE_S)
    }

    /// True when the frame captured at `now` is the one that was measured last.
    pub fn has_started(&self, now: Timestamp) -> bool {
        self.last_start == Some(now)
    }

    /// True while a measurement is under way.
    pub fn is_in_flight(&self) -> bool {
        self.in_flight.is_some()
    }

    /// True when the frame captured at `now` is to be measured. `is_still`: the face looks as in the measurement before.
    pub fn wants(&self, now: Timestamp, is_still: bool) -> bool {
        let interval_s = if is_still { self.still_interval_s } else { self.interval_s };
        self.in_flight.is_none()
            && self.last_start.is_none_or(|last| now.seconds_since(last) >= interval_s - TOLERANCE_S)
    }

    /// A measurement of the frame captured at `now` begins.
    pub fn started(&mut self, now: Timestamp) {
        self.last_start = Some(now);
        self.in_flight = Some(now);
    }

    /// The measurement under way has taken effect.
    pub fn applied(&mut self) {
        self.in_flight = None;
    }

    /// True when results take effect on the very frame that was measured.
    pub fn is_synchronous(&self) -> bool {
        self.delay_s <= 0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs the schedule over frames at `fps` and gives the (measured, effective) frame pairs.
    fn pairs(fps: f64, hz: f64, delay_s: f64, frames: usize) -> Vec<(usize, usize)> {
        let mut schedule = LandmarkSchedule::new(hz, 5.0, delay_s);
        let (mut started, mut out) = (0, Vec::new());
        for n in 0..frames {
            let now = Timestamp::from_secs_f64(n as f64 / fps);
            if schedule.is_due(now) {
                schedule.applied();
                out.push((started, n));
            }
            if schedule.wants(now, false) {
                schedule.started(now);
                started = n;
                if schedule.is_synchronous() {
                    schedule.applied();
                    out.push((n, n));
                }
            }
        }
        out
    }

    #[test]
    fn at_30_fps_every_second_frame_is_measured_and_takes_effect_two_frames_later() {
        assert_eq!(pairs(30.0, 15.0, 1.0 / 15.0, 7), [(0, 2), (2, 4), (4, 6)]);
    }

    #[test]
    fn at_60_fps_every_fourth_frame_is_measured() {
        assert_eq!(pairs(60.0, 15.0, 1.0 / 15.0, 9), [(0, 4), (4, 8)]);
    }

    #[test]
    fn a_still_face_is_measured_at_its_own_rate_and_at_once_when_it_changes() {
        let mut schedule = LandmarkSchedule::new(15.0, 5.0, 1.0 / 15.0);
        let mut measured = Vec::new();
        for n in 0..22 {
            let now = Timestamp::from_secs_f64(f64::from(n) / 30.0);
            if schedule.is_due(now) {
                schedule.applied();
            }
            if schedule.wants(now, !(9..14).contains(&n)) {
                schedule.started(now);
                measured.push(n);
            }
        }
        assert_eq!(measured, [0, 6, 9, 11, 13, 19]);
    }

    #[test]
    fn zero_hertz_means_every_frame_at_once() {
        assert_eq!(pairs(30.0, 0.0, 1.0, 3), [(0, 0), (1, 1), (2, 2)]);
    }

    #[test]
    fn a_rate_above_the_frame_rate_measures_every_frame_one_frame_late() {
        assert_eq!(pairs(24.0, 60.0, 1.0, 4), [(0, 1), (1, 2), (2, 3)]);
    }
}
