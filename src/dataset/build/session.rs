//! One session to samples and candidates: two walks through its frames, the second one for the clips.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use image::RgbImage;

use super::clips::{ClipNames, ClipWriter, join, push_to_all};
use super::crops::{Cutter, Seen};
use super::events::{DatasetEvent, coded_twice, dataset_events};
use super::frames::{Met, walk};
use super::names::{file_name, label_folder};
use super::plan::{Want, What, has_target, plan, time_of};
use super::session_data::SessionData;
use super::{BuildStep, CandidateChoice};
use crate::capture::Captured;
use crate::dataset::folder::{FolderError, LeftOut, SessionEntry, StepEntry, WhyLeftOut, files};
use crate::dataset::manifest::{LabelSource, Role, Sample, SampleKind};
use crate::session::StepSpan;
use crate::types::{Frame, MaskedLabel, RectPx};

/// What was made of a session.
pub(super) struct Extracted {
    pub entry: SessionEntry,
    pub samples: Vec<Sample>,
    pub left_out: Vec<LeftOut>,
    /// What is odd, in words.
    pub warnings: Vec<String>,
}

/// How a session is to be read.
pub(super) struct Wishes<'a> {
    pub every_s: f64,
    pub candidates: CandidateChoice,
    pub coders: &'a [String],
}

/// Writes the crops and candidates of a session.
pub(super) fn extract(
    data: &dyn SessionData,
    out: &Path,
    wishes: &Wishes<'_>,
    cutter: &mut Cutter,
    progress: &mut dyn FnMut(BuildStep<'_>) -> bool,
) -> Result<Extracted, FolderError> {
    let name = file_name(data.id());
    let with_vetoed = wishes.candidates == CandidateChoice::All;
    let events = dataset_events(&name, data.events(), data.codings(), wishes.coders, with_vetoed);
    let mut source = data.source()?;
    let info = source.info();
    let (all, duration_s) = (info.frame_count.unwrap_or(0), info.duration_s);
    let wants = plan(data.steps(), &events, wishes.every_s, duration_s);
    let mut tick = |done: u64| progress(BuildStep { session: data.id(), pass: 1, done, all });

    cutter.forget();
    let mut taker = Taker {
        data,
        out,
        name: &name,
        events: &events,
        source_sha256: data.media_sha256()?,
        cutter,
        samples: Vec::new(),
        left_out: Vec::new(),
        faces: vec![None; events.len()],
        last_interval: None,
    };
    let end_of_step_s =
        |step: usize| data.steps().get(step).and_then(|step| step.end_s).unwrap_or(f64::INFINITY);
    let walked =
        walk(source.as_mut(), &wants, wishes.every_s, end_of_step_s, &mut tick, &mut |want, met| {
            taker.take(want, met)
        })?;
    let mut warnings: Vec<String> = source.warnings();
    let Taker { samples, left_out, faces, source_sha256, .. } = taker;

    let motion = if events.is_empty() { Vec::new() } else { data.motion()? };
    let mut tick = |done: u64| progress(BuildStep { session: data.id(), pass: 2, done, all: walked.frames });
    let undecodable = write_clips(data, out, &events, &faces, &motion, &mut tick)?;
    if undecodable > 0 {
        warnings.push(format!("{undecodable} frames of clips are no pictures and are missing from them"));
    }
    if !events.is_empty() && motion.is_empty() {
        warnings
            .push("there are no observations in the recording: its clips have no motion traces".to_owned());
    }
    let twice = coded_twice(&events);
    if twice > 0 {
        warnings.push(format!(
            "{twice} events were coded by two people, and both codings are in: say with --coder whose wins"
        ));
    }
    warnings.extend(unknown_coders(data, wishes.coders));

    let last_s = walked.last_s.unwrap_or(0.0);
    let steps = data.steps().iter().filter(|step| has_target(step)).map(|step| StepEntry {
        id: step.id.clone(),
        target: step.target.clone(),
        stimulus: step.stimulus.clone(),
        start_s: step.start_s,
        end_s: step.end_s.unwrap_or(last_s).max(step.start_s),
    });
    let entry = SessionEntry {
        id: data.id().to_owned(),
        participant: data.participant().to_owned(),
        source_sha256,
        samples: samples.len() as u64,
        left_out: left_out.len() as u64,
        candidates: events.len() as u64,
        has_traces: !motion.is_empty(),
        steps: steps.collect(),
    };
    Ok(Extracted { entry, samples, left_out, warnings })
}

/// Coders that were named and coded nothing here.
fn unknown_coders(data: &dyn SessionData, coders: &[String]) -> Option<String> {
    let known: BTreeSet<&str> = data.codings().iter().map(|coding| coding.coder.as_str()).collect();
    let unknown: Vec<&str> =
        coders.iter().map(String::as_str).filter(|coder| !known.contains(coder)).collect();
    (!unknown.is_empty()).then(|| format!("there are no codings of {} in this session", unknown.join(", ")))
}

/// Takes frames for wanted moments.
struct Taker<'a> {
    data: &'a dyn SessionData,
    out: &'a Path,
    name: &'a str,
    events: &'a [DatasetEvent],
    source_sha256: String,
    cutter: &'a mut Cutter,
    samples: Vec<Sample>,
    left_out: Vec<LeftOut>,
    faces: Vec<Option<RectPx>>,
    /// Number of the frame of the last interval sample: none is taken twice.
    last_interval: Option<u64>,
}

