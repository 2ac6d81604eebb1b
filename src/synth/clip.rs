//! One clip, from its parameters to its frames and its truth.

use std::path::{Path, PathBuf};

use image::RgbImage;

use super::SynthError;
use super::base::{Base, BaseKind};
use super::distractor::{Distractor, Distractors};
use super::encode::{Encoder, Keep};
use super::plan::{EventParams, Plan, plan};
use super::random::Stream;
use super::render::{Moment, Renderer, scaled_size};
use super::smile::SmileParams;
use super::strip::Strips;
use super::truth::{ClipRow, TruthRow, truth_rows};

/// Frame rate where neither the caller nor the base says one.
const USUAL_FPS: f64 = 30.0;
/// Frame rates that can be asked for.
pub const FPS_RANGE: [f64; 2] = [24.0, 240.0];
/// Inner-canthal distances that can be asked for, in pixels.
pub const ICD_RANGE_PX: [f64; 2] = [8.0, 200.0];

/// What is asked of a clip.
#[derive(Clone, Debug, PartialEq)]
pub struct ClipParams {
    /// Decides everything that is random, together with the base's name.
    pub seed: u64,
    /// Frames a second of a still base, see [`FPS_RANGE`]; a video keeps its own times.
    pub fps: Option<f64>,
    /// Seconds of a still base's clip; a video's is as long as its base was opened.
    pub duration_s: f64,
    /// The micro-expressions.
    pub events: EventParams,
    /// Smiles, masked ones among them.
    pub smiles: SmileParams,
    /// What else happens.
    pub distractors: Distractors,
    /// Scale the picture so that the inner eye corners are so many pixels apart, see [`ICD_RANGE_PX`].
    pub icd_px: Option<f64>,
    /// For the tables: what the base is; `None`: as the base says.
    pub base_kind: Option<BaseKind>,
    /// For the tables: who is shown; `None`: the base's name without its extension.
    pub person: Option<String>,
}

impl Default for ClipParams {
    /// 30 s at 30 fps, 8 events a minute, no smiles, no distractors.
    fn default() -> Self {
        Self {
            seed: 0,
            fps: None,
            duration_s: 30.0,
            events: EventParams::default(),
            smiles: SmileParams::default(),
            distractors: Distractors::default(),
            icd_px: None,
            base_kind: None,
            person: None,
        }
    }
}

/// One frame of a clip.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Slot {
    /// The base's frame.
    base_index: usize,
    /// When it is shown, in seconds from the clip's start.
    time_s: f64,
    /// It shows the picture before it again.
    is_repeat: bool,
}

/// A clip that is planned: everything about it is known, no frame has been made.
pub struct Clip<'a> {
    base: &'a Base,
    /// What happens.
    pub plan: Plan,
    slots: Vec<Slot>,
    fps: f64,
    duration_s: f64,
    scale: f64,
    seed: u64,
    distractors: Distractors,
    base_kind: BaseKind,
    person: String,
}

/// What was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// The video.
    pub path: PathBuf,
    /// For `clips.csv`.
    pub clip: ClipRow,
    /// For `truth.csv`.
    pub truth: Vec<TruthRow>,
    /// For both.
    pub distractors: Distractors,
    /// Size of the video, in bytes.
    pub bytes: u64,
}

impl<'a> Clip<'a> {
    /// Plans a clip.
    ///
    /// # Errors
    /// [`SynthError::BadRequest`] where a parameter is out of its range, or a distractor needs a still base.
    pub fn new(base: &'a Base, params: &ClipParams) -> Result<Self, SynthError> {
        check(base, params)?;
        // Bases that share a seed must not share their events.
        let seed = Stream::new(params.seed, &base.stem).bits();
        let fps = params.fps.filter(|_| base.is_still()).or(base.fps).unwrap_or(USUAL_FPS);
        let distractors = &params.distractors;
        let (times, duration_s) = frame_times(base, params, fps, seed);
        let plan = plan(seed, &base.usable_spans(), duration_s, &params.events, &params.smiles, distractors);
        let slots = slots(&times, seed, distractors);
        let scale = params.icd_px.map_or(1.0, |icd_px| icd_px / f64::from(base.icd_px()));
        Ok(Self {
            base,
            plan,
            slots,
            fps,
            duration_s,
            scale,
            seed,
            distractors: distractors.clone(),
            base_kind: params.base_kind.unwrap_or(base.kind),
            person: params.person.clone().unwrap_or_else(|| base.stem.clone()),
        })
    }

