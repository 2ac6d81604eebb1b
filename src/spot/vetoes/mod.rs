//! Vetoes: what else could have moved the picture, or made it impossible to say.
//!
//! Everything is watched as it comes and remembered for some seconds, so that a candidate can be judged when it is flagged and
//! again when it is confirmed. A veto says why; it never looks ahead.

mod crossing;
mod lids;
mod light;
mod spans;
mod speech;

use serde::{Deserialize, Serialize};

use super::channels::Part;
use super::detector::SpotInput;
use super::noise::lagged;
use crate::types::{FrameStatus, Region, RegionId, Signal, Timestamp, Veto};
use crossing::CrossingMonitor;
use lids::LidMonitor;
use light::LightMonitor;
use spans::Spans;
use speech::SpeechMonitor;

/// Thresholds of the vetoes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VetoParams {
    /// These reasons are never given: for comparing what each is worth.
    #[serde(skip)]
    pub disabled: Vec<Veto>,
    /// A head that turns faster blinds, in degrees a second (DESIGN section 6).
    pub head_turn_deg_s: f32,
    /// A head that moves faster in the image blinds, in ICD units a second (issue 3: prototype).
    pub head_speed_icd_s: f32,
    /// For this long after, in seconds (DESIGN section 6).
    pub head_after_s: f64,
    /// A time between frames above this many periods is a gap (DESIGN section 6) ...
    pub gap_periods: f64,
    /// ... if it is also longer than this, in seconds. Ours: the motion stage carries displacements across 100 ms, so single lost
    /// frames at 15 frames a second and above do no harm.
    pub gap_s: f64,
    /// Share of the regions (without the lids) that must be lost for the face to count as covered, `[0, 1]`. Ours.
    pub lost_share: f32,
    /// Nothing is believed for this long around a covered face, in seconds. Landmarks tell of it up to this late.
    pub covered_around_s: f64,
    /// While the mouth speaks, motion of the mouth must exceed its threshold by this factor (issue 3: prototype).
    pub speech_factor: f32,
    /// During a blink a region of the lower face must move by this much, in ICD units. Closing lids pull at the head's fit: on six still
    /// tuning photos that blink, the lower face then seemed to move by 0.9-1.5 % ICD.
    pub blink_lower_icd: f32,
}

impl Default for VetoParams {
    fn default() -> Self {
        Self {
            disabled: Vec::new(),
            head_turn_deg_s: 15.0,
            head_speed_icd_s: 1.0,
            head_after_s: 0.2,
            gap_periods: 1.5,
            gap_s: 0.1,
            lost_share: 0.4,
            covered_around_s: 0.2,
            speech_factor: 1.6,
            blink_lower_icd: 0.02,
        }
    }
}

/// Watches everything that can veto.
#[derive(Clone, Debug, Default)]
pub struct VetoMonitor {
    params: VetoParams,
    last_at: Option<Timestamp>,
    period_s: Option<f64>,
    head: Spans,
    gaps: Spans,
    covered: Spans,
    /// Light on the face.
    light: LightMonitor,
    /// Light in the whole picture.
    room: LightMonitor,
    lids: LidMonitor,
    speech: SpeechMonitor,
    crossing: CrossingMonitor,
}

impl VetoMonitor {
    /// A monitor that has seen nothing.
    pub fn new(params: VetoParams) -> Self {
        Self { params, ..Self::default() }
    }

    /// Takes a frame.
    pub fn push(&mut self, input: &SpotInput) {
        let now = input.now;
        self.take_time(now, !input.gaps.is_empty());
        let around = self.params.covered_around_s;
        if input.status != FrameStatus::Ok {
            let from = input.update.map_or(now, |update| update.measured_at.min(now));
            self.covered.add(lagged(from, around), lagged(now, -around));
        }
        if let Some(update) = input.update {
            self.lids.measure(update);
            self.speech.measure(update);
            self.crossing.measure(update);
        }
        let Some(signal) = input.signal else { return };
        self.light.push(now, input.luma_mean);
        self.room.push(now, input.frame_luma_mean);
        self.take_signal(signal);
    }