impl Taker<'_> {
    fn take(&mut self, want: &Want, met: Met<'_>) -> Result<(), FolderError> {
        let frame = match (met, want.what) {
            (Met::Frame(frame), _) => frame,
            (Met::NotRecorded, What::Look { .. }) => return Ok(()),
            (Met::NotRecorded, _) => {
                self.leave_out(want, WhyLeftOut::NotRecorded);
                return Ok(());
            }
        };
        if matches!(want.what, What::Interval { .. })
            && self.last_interval.replace(frame.seq) == Some(frame.seq)
        {
            return Ok(());
        }
        let seen = self.cutter.look(frame)?;
        if let What::Look { event } = want.what {
            if let (Some(box_px), Some(face)) = (seen.box_px(), self.faces.get_mut(event)) {
                *face = Some(join(*face, box_px));
            }
            return Ok(());
        }
        match seen {
            Seen::Nothing { why, .. } => self.leave_out(want, why),
            Seen::Face { crop_from_image, .. } => {
                let Some(sample) = self.sample(want, frame) else { return Ok(()) };
                let (gray, colour) = (self.out.join(&sample.path), self.out.join(&sample.path_colour));
                for path in [&gray, &colour] {
                    if let Some(dir) = path.parent() {
                        fs::create_dir_all(dir).map_err(FolderError::io("create", dir))?;
                    }
                }
                self.cutter.save(&crop_from_image, &gray, &colour)?;
                self.samples.push(sample);
            }
        }
        Ok(())
    }

    fn leave_out(&mut self, want: &Want, why: WhyLeftOut) {
        let (role, step, event) = match want.what {
            What::Interval { step } => (Role::Interval, self.data.steps().get(step), None),
            What::Moment { event, role } => {
                (role, step_at(self.data.steps(), want.at_s), self.events.get(event))
            }
            What::Look { .. } => return,
        };
        self.left_out.push(LeftOut {
            session: self.data.id().to_owned(),
            step: step.map_or_else(String::new, |step| step.id.clone()),
            time_s: want.at_s,
            role: role.name().to_owned(),
            event: event.map_or_else(String::new, |event| event.id.clone()),
            why,
        });
    }

    /// The row of a frame; `None` for what is wanted of an event or step that is not there.
    fn sample(&self, want: &Want, frame: &Frame) -> Option<Sample> {
        let time_s = time_of(frame);
        let steps = self.data.steps();
        let (role, step, event) = match want.what {
            What::Interval { step } => {
                let is_masked = |event: &&DatasetEvent| {
                    event.is_claimed() && event.kind == SampleKind::Masked && event.contains(time_s)
                };
                (Role::Interval, Some(steps.get(step)?), self.events.iter().find(is_masked))
            }
            What::Moment { event, role } => (role, step_at(steps, time_s), Some(self.events.get(event)?)),
            What::Look { .. } => return None,
        };
        let target = step.map_or("", |step| step.target.as_str());
        let kind = event.map_or_else(|| kind_of_target(target), |event| event.kind);
        let label = event.map_or(target, |event| event.label.as_str()).to_owned();
        let stimulus = step.map_or(self.data.stimulus(), |step| step.stimulus.as_str()).to_owned();
        let sample = match (role, event) {
            (Role::Interval, _) | (_, None) => format!("{}-f{:06}-interval", self.name, frame.seq),
            (role, Some(event)) => format!("{}-{}", event.id, role.name()),
        };
        let folder = format!("{}/{}/{}", file_name(&stimulus), kind.name(), label_folder(&label));
        Some(Sample {
            path: format!("{folder}/gray/{sample}.png"),
            path_colour: format!("{folder}/colour/{sample}.png"),
            sample,
            participant: self.data.participant().to_owned(),
            gender: self.data.gender().to_owned(),
            session: self.data.id().to_owned(),
            stimulus,
            step: step.map_or_else(String::new, |step| step.id.clone()),
            time_s,
            role,
            kind,
            label,
            label_source: event.map_or(LabelSource::Step, |event| event.label_source),
            coder: event.map_or_else(String::new, |event| event.coder.clone()),
            event: event.map_or_else(String::new, |event| event.id.clone()),
            onset_s: event.map(|event| event.onset_s),
            apex_s: event.map(|event| event.apex_s),
            offset_s: event.and_then(|event| event.offset_s),
            action_units: event.map_or_else(String::new, |event| event.action_units.clone()),
            source_sha256: self.source_sha256.clone(),
        })
    }
}