    /// When its frames are shown, in seconds.
    pub fn times_s(&self) -> Vec<f64> {
        self.slots.iter().map(|slot| slot.time_s).collect()
    }

    /// Makes the frames, in order, and hands each to `each` with its time in seconds, until that returns false.
    ///
    /// # Errors
    /// [`SynthError::Capture`] where the base breaks off; whatever `each` returns.
    pub fn frames(
        &self,
        each: &mut dyn FnMut(f64, &RgbImage) -> Result<bool, SynthError>,
    ) -> Result<(), SynthError> {
        self.render(None, &mut |time_s, frame| each(time_s, frame))
    }

    /// Writes the clip as `DIR/<base stem>_<seed>.mkv`, and strips of its micro-expressions and masked smiles into `strips` if that is
    /// given.
    ///
    /// `on_frame` is told of each frame made and of how many there will be, and returns false to stop.
    ///
    /// # Errors
    /// [`SynthError::Encode`] where ffmpeg fails, [`SynthError::Write`], [`SynthError::Interrupted`].
    pub fn write(
        &self,
        path: &Path,
        seed: u64,
        strips: Option<&Path>,
        on_frame: &mut dyn FnMut(usize, usize) -> bool,
    ) -> Result<Written, SynthError> {
        let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let size = scaled_size(self.base.size_px, self.scale);
        let crf = self.distractors.strength(Distractor::Compression);
        let mut encoder = Encoder::start(path, size, self.fps, crf.map_or(Keep::Lossless, Keep::Crf))?;
        let times_s = self.times_s();
        let strips = strips.map(|dir| Strips::new(dir, &name, &self.plan, &times_s));
        let (total, mut done) = (times_s.len(), 0);
        let mut is_stopped = false;
        self.render(strips, &mut |_, frame| {
            encoder.push(frame)?;
            done += 1;
            is_stopped = !on_frame(done, total);
            Ok(!is_stopped)
        })?;
        if is_stopped {
            return Err(SynthError::Interrupted { what: path.display().to_string() });
        }
        let is_even = ![Distractor::Dropped, Distractor::VariableRate]
            .iter()
            .any(|k| self.distractors.strength(*k).is_some());
        encoder.finish(&times_s, self.duration_s, Some(self.fps).filter(|_| is_even))?;
        let [width, height] = size;
        let clip = ClipRow {
            clip: name,
            fps: self.fps,
            frames: total,
            duration_s: self.duration_s,
            width,
            height,
            base: self.base.name.clone(),
            base_kind: self.base_kind.name(),
            person: self.person.clone(),
            seed,
            icd_px: f64::from(self.base.icd_px()) * self.scale,
        };
        Ok(Written {
            path: path.to_owned(),
            clip,
            truth: self.truth(),
            distractors: self.distractors.clone(),
            bytes: path.metadata().map_or(0, |meta| meta.len()),
        })
    }

    /// What happens in it, as rows of `truth.csv`.
    pub fn truth(&self) -> Vec<TruthRow> {
        truth_rows(&self.plan, &self.distractors, self.duration_s)
    }

    fn render(
        &self,
        mut strips: Option<Strips>,
        each: &mut dyn FnMut(f64, &RgbImage) -> Result<bool, SynthError>,
    ) -> Result<(), SynthError> {
        let mut renderer = Renderer::new(self.base, &self.plan, self.seed, &self.distractors, self.scale);
        let mut pictures = self.base.frames()?;
        let mut next_base = 0;
        let mut shown = None;
        for (number, slot) in self.slots.iter().enumerate() {
            let mut picture = None;
            // Frames that are dropped are read too.
            while next_base <= slot.base_index {
                picture = pictures.next_picture()?;
                next_base += 1;
            }
            let Some((_, picture)) = picture else { break };
            let moment = Moment { index: slot.base_index, time_s: slot.time_s, is_plain: false };
            let is_wanted = strips.as_ref().is_some_and(|strips| strips.needs(number));
            if !slot.is_repeat || shown.is_none() {
                shown = Some(renderer.draw(&picture, moment));
            }
            let Some(frame) = &shown else { break };
            if let (Some(strips), true, Some(landmarks)) =
                (&mut strips, is_wanted, self.base.landmarks(slot.base_index))
            {
                let plain = renderer.draw(&picture, Moment { is_plain: true, ..moment });
                strips.add(number, (frame, &plain), landmarks, self.scale)?;
            }
            if !each(slot.time_s, frame)? {
                return Ok(());
            }
        }
        Ok(())
    }
}

