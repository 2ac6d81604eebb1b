//! Brings together what patches and landmarks say of the same moment: landmarks come later and less often.
//!
//! Each frame waits until landmarks of its own time or a later one have come (67-133 ms at the usual 15 measurements a second), and gets
//! what lies between the two around it.

use std::collections::VecDeque;

use super::points::{landmark_places, of_regions, patch_count};
use crate::types::{LandmarkUpdate, PatchMotion, Signal, Timestamp};

/// Landmarks further apart than this say nothing of the time between them, in seconds: the rise of a slow micro-expression.
const LONGEST_SPAN_S: f64 = 0.2;
/// A frame waits no longer than this for landmarks, in seconds: at five measurements a second the last would come after 0.27 s.
const LONGEST_WAIT_S: f64 = 0.3;
/// Frames that wait at most: 0.3 s at 240 frames a second and some more. Beyond, the oldest goes without landmarks.
const MOST_WAITING: usize = 96;

/// The motion of all points in one frame.
#[derive(Clone, Debug, Default)]
pub struct PointMotion {
    /// When the frame was captured.
    pub at: Timestamp,
    /// Whose face it is.
    pub face_id: u32,
    /// In the order of [`super::points::points`]; empty without a face.
    pub points: Vec<PatchMotion>,
    /// Speed of the head in the image, in ICD a second.
    pub head_speed_icd_s: f32,
}

/// A measurement of the followed face.
#[derive(Clone, Debug)]
struct Measured {
    at: Timestamp,
    face_id: u32,
    places: Vec<[f32; 2]>,
}

/// Holds frames until their landmarks are known.
#[derive(Clone, Debug)]
pub struct Pairing {
    min_confidence: f32,
    waiting: VecDeque<PointMotion>,
    newest: Option<Measured>,
    spare: Vec<Vec<PatchMotion>>,
}

impl Pairing {
    /// A pairing that has seen nothing. Faces below `min_confidence` are not measured, nor are those that something covers: the motion
    /// stage does not follow them either (`MotionParams::min_confidence`).
    pub fn new(min_confidence: f32) -> Self {
        Self { min_confidence, waiting: VecDeque::new(), newest: None, spare: Vec::new() }
    }

    /// Takes one frame (`signal` is `None` where no face was followed) and the measurement that took effect with it. `give` gets the
    /// frames that need not wait any longer, oldest first.
    pub fn push(
        &mut self,
        now: Timestamp,
        signal: Option<&Signal>,
        update: Option<&LandmarkUpdate>,
        mut give: impl FnMut(&PointMotion),
    ) {
        let mut points = self.spare.pop().unwrap_or_default();
        points.clear();
        if let Some(signal) = signal {
            points.extend(of_regions(signal.patches.iter().copied()));
            // A signal without its patches is one that saw none of them.
            points.resize(patch_count(), PatchMotion::default());
        }
        self.waiting.push_back(PointMotion {
            at: now,
            face_id: signal.map_or(0, |signal| signal.face_id),
            points,
            head_speed_icd_s: signal.map_or(0.0, |signal| signal.head_speed_icd_s),
        });
        if let Some(update) = update {
            self.measure(update, &mut give);
        }
        // Frames without a face wait for nothing, nor do those that have waited too long.
        let is_over = |frame: &PointMotion| {
            frame.points.is_empty() || now.seconds_since(frame.at) > LONGEST_WAIT_S || now < frame.at
        };
        while self.waiting.front().is_some_and(is_over) || self.waiting.len() > MOST_WAITING {
            self.release(None, &mut give);
        }
    }

    /// Landmarks have come: frames up to their time get theirs.
    fn measure(&mut self, update: &LandmarkUpdate, give: &mut impl FnMut(&PointMotion)) {
        let at = update.measured_at;
        let followed = self.waiting.iter().rev().find(|frame| !frame.points.is_empty());
        let measured = followed.and_then(|frame| {
            let face = update.faces.iter().find(|face| face.id == frame.face_id)?;
            let is_good = face.confidence >= self.min_confidence && !face.quality.is_occluded;
            let places = if is_good { landmark_places(&face.landmarks) } else { Vec::new() };
            (!places.is_empty()).then_some(Measured { at, face_id: face.id, places })
        });
        while self.waiting.front().is_some_and(|frame| frame.at <= at) {
            self.release(measured.as_ref(), give);
        }
        self.newest = measured;
    }

    /// Gives the oldest frame out, with landmarks where it lies at `after` or between the newest measurement and it.
    fn release(&mut self, after: Option<&Measured>, give: &mut impl FnMut(&PointMotion)) {
        let Some(mut frame) = self.waiting.pop_front() else { return };
        if !frame.points.is_empty() {
            self.add_landmarks(&mut frame, after);
        }
        give(&frame);
        self.spare.push(frame.points);
    }

    fn add_landmarks(&self, frame: &mut PointMotion, after: Option<&Measured>) {
        let is_own = |measured: &&Measured| measured.face_id == frame.face_id;
        let after = after.filter(is_own);
        let before = self.newest.as_ref().filter(is_own).filter(|before| before.at <= frame.at);
        let around = match (before, after) {
            (_, Some(after)) if after.at == frame.at => Some((after, after, 0.0)),
            (Some(before), Some(after)) => {
                let span_s = after.at.seconds_since(before.at);
                let is_near = span_s > 0.0 && span_s <= LONGEST_SPAN_S;
                is_near.then(|| (before, after, (frame.at.seconds_since(before.at) / span_s) as f32))
            }
            _ => None,
        };
        let Some((before, after, share)) = around else {
            frame.points.resize(2 * patch_count(), PatchMotion::default());
            return;
        };
        let between = before.places.iter().zip(&after.places).map(|(a, b)| PatchMotion {
            displacement_icd: [a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])],
            is_valid: true,
        });
        frame.points.extend(between);
    }

    /// Forgets everything.
    pub fn reset(&mut self) {
        self.waiting.clear();
        self.newest = None;
    }
}