/// The step that was shown at a time.
fn step_at(steps: &[StepSpan], time_s: f64) -> Option<&StepSpan> {
    steps.iter().find(|step| step.start_s <= time_s && step.end_s.is_none_or(|end_s| time_s < end_s))
}

fn kind_of_target(target: &str) -> SampleKind {
    let masked = [MaskedLabel::HappyButSad, MaskedLabel::HappyButAngry, MaskedLabel::HappyButOther];
    if masked.iter().any(|label| label.name() == target) { SampleKind::Masked } else { SampleKind::Micro }
}

/// The second walk. Returns how many frames could not be decoded.
fn write_clips(
    data: &dyn SessionData,
    out: &Path,
    events: &[DatasetEvent],
    faces: &[Option<RectPx>],
    motion: &[super::MotionRow],
    tick: &mut dyn FnMut(u64) -> bool,
) -> Result<u64, FolderError> {
    if events.is_empty() {
        return Ok(0);
    }
    let dir = out.join(files::CANDIDATES);
    let mut clips = events
        .iter()
        .zip(faces)
        .map(|(event, face)| ClipWriter::create(&dir, event, *face))
        .collect::<Result<Vec<_>, _>>()?;
    let mut source = data.source()?;
    let (mut frame, mut picture) = (Frame::default(), RgbImage::default());
    let (mut frames, mut undecodable) = (0, 0);
    loop {
        match source.next(&mut frame)? {
            Captured::Frame => {}
            Captured::Gap(_) | Captured::Waiting => continue,
            Captured::End => break,
        }
        frames += 1;
        if !tick(frames) {
            return Err(FolderError::Interrupted(
                "the dataset has no manifest for this session yet".to_owned(),
            ));
        }
        if !push_to_all(&mut clips, &frame, &mut picture)? {
            undecodable += 1;
        }
        // After the last clip the rest of the recording is of no interest.
        if clips.iter().all(|clip| clip.is_over(time_of(&frame))) {
            break;
        }
    }
    let names = ClipNames { session: data.id(), participant: data.participant() };
    for (clip, event) in clips.into_iter().zip(events) {
        let step = step_at(data.steps(), event.onset_s);
        let place = step.map_or((data.stimulus(), ""), |step| (step.stimulus.as_str(), step.id.as_str()));
        clip.finish(&names, place, motion)?;
    }
    Ok(undecodable)
}
