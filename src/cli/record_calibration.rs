//! The neutral face that opens a session: learned from the observations of its first step, kept in the session's record and as a
//! profile beside it.

use std::collections::BTreeMap;

use super::calibrate::profile_of;
use super::record_run::Settings;
use crate::calibration::{Calibrator, CalibratorParams, Learned};
use crate::session::protocol::Plan;
use crate::session::{CalibrationRecord, StepSpan, files};
use crate::types::{Gap, Label, Observation, RegionId};

/// Watches the opening step.
pub(super) struct Neutral {
    seconds: f64,
    watching: Option<Calibrator>,
}

impl Neutral {
    /// For a plan, whose first step is the neutral face.
    pub(super) fn of(plan: &Plan) -> Self {
        let opening = plan.steps.first().filter(|step| step.kind == "calibration");
        Self { seconds: opening.and_then(|step| step.duration_s).unwrap_or(0.0), watching: None }
    }

    pub(super) fn begins(&mut self, span: &StepSpan) {
        if span.kind == "calibration" {
            self.watching = Some(Calibrator::new(CalibratorParams::default(), self.seconds));
        }
    }

    pub(super) fn observe(&mut self, observation: &Observation) {
        if let Some(calibrator) = &mut self.watching {
            calibrator.push(observation);
        }
    }

    pub(super) fn gap(&mut self, gap: &Gap) {
        if let Some(calibrator) = &mut self.watching {
            calibrator.push_gap(gap);
        }
    }

    /// What was learned, when the opening step has ended. Where nothing could be, the session goes on and its record says why.
    pub(super) fn ends(&mut self, span: &StepSpan, settings: &Settings) -> Option<CalibrationRecord> {
        let calibrator = self.watching.take()?;
        let empty = CalibrationRecord {
            start_s: span.start_s,
            end_s: span.end_s.unwrap_or(span.start_s),
            ..CalibrationRecord::default()
        };
        let learned = match calibrator.finish() {
            Ok(learned) => learned,
            Err(refusal) => return Some(CalibrationRecord { why_not: refusal.to_string(), ..empty }),
        };
        let why_not = match save_profile(&learned, settings) {
            Ok(()) => String::new(),
            Err(error) => format!("the profile could not be written: {error:#}"),
        };
        Some(CalibrationRecord {
            why_not,
            noise_icd: noise(&learned),
            rest_face: learned.expression.map(|[face, _]| labelled(face)).unwrap_or_default(),
            rest_eyes: learned.expression.map(|[_, eyes]| labelled(eyes)).unwrap_or_default(),
            ..empty
        })
    }
}

fn save_profile(learned: &Learned, settings: &Settings) -> anyhow::Result<()> {
    let name = settings.record.participant.clone();
    let profile = profile_of(&name, &settings.clock, learned, settings.facts.clone(), None)?;
    Ok(profile.save(&settings.dir.join(files::PROFILE))?)
}

fn noise(learned: &Learned) -> BTreeMap<String, f64> {
    let named = RegionId::all().zip(learned.noise_icd);
    named.filter_map(|(region, noise)| Some((region.name(), f64::from(noise?)))).collect()
}

fn labelled(values: [f32; Label::ALL.len()]) -> BTreeMap<String, f64> {
    Label::ALL.iter().zip(values).map(|(label, value)| (label.name().to_owned(), f64::from(value))).collect()
}