fn check(base: &Base, params: &ClipParams) -> Result<(), SynthError> {
    let refuse = |why: String| Err(SynthError::BadRequest(format!("{}: {why}", base.name)));
    let [slowest, fastest] = FPS_RANGE;
    if params.fps.is_some_and(|fps| base.is_still() && !(slowest..=fastest).contains(&fps)) {
        return refuse(format!("--fps takes {slowest} to {fastest} frames a second"));
    }
    if !(params.duration_s > 0.0 && params.duration_s <= 36_000.0) {
        return refuse("--duration takes seconds above 0, at most 36000".to_owned());
    }
    let [low, high] = params.events.amplitude_icd;
    if !(0.0..=0.12).contains(&low) || !(low..=0.12).contains(&high) {
        return refuse(
            "--amplitude takes MIN..MAX in % ICD, from 0 to 12: larger motion would fold the skin".to_owned(),
        );
    }
    if let Some(kind) = params.distractors.kinds().find(|kind| kind.needs_still() && !base.is_still()) {
        return refuse(format!(
            "{} needs a photo or the portrait as the base: a video brings its own head motion and frame times; leave it out",
            kind.name()
        ));
    }
    let [smallest, largest] = ICD_RANGE_PX;
    if params.icd_px.is_some_and(|icd_px| !(smallest..=largest).contains(&icd_px)) {
        return refuse(format!("--icd-px takes {smallest} to {largest} pixels"));
    }
    Ok(())
}

/// When the base's frames are shown, and how long all of them take.
fn frame_times(base: &Base, params: &ClipParams, fps: f64, seed: u64) -> (Vec<f64>, f64) {
    if !base.is_still() {
        let times: Vec<f64> = base.trail.iter().map(|point| point.time_s).collect();
        let end_s = times.last().map_or(0.0, |last| last + 1.0 / fps);
        return (times, end_s);
    }
    let count = (params.duration_s * fps - 1e-6).ceil().max(1.0) as usize;
    let jitter = params.distractors.strength(Distractor::VariableRate).unwrap_or(0.0);
    let mut random = Stream::new(seed, Distractor::VariableRate.name());
    let time = |index: usize| {
        let late = if index == 0 { 0.0 } else { jitter * random.within(-1.0, 1.0) };
        (index as f64 + late) / fps
    };
    ((0..count).map(time).collect(), count as f64 / fps)
}

/// Which of them are kept, and which repeat the one before.
fn slots(times: &[f64], seed: u64, distractors: &Distractors) -> Vec<Slot> {
    let mut streams = [Distractor::Dropped, Distractor::Duplicated]
        .map(|kind| (Stream::new(seed, kind.name()), distractors.strength(kind).unwrap_or(0.0)));
    let mut slots = Vec::with_capacity(times.len());
    for (base_index, &time_s) in times.iter().enumerate() {
        let [is_dropped, is_repeat] = streams.each_mut().map(|(random, share)| random.chance(*share));
        // The first frame sets the clock, the last the length.
        let is_end = base_index == 0 || base_index + 1 == times.len();
        if is_end || !is_dropped {
            slots.push(Slot { base_index, time_s, is_repeat: is_repeat && !is_end });
        }
    }
    slots
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dropped_frames_leave_the_others_at_their_times() {
        let times: Vec<f64> = (0..1000).map(|i| f64::from(i) / 30.0).collect();
        let distractors =
            Distractors::new(["dropped=0.1", "duplicated=0.2"].map(|text| text.parse().unwrap()));
        let kept = slots(&times, 3, &distractors);
        assert!((860..940).contains(&kept.len()), "{} of 1000", kept.len());
        assert!(kept.iter().all(|slot| slot.time_s == times[slot.base_index]));
        let repeats = kept.iter().filter(|slot| slot.is_repeat).count();
        assert!((130..230).contains(&repeats), "{repeats} repeats");
        assert_eq!((kept[0].base_index, kept[kept.len() - 1].base_index), (0, 999));
        assert_eq!(slots(&times, 3, &Distractors::default()).len(), 1000);
    }
}
