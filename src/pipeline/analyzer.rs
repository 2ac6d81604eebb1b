//! The synchronous core: one frame in, one [`Observation`] out. Offline and live run this same code.

use std::sync::Arc;

use arrayvec::ArrayVec;
use image::GrayImage;

use super::measure::{Inline, Measure, MeasureJob, Measurer};
use super::schedule::LandmarkSchedule;
use crate::expression::{
    ExpressionError, ExpressionParams, ExpressionSmoother, MaskedDetector, MaskedInput, MaskedParams,
    RestExpression,
};
use crate::face::{ChangeMonitor, FaceError, FaceParams};
use crate::image::convert::luma_from_frame;
use crate::image::measure;
use crate::motion::{MotionParams, MotionTracker};
use crate::spot::network::NetworkError;
use crate::spot::{BlinkParams, BlinkSpotter, SpotInput, SpotParams, Spotter};
use crate::types::{
    Affine, CROP_SIZE_PX, Event, Expression, FaceTrack, Frame, FrameStatus, Gap, GapReason, LandmarkUpdate,
    MAX_FACES, Mismatch, NoProbe, Observability, Observation, RegionId, Signal, Stage, StageProbe, Timestamp,
};

/// What the analysis can be told.
#[derive(Clone, Debug)]
pub struct AnalyzerParams {
    /// Landmark measurements a second of media time; 0 for every frame. DESIGN section 5: 15.
    pub landmark_hz: f64,
    /// The same for a face that has not changed since it was measured; what is above `landmark_hz` counts as that. 3: one measurement
    /// costs as much as the motion of eight frames, and after 0.5 s without any the face stage would start anew.
    pub landmark_still_hz: f64,
    /// Media time from a measured frame to the first one that sees the result, in seconds. One landmark interval at
    /// 15 Hz: the network (25-35 ms on one laptop core) is then done in time even on a busy machine.
    pub landmark_delay_s: f64,
    /// The face stage.
    pub face: FaceParams,
    /// The motion stage.
    pub motion: MotionParams,
    /// The smoothing of expressions.
    pub expression: ExpressionParams,
    /// The masked-smile detector.
    pub masked: MaskedParams,
    /// What the person's face at rest takes off smoothed expressions; nothing by default. Measurements stay as they are.
    pub rest: RestExpression,
    /// The blink spotter.
    pub blink: BlinkParams,
    /// The spotter of brief and longer expressions.
    pub spot: SpotParams,
}

impl Default for AnalyzerParams {
    fn default() -> Self {
        Self {
            landmark_hz: 15.0,
            landmark_still_hz: 3.0,
            landmark_delay_s: 1.0 / 15.0,
            face: FaceParams::default(),
            motion: MotionParams::default(),
            expression: ExpressionParams::default(),
            masked: MaskedParams::default(),
            rest: RestExpression::default(),
            blink: BlinkParams::default(),
            spot: SpotParams::default(),
        }
    }
}

