//! Landmark smoothing as MediaPipe does it in VIDEO mode: a one-euro filter on each coordinate.
//!
//! Off by default (see [`super::FaceParams::smooth_landmarks`]); it exists so that parity can be measured like with like.

use crate::types::{LANDMARK_COUNT, Landmarks, Timestamp};

use super::roi::bounding_box;

/// Cut-off of a still landmark, in Hz, of MediaPipe's face landmarker.
const MIN_CUTOFF_HZ: f64 = 0.05;
/// Hz of cut-off for each face size a second of speed; same source.
const BETA: f64 = 80.0;
/// Cut-off of the speed estimate, in Hz; same source.
const SPEED_CUTOFF_HZ: f64 = 1.0;

/// State of one coordinate.
#[derive(Clone, Copy)]
struct Coordinate {
    raw: f64,
    smooth: f64,
    /// Face sizes a second.
    speed: f64,
}

/// One-euro filter (Casiez et al. 2012) over all landmarks of one face.
pub(super) struct LandmarkSmoother {
    last: Option<(Timestamp, Vec<Coordinate>)>,
}

impl LandmarkSmoother {
    pub fn new() -> Self {
        Self { last: None }
    }

    /// Smooths in place. A timestamp that does not rise leaves the landmarks as they are.
    pub fn apply(&mut self, at: Timestamp, landmarks: &mut Landmarks) {
        let bounds = bounding_box(landmarks);
        // MediaPipe's object scale: the mean of the box's sides. Smoothing ends where there is none.
        let size = f64::from((bounds.w + bounds.h) / 2.0);
        if size.is_nan() || size < 1e-6 {
            return;
        }
        let Some((then, state)) = &mut self.last else {
            let start =
                |value: &f32| Coordinate { raw: f64::from(*value), smooth: f64::from(*value), speed: 0.0 };
            let state: Vec<_> = landmarks.iter().flatten().map(start).collect();
            debug_assert_eq!(state.len(), 3 * LANDMARK_COUNT);
            self.last = Some((at, state));
            return;
        };
        let dt = at.seconds_since(*then);
        if dt <= 0.0 {
            return;
        }
        *then = at;
        let alpha = |cutoff_hz: f64| 1.0 / (1.0 + 1.0 / (std::f64::consts::TAU * cutoff_hz * dt));
        for (value, state) in landmarks.iter_mut().flatten().zip(state) {
            let raw = f64::from(*value);
            let speed = (raw - state.raw) / size / dt;
            state.speed += alpha(SPEED_CUTOFF_HZ) * (speed - state.speed);
            state.smooth += alpha(MIN_CUTOFF_HZ + BETA * state.speed.abs()) * (raw - state.smooth);
            state.raw = raw;
            *value = state.smooth as f32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn face(shift: f32) -> Landmarks {
        std::array::from_fn(|i| [100.0 + (i % 22) as f32 + shift, 50.0 + (i / 22) as f32, 0.0])
    }

    #[test]
    fn jitter_shrinks_and_motion_is_followed() {
        let mut smoother = LandmarkSmoother::new();
        let (mut worst_still, mut last) = (0.0f32, 0.0);
        for frame in 0..60i32 {
            let at = Timestamp::from_secs_f64(f64::from(frame) / 30.0);
            let jitter = if frame % 2 == 0 { 0.01 } else { -0.01 };
            let mut points = face(if frame < 30 { jitter } else { 3.0 * (frame - 30) as f32 });
            smoother.apply(at, &mut points);
            last = points[0][0] - 100.0;
            if (10..30).contains(&frame) {
                worst_still = worst_still.max(last.abs());
            }
        }
        assert!(worst_still < 0.0101, "{worst_still}");
        assert!((last - 87.0).abs() < 1.0, "{last}");
    }

    #[test]
    fn time_that_stands_still_changes_nothing() {
        let mut smoother = LandmarkSmoother::new();
        for _ in 0..3 {
            let mut points = face(5.0);
            smoother.apply(Timestamp::ZERO, &mut points);
            assert_eq!(points, face(5.0));
        }
    }
}
