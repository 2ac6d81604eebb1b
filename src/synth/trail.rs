//! Where the base's face is in each of its frames, smoothed over time so that a warp that rides on it does not tremble.

use crate::types::{LANDMARK_COUNT, LandmarkUpdate, Landmarks};

/// Standard deviation of the smoothing, in seconds. Not causal, so it does not lag; landmark jitter is from frame to frame.
const SMOOTH_S: f64 = 0.06;
/// Frames further apart than this belong to different runs, in seconds.
const LONGEST_GAP_S: f64 = 0.25;
/// Turned further than this a face is not animated: half of it is hidden.
const WIDEST_YAW_DEG: f32 = 40.0;
/// Closer than this no expression could be seen, in pixels between the inner eye corners.
const SMALLEST_ICD_PX: f32 = 10.0;
/// The face's outline may end this near the picture's edge, in pixels.
const EDGE_PX: f32 = 1.0;

/// The base's face in one frame.
#[derive(Clone, Debug)]
pub struct TrailPoint {
    /// When, in seconds from the clip's start.
    pub time_s: f64,
    /// Its landmarks, in base pixels, smoothed; `None` where there is no face that could be animated.
    pub landmarks: Option<Box<Landmarks>>,
    track: u32,
}

impl TrailPoint {
    /// From one frame's measurement: the primary face, if it can be animated.
    pub(super) fn new(time_s: f64, update: &LandmarkUpdate, (width, height): (u32, u32)) -> Self {
        let usable = update.faces.first().filter(|face| {
            let inside = |&[x, y, _]: &[f32; 3]| {
                (EDGE_PX..width as f32 - EDGE_PX).contains(&x)
                    && (EDGE_PX..height as f32 - EDGE_PX).contains(&y)
            };
            // A forehead or a chin may be cut off, the parts that move may not.
            let is_inside = [33, 263, 105, 334, 61, 291, 17]
                .iter()
                .all(|&point| face.landmarks.get(point).is_some_and(inside));
            is_inside
                && !face.quality.is_occluded
                && face.pose.yaw_deg.abs() <= WIDEST_YAW_DEG
                && face.icd_px >= SMALLEST_ICD_PX
        });
        Self {
            time_s,
            landmarks: usable.map(|face| face.landmarks.clone()),
            track: usable.map_or(0, |face| face.id),
        }
    }

    fn follows(&self, before: &Self) -> bool {
        self.landmarks.is_some()
            && before.landmarks.is_some()
            && self.track == before.track
            && (0.0..=LONGEST_GAP_S).contains(&(self.time_s - before.time_s))
    }
}

/// Splits the frames into unbroken runs of one face: index ranges.
fn runs(points: &[TrailPoint]) -> Vec<std::ops::Range<usize>> {
    let mut runs: Vec<std::ops::Range<usize>> = Vec::new();
    for (index, point) in points.iter().enumerate() {
        if point.landmarks.is_none() {
            continue;
        }
        let goes_on =
            index.checked_sub(1).and_then(|before| points.get(before)).is_some_and(|b| point.follows(b));
        match runs.last_mut().filter(|_| goes_on) {
            Some(run) => run.end = index + 1,
            None => runs.push(index..index + 1),
        }
    }
    runs
}

/// Times during which one face can be animated: `[from, to]` in seconds, in order.
pub(super) fn usable_spans(points: &[TrailPoint]) -> Vec<[f64; 2]> {
    let span =
        |run: std::ops::Range<usize>| Some([points.get(run.start)?.time_s, points.get(run.end - 1)?.time_s]);
    runs(points).into_iter().filter_map(span).collect()
}

/// Smooths the landmarks along each run, with a Gaussian over time.
pub(super) fn smooth(points: &mut [TrailPoint]) {
    for run in runs(points) {
        let Some(run) = points.get_mut(run) else { continue };
        let raw: Vec<(f64, Box<Landmarks>)> =
            run.iter().filter_map(|point| Some((point.time_s, point.landmarks.clone()?))).collect();
        for point in run.iter_mut() {
            let mut sum = Box::new([[0.0f64; 3]; LANDMARK_COUNT]);
            let mut total = 0.0;
            for (time_s, landmarks) in &raw {
                let away = (time_s - point.time_s) / SMOOTH_S;
                if away.abs() > 3.0 {
                    continue;
                }
                let weight = (-0.5 * away * away).exp();
                total += weight;
                for (sum, landmark) in sum.iter_mut().zip(landmarks.iter()) {
                    for (sum, value) in sum.iter_mut().zip(landmark) {
                        *sum += weight * f64::from(*value);
                    }
                }
            }
            if let Some(landmarks) = &mut point.landmarks {
                for (landmark, sum) in landmarks.iter_mut().zip(sum.iter()) {
                    *landmark = sum.map(|v| (v / total) as f32);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(time_s: f64, x: Option<f32>, track: u32) -> TrailPoint {
        TrailPoint { time_s, landmarks: x.map(|x| Box::new([[x, 0.0, 0.0]; LANDMARK_COUNT])), track }
    }

    #[test]
    fn spans_break_at_losses_gaps_and_other_faces() {
        let points = [
            point(0.0, Some(0.0), 1),
            point(0.1, Some(0.0), 1),
            point(0.2, None, 0),
            point(0.3, Some(0.0), 1),
            point(0.4, Some(0.0), 2),
            point(0.5, Some(0.0), 2),
            point(1.5, Some(0.0), 2),
        ];
        assert_eq!(usable_spans(&points), [[0.0, 0.1], [0.3, 0.3], [0.4, 0.5], [1.5, 1.5]]);
    }

    #[test]
    fn smoothing_takes_jitter_away_and_does_not_lag() {
        // A steady motion of 1 px a frame, with jitter of 1 px up and down.
        let mut points: Vec<_> = (0..60)
            .map(|i| point(f64::from(i) / 30.0, Some(i as f32 + if i % 2 == 0 { 1.0 } else { -1.0 }), 1))
            .collect();
        smooth(&mut points);
        for (index, point) in points.iter().enumerate().skip(6).take(48) {
            let x = point.landmarks.as_ref().unwrap()[7][0];
            assert!((x - index as f32).abs() < 0.2, "{x} at {index}");
        }
    }
}