/// Why the analysis cannot go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AnalyzerError {
    /// A face network failed.
    #[error(transparent)]
    Face(#[from] FaceError),
    /// The expression network failed.
    #[error(transparent)]
    Expression(#[from] ExpressionError),
    /// The spotter's network failed.
    #[error(transparent)]
    Spotter(#[from] NetworkError),
    /// The measuring thread ended before the analysis did.
    #[error("the landmark thread ended early; this is a bug, please report it with the input that caused it")]
    MeasurerGone,
}

/// Turns frames into observations. Holds all state of a session; reads no clock.
pub struct Analyzer {
    params: AnalyzerParams,
    measure: Box<dyn Measure>,
    schedule: LandmarkSchedule,
    motion: MotionTracker,
    expression: ExpressionSmoother,
    masked: MaskedDetector,
    blink: BlinkSpotter,
    spotter: Spotter,
    change: ChangeMonitor,
    /// When the primary face last looked as in the newest measurement.
    unchanged_until: Timestamp,
    luma: GrayImage,
    spare_job: MeasureJob,
    newest: Option<Arc<LandmarkUpdate>>,
    pending_gaps: Vec<Gap>,
    next_event: u64,
    last_events: Vec<Event>,
    probe: Box<dyn StageProbe>,
}

impl Analyzer {
    /// An analyzer that measures landmarks on the caller's own thread.
    ///
    /// # Errors
    /// An embedded model that cannot be loaded.
    pub fn new(params: AnalyzerParams) -> Result<Self, AnalyzerError> {
        let measurer = Measurer::new(params.face)?;
        Self::with_measure(params, Box::new(Inline::new(measurer)))
    }

    /// An analyzer that measures landmarks where `measure` says. Results do not depend on it.
    ///
    /// # Errors
    /// An embedded model that cannot be loaded.
    pub fn with_measure(params: AnalyzerParams, measure: Box<dyn Measure>) -> Result<Self, AnalyzerError> {
        Ok(Self {
            schedule: LandmarkSchedule::new(
                params.landmark_hz,
                params.landmark_still_hz,
                params.landmark_delay_s,
            ),
            motion: MotionTracker::new(params.motion.clone()),
            expression: ExpressionSmoother::new(params.expression).with_rest(params.rest),
            masked: MaskedDetector::new(params.masked),
            blink: BlinkSpotter::new(params.blink.clone()),
            spotter: Spotter::new(params.spot.clone())?,
            params,
            measure,
            change: ChangeMonitor::default(),
            unchanged_until: Timestamp::default(),
            luma: GrayImage::default(),
            spare_job: MeasureJob::default(),
            newest: None,
            pending_gaps: Vec::new(),
            next_event: 0,
            last_events: Vec::new(),
            probe: Box::new(NoProbe),
        })
    }

    /// Tells `probe` of its stages from now on. Those of the measurements are told by the [`Measurer`].
    pub fn set_probe(&mut self, probe: Box<dyn StageProbe>) {
        self.probe = probe;
    }

    /// Tells of frames that were lost before the next one that is pushed.
    pub fn note_gap(&mut self, gap: Gap) {
        match self.pending_gaps.last_mut() {
            Some(last) if last.reason == gap.reason && last.first_seq + last.count == gap.first_seq => {
                last.count += gap.count;
            }
            _ => self.pending_gaps.push(gap),
        }
    }

    /// Takes the face as it is now for its rest: the motion reference is made anew.
    pub fn recalibrate(&mut self) {
        self.motion.reset();
    }

    /// Analyses one frame. Frames come in order; their time never falls.
    ///
    /// A frame whose bytes cannot be decoded gives `None`: it is lost, and the next observation carries it as a gap.
    ///
    /// # Errors
    /// A network that fails: the analysis cannot go on.
    pub fn push(&mut self, frame: &Frame) -> Result<Option<Observation>, AnalyzerError> {
        let now = frame.captured_at;
        self.probe.begin();
        if luma_from_frame(frame, &mut self.luma).is_err() {
            self.note_gap(Gap { first_seq: frame.seq, count: 1, at: now, reason: GapReason::Corrupt });
            return Ok(None);
        }
        self.probe.end(Stage::Decode);
        let update = self.take_measurement(frame)?;
        self.probe.begin();
        if let Some(update) = &update {
            self.newest = Some(Arc::clone(update));
        }
        let expression = update.as_ref().and_then(|update| self.expression.push(update));
        let signal = self.follow(now, update.as_deref());
        let faces = self.tracks();
        self.probe.end(Stage::Motion);
        let aligned = self.motion.aligned();
        let sharpness = aligned.map(|aligned| measure::sharpness(&aligned.pixels, CROP_SIZE_PX));
        let luma_mean = measure::luma_mean(self.luma.as_raw());
        let crop_luma_mean = aligned.map_or(luma_mean, |aligned| measure::luma_mean(&aligned.pixels));
        self.probe.end(Stage::Align);
        self.measure_next(frame)?;
        self.probe.begin();
        let gaps = std::mem::take(&mut self.pending_gaps);
        let status = status_of(&faces);
        let mut events = Vec::new();
        if let Some(update) = &update {
            self.blink.push(now, update, &mut self.next_event, &mut events);
        }
        let input = SpotInput {
            now,
            status,
            signal: signal.as_ref(),
            update: update.as_deref(),
            gaps: &gaps,
            luma_mean: crop_luma_mean,
            frame_luma_mean: luma_mean,
        };
        let observability = self.spotter.push(&input, &mut self.next_event, &mut events);
        let mismatch = self.mismatch(&input, expression.as_ref(), observability.as_ref(), &mut events);
        self.probe.end(Stage::Spot);
        Ok(Some(Observation {
            seq: frame.seq,
            captured_at: now,
            status,
            gaps,
            luma_mean,
            sharpness,
            faces,
            update,
            expression: self.expression.smoothed(),
            mismatch,
            signal,
            observability,
            events,
        }))
    }

    /// Compares mouth and eyes, once the spotter has said what it sees in this frame.
    fn mismatch(
        &mut self,
        input: &SpotInput<'_>,
        expression: Option<&Expression>,
        observability: Option<&Observability>,
        events: &mut Vec<Event>,
    ) -> Option<Mismatch> {
        let around = self.spotter.surroundings();
        let input = MaskedInput {
            now: input.now,
            is_clear: input.status == FrameStatus::Ok && !around.is_blinded,
            is_blinking: around.is_blinking,
            is_speaking: around.is_speaking,
            update: input.update,
            expression,
            signal: input.signal,
            observability,
        };
        self.masked.push(&input, &mut self.next_event, events)
    }

    /// Ends the session: what is still open is settled ([`Analyzer::take_last_events`] gives it). Returns a measurement that
    /// was under way, for the tables.
    ///
    /// # Errors
    /// A network that fails.
    pub fn finish(&mut self) -> Result<Option<Arc<LandmarkUpdate>>, AnalyzerError> {
        self.spotter.finish(&mut self.next_event, &mut self.last_events);
        self.masked.finish(&mut self.last_events);
        if !self.schedule.is_in_flight() {
            return Ok(None);
        }
        self.wait().map(Some)
    }

    /// Events that changed with the end of the session; call it after [`Analyzer::finish`].
    pub fn take_last_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.last_events)
    }

    /// Frames lost before the end of the source, after its last frame.
    pub fn take_gaps(&mut self) -> Vec<Gap> {
        std::mem::take(&mut self.pending_gaps)
    }

    /// Where each region is now, in image pixels: for drawing.
    pub fn region_points(&self) -> Vec<(RegionId, [f32; 2])> {
        self.motion.region_points()
    }

    /// Parameters in force.
    pub fn params(&self) -> &AnalyzerParams {
        &self.params
    }

    /// Collects the measurement that takes effect now. Nothing is followed without one: the first face is measured on the spot, and
    /// so is each frame where results take no time.
    fn take_measurement(&mut self, frame: &Frame) -> Result<Option<Arc<LandmarkUpdate>>, AnalyzerError> {
        let now = frame.captured_at;
        let mut update = None;
        if self.schedule.is_due(now) {
            update = Some(self.wait()?);
        }
        let newest = update.as_ref().or(self.newest.as_ref());
        let has_face = newest.is_some_and(|newest| !newest.faces.is_empty());
        if (self.schedule.is_synchronous() || !has_face) && self.schedule.wants(now, false) {
            self.submit(frame)?;
            update = Some(self.wait()?);
        }
        Ok(update)
    }

    /// Starts a measurement of this frame, which has been followed, if one is due: sooner where the face has changed.
    fn measure_next(&mut self, frame: &Frame) -> Result<(), AnalyzerError> {
        let now = frame.captured_at;
        let aligned = self.motion.aligned().filter(|aligned| aligned.captured_at == now);
        let change = aligned.and_then(|aligned| self.change.push(&aligned.pixels));
        // Only the primary face's crop is compared, and what covers a face is to be seen leaving.
        let is_clear = self
            .newest
            .as_ref()
            .is_some_and(|newest| matches!(newest.faces.as_slice(), [face] if !face.quality.is_occluded));
        let is_still = is_clear && change.is_some_and(|luma| luma < self.params.face.still_change_luma);
        if self.schedule.wants(now, is_still) {
            self.submit(frame)?;
        }
        let is_measured = self.schedule.has_started(now);
        if is_measured {
            self.change.measured();
        }
        if is_measured || is_still {
            self.unchanged_until = now;
        }
        Ok(())
    }

    fn submit(&mut self, frame: &Frame) -> Result<(), AnalyzerError> {
        let mut job = std::mem::take(&mut self.spare_job);
        copy_frame(frame, &mut job.frame);
        job.luma.clone_from(&self.luma);
        job.unchanged_until = self.unchanged_until.min(frame.captured_at);
        self.measure.submit(job)?;
        self.schedule.started(frame.captured_at);
        Ok(())
    }

    fn wait(&mut self) -> Result<Arc<LandmarkUpdate>, AnalyzerError> {
        let (job, update) = self.measure.wait()?;
        self.spare_job = job;
        self.schedule.applied();
        Ok(update)
    }

    /// Follows the primary face's motion into this frame.
    fn follow(&mut self, now: Timestamp, update: Option<&LandmarkUpdate>) -> Option<Signal> {
        let primary = self.newest.as_ref()?.faces.first().map(|face| face.id);
        if primary.is_none() || self.motion.face_id().is_some_and(|followed| Some(followed) != primary) {
            self.motion.reset();
        }
        primary?;
        let measured = update.and_then(|update| Some((update.faces.first()?, update.measured_at)));
        self.motion.push(&self.luma, now, measured)
    }

    /// Every face of the newest measurement, carried to this frame where its motion is known.
    fn tracks(&self) -> ArrayVec<FaceTrack, MAX_FACES> {
        let Some(newest) = &self.newest else { return ArrayVec::new() };
        let carried = |index| if index == 0 { self.motion.now_from_measured() } else { Affine::IDENTITY };
        let track = |(index, face): (usize, &crate::types::FaceMeasurement)| FaceTrack {
            id: face.id,
            update: Arc::clone(newest),
            index,
            now_from_measured: carried(index),
        };
        newest.faces.iter().enumerate().map(track).take(MAX_FACES).collect()
    }
}

fn status_of(faces: &[FaceTrack]) -> FrameStatus {
    match faces.first().map(|face| face.measurement().quality) {
        None => FrameStatus::NoFace,
        Some(quality) if quality.is_occluded => FrameStatus::Occluded,
        Some(quality) if quality.is_blurred => FrameStatus::Blurred,
        Some(_) => FrameStatus::Ok,
    }
}

/// Copies a frame into a buffer that is reused.
pub(super) fn copy_frame(from: &Frame, to: &mut Frame) {
    to.data.clear();
    to.data.extend_from_slice(&from.data);
    to.seq = from.seq;
    to.captured_at = from.captured_at;
    to.arrived_at = from.arrived_at;
    to.width = from.width;
    to.height = from.height;
    to.format = from.format;
}
