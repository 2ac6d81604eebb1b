//! Everything that [`super::draw()`] needs to draw one picture: plain data, no clocks.

use image::RgbImage;

use crate::types::{
    Event, FrameStatus, GapReason, LandmarkUpdate, Mismatch, Observability, Observation, RegionId, Signal,
};

/// Seconds in which what is withdrawn fades from the screen.
pub const FADE_S: f64 = 0.6;

/// Which layers are drawn; each has a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layers {
    /// Face outline and box.
    pub outline: bool,
    /// The 478 landmarks.
    pub landmarks: bool,
    /// Enlarged motion arrows of the regions.
    pub arrows: bool,
    /// Traces of the last 5 s.
    pub traces: bool,
    /// Expression bars.
    pub bars: bool,
    /// The list of events.
    pub events: bool,
    /// Frame rate, latency, lost frames.
    pub stats: bool,
    /// The help panel.
    pub help: bool,
}

impl Default for Layers {
    fn default() -> Self {
        Self {
            outline: true,
            landmarks: false,
            arrows: true,
            traces: true,
            bars: true,
            events: true,
            stats: true,
            help: false,
        }
    }
}

/// Live figures, as of now.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LiveStats {
    /// Frames analysed a second, over the last second or two.
    pub fps: f32,
    /// Median time from a frame's arrival to its result, in ms.
    pub latency_p50_ms: f32,
    /// 95th percentile of the same.
    pub latency_p95_ms: f32,
    /// Frames lost since the start.
    pub lost: u64,
    /// Why the newest loss happened.
    pub last_loss: Option<GapReason>,
    /// Seconds since the start of the session.
    pub elapsed_s: f64,
}

/// Texts that the session contributes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SceneText {
    /// The source's name: camera or file.
    pub source: String,
    /// A short notice (screenshot saved, camera lost); empty for none.
    pub notice: String,
    /// Marked DEMO: not a real person in front of a camera.
    pub is_demo: bool,
    /// Paused by the user.
    pub is_paused: bool,
}

/// An event as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct ShownEvent {
    /// The event as it last stood.
    pub event: Event,
    /// When its flag was withdrawn, in seconds since the start; it fades from then on.
    pub withdrawn_s: Option<f64>,
}

impl ShownEvent {
    /// How much of it is still to be seen at `now_s`, `[0, 1]`.
    pub fn opacity(&self, now_s: f64) -> f32 {
        let faded = self.withdrawn_s.map_or(0.0, |since| (now_s - since) / FADE_S);
        if faded.is_finite() { (1.0 - faded).clamp(0.0, 1.0) as f32 } else { 1.0 }
    }
}

/// One picture's content.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// The camera picture, unmirrored.
    pub picture: &'a RgbImage,
    /// Show it as a mirror (the usual for one's own face); text is never mirrored.
    pub is_mirrored: bool,
    /// The result for this picture, once there is one.
    pub observation: Option<&'a Observation>,
    /// The newest landmark measurement (for the expression bars and the pose).
    pub update: Option<&'a LandmarkUpdate>,
    /// Where each measured region is in this picture, in image pixels (the motion tracker's points): arrows start there.
    pub region_points_px: &'a [(RegionId, [f32; 2])],
    /// Signals of the last 5 s, oldest first; time gaps show as gaps in the traces.
    pub signals: &'a [Signal],
    /// What could be seen of each region in the last 5 s, oldest first: greys the traces of regions that were too restless.
    pub observability: &'a [Observability],
    /// Status and time (s) of the frames of the last 5 s, oldest first: greys the traces where nothing was seen.
    pub statuses: &'a [(f64, FrameStatus)],
    /// How far mouth and eyes disagreed in the last 5 s, with its time in seconds, oldest first.
    pub mismatches: &'a [(f64, Mismatch)],
    /// The regions whose traces are drawn.
    pub traced: &'a [RegionId],
    /// The newest events, oldest first; those that were withdrawn for as long as they fade.
    pub events: &'a [ShownEvent],
    /// Markers set by the user, seconds since the start.
    pub markers_s: &'a [f64],
    /// Live figures.
    pub stats: LiveStats,
    /// Texts.
    pub text: &'a SceneText,
    /// Which layers are on.
    pub layers: Layers,
}