    fn take_time(&mut self, now: Timestamp, has_gaps: bool) {
        let Some(last) = self.last_at.replace(now) else { return };
        let elapsed_s = now.seconds_since(last);
        let period_s = self.period_s.unwrap_or(elapsed_s.max(0.0));
        // Where the period is not known yet, the source's own word counts.
        let is_late = elapsed_s > self.params.gap_periods * period_s || has_gaps;
        if elapsed_s < 0.0 || (is_late && elapsed_s >= self.params.gap_s) {
            self.gaps.add(last.min(now), now.max(last));
        }
        if elapsed_s > 0.0 {
            self.period_s = Some(period_s + 0.1 * (elapsed_s.min(3.0 * period_s) - period_s));
        }
    }

    fn take_signal(&mut self, signal: &Signal) {
        let (now, p) = (signal.captured_at, &self.params);
        if signal.head_turn_deg_s > p.head_turn_deg_s || signal.head_speed_icd_s > p.head_speed_icd_s {
            self.head.add(now, lagged(now, -p.head_after_s));
        }
        let counted = RegionId::all().filter(|id| !matches!(id.region, Region::Lid | Region::Brow));
        let (lost, all) = counted.fold((0.0, 0.0), |(lost, all), id| {
            (lost + f32::from(u8::from(!signal.regions[id.index()].is_valid)), all + 1.0)
        });
        if lost > p.lost_share * all {
            self.covered.add(lagged(now, p.covered_around_s), lagged(now, -p.covered_around_s));
        }
        self.lids.push(signal);
        self.speech.push(signal);
    }

    fn is_enabled(&self, veto: Veto) -> bool {
        !self.params.disabled.contains(&veto)
    }

    /// Why nothing that moved within `from..=to` can be believed; `None` where it can.
    pub fn blinding(&self, from: Timestamp, to: Timestamp) -> Option<Veto> {
        let is_turned = || self.head.meets(from, to) && self.is_enabled(Veto::Head);
        self.hiding(from, to).or_else(|| is_turned().then_some(Veto::Head))
    }

    /// The same without the head's own motion: what hides the face or moves its picture.
    pub fn hiding(&self, from: Timestamp, to: Timestamp) -> Option<Veto> {
        let reasons = [
            (Veto::FaceCrossing, self.crossing.has_crossed(from, to)),
            (Veto::Gap, self.gaps.meets(from, to)),
            (Veto::Occlusion, self.covered.meets(from, to)),
            // A crop that a new reference moves gets lighter or darker; the room does not.
            (Veto::Luminance, self.light.has_changed(from, to) && self.room.has_changed(from, to)),
        ];
        reasons.into_iter().find(|(veto, is_so)| *is_so && self.is_enabled(*veto)).map(|(veto, _)| veto)
    }

    /// Whether the lids closed within `from..=to`, or a moment around it.
    pub fn is_blinking(&self, from: Timestamp, to: Timestamp) -> bool {
        self.lids.has_blink(from, to)
    }

    /// Whether the mouth spoke within `from..=to`.
    pub fn is_speaking(&self, from: Timestamp, to: Timestamp) -> bool {
        self.speech.is_speaking(from, to)
    }

    /// By how much a region's threshold is raised now.
    pub fn factor(&self, id: RegionId, now: Timestamp) -> f32 {
        let is_raised =
            Part::of(id) == Part::Lower && self.is_enabled(Veto::Speech) && self.speech.is_speaking(now, now);
        if is_raised { self.params.speech_factor } else { 1.0 }
    }

    /// Why this region has no vote about what happened within `from..=to`. `ratio`: its motion as a multiple of its threshold;
    /// `motion_icd`: what of its motion is its own and not the head's, in ICD units.
    pub fn silences(
        &self,
        id: RegionId,
        ratio: f32,
        motion_icd: f32,
        from: Timestamp,
        to: Timestamp,
    ) -> Option<Veto> {
        let is_upper = Part::of(id) == Part::Upper;
        if !is_upper
            && ratio < self.params.speech_factor
            && self.is_enabled(Veto::Speech)
            && self.speech.is_speaking(from, to)
        {
            return Some(Veto::Speech);
        }
        let is_pulled = is_upper || motion_icd < self.params.blink_lower_icd;
        (is_pulled && self.is_enabled(Veto::Blink) && self.lids.has_blink(from, to)).then_some(Veto::Blink)
    }
}
