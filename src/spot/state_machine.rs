//! Movements by a state machine in each half of the face (DESIGN section 6): idle, rising, flagged at the apex, returned or
//! lasting.
//!
//! A movement begins when an action-unit channel changes within 200 ms by more than a multiple of what it usually does
//! ([`super::noise`]). From then on it is measured along its own direction ([`super::envelope`]): it is flagged once its rise is
//! complete and was short enough, and has returned when it falls to a third in time; otherwise it lasts.

use serde::{Deserialize, Serialize};

use super::channels::{ChannelBank, Part, change_since};
use super::detector::{Detector, Proposal, SpotInput, Stage, score_of};
use super::envelope::Envelope;
use super::history::{AXES, Axes, MotionHistory};
use super::lasting::{Change, Lasting};
use super::noise::{LAG_S, NoiseModel, lagged};
use crate::types::{Observability, REGION_COUNT, RegionId, Signal, Timestamp};

/// Thresholds of [`StateMachine`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StateMachineParams {
    /// A channel must change by this many standard deviations of its usual change. Prototype: 4, on fewer
    /// channels; at 5 Gaussian noise on all of ours passes once in two hours.
    pub threshold_sigma: f32,
    /// And by this much, in ICD units: a quarter of the floor of published spotters (2.8-3.3 % ICD), above what templates and
    /// head removal leave.
    pub floor_icd: f32,
    /// Longest rise of a micro-expression, in seconds: 200 ms by definition (DESIGN section 3), and what measuring adds (prototype:
    /// 260 ms).
    pub longest_rise_s: f64,
    /// Longest micro-expression, in seconds: 500 ms by definition, and what measuring adds (prototype: 550 ms).
    pub longest_s: f64,
    /// Share of the apex at which a movement has returned, `[0, 1]` (DESIGN section 6: a third).
    pub return_level: f32,
    /// A rise is complete when the apex is this old, in seconds (a frame at 30 a second), or the level has fallen below
    /// `past_apex_level`.
    pub apex_hold_s: f64,
    /// See `apex_hold_s`.
    pub past_apex_level: f32,
    /// How far before its detection a movement may have begun, in seconds.
    pub look_back_s: f64,
    /// Movements that stay must be this large to be told of, in ICD units. Ours.
    pub macro_floor_icd: f32,
    /// What a lasting expression adds to the thresholds while it changes, as a share of its own change: its direction is
    /// never quite constant. Ours.
    pub lasting_leak: f32,
}

impl Default for StateMachineParams {
    fn default() -> Self {
        Self {
            threshold_sigma: 5.0,
            floor_icd: 0.006,
            longest_rise_s: 0.26,
            longest_s: 0.55,
            return_level: 0.35,
            apex_hold_s: 0.03,
            past_apex_level: 0.85,
            look_back_s: 0.35,
            macro_floor_icd: 0.02,
            lasting_leak: 0.15,
        }
    }
}

/// Expected error of a place in every direction, in ICD units: no axis counts as quieter.
const PLACE_FLOOR_ICD: f32 = 0.0008;
/// Time after the return before which nothing new begins, in seconds: overshoot.
const SETTLE_S: f64 = 0.03;
/// A return that has not come to a quarter of the apex is taken as it is after this time, in seconds.
const RETURN_HOLD_S: f64 = 0.05;
/// Expressions followed at a time in each half of the face.
const MAX_LASTING: usize = 3;

/// A movement under way.
#[derive(Clone, Debug)]
struct Open {
    key: u64,
    /// Nothing earlier belongs to it.
    from: Timestamp,
    seen_at: Timestamp,
    is_flagged: bool,
    returned_at: Option<Timestamp>,
    ratio: f32,
}

#[derive(Clone, Debug)]
struct Half {
    part: Part,
    /// Nothing is compared with what was before.
    fresh_from: Option<Timestamp>,
    open: Option<Open>,
    lasting: Vec<Lasting>,
}

impl Half {
    fn new(part: Part) -> Self {
        Self { part, fresh_from: None, open: None, lasting: Vec::new() }
    }
}

/// Spots movements of the primary face by a state machine in each half of it.
#[derive(Clone, Debug)]
pub struct StateMachine {
    params: StateMachineParams,
    history: MotionHistory,
    noise: NoiseModel,
    bank: ChannelBank,
    halves: [Half; 2],
    face_id: Option<u32>,
    next_key: u64,
}

impl StateMachine {
    /// A detector whose noise starts from a profile (see [`NoiseModel::seeded`]).
    pub fn new(params: StateMachineParams, sigma_icd: &[f32; REGION_COUNT]) -> Self {
        let noise = NoiseModel::seeded(sigma_icd);
        let mut bank = ChannelBank::default();
        bank.seed(&noise.sigmas_icd());
        Self {
            params,
            history: MotionHistory::default(),
            noise,
            bank,
            halves: Part::ALL.map(Half::new),
            face_id: None,
            next_key: 0,
        }
    }

    /// Drops what is under way: what comes next is not its continuation.
    fn interrupt(&mut self, proposals: &mut Vec<Proposal>) {
        for half in &mut self.halves {
            if let Some(open) = half.open.take().filter(|open| open.is_flagged) {
                proposals.push(withdrawn(&open));
            }
            for lasting in half.lasting.drain(..).filter(Lasting::is_open) {
                proposals.push(proposal_of(half.part, &lasting, Stage::Ended, None));
            }
            half.fresh_from = None;
        }
    }

    fn take(&mut self, signal: &Signal, observability: &Observability, proposals: &mut Vec<Proposal>) {
        if self.face_id.replace(signal.face_id).is_some_and(|before| before != signal.face_id) {
            self.interrupt(proposals);
            self.reset();
            self.face_id = Some(signal.face_id);
        }
        if !self.history.push(signal) {
            self.interrupt(proposals);
        }
        let is_open = |region: usize| observability.smallest_icd[region].is_finite();
        if self.noise.learn(&self.history, |region| signal.regions[region].sigma_icd, is_open) {
            self.bank.learn(&self.history, &self.noise.sigmas_icd(), is_open);
        }
        let sigmas = self.noise.sigmas_icd();
        for index in 0..self.halves.len() {
            self.advance(index, &sigmas, proposals);
        }
    }

    fn advance(&mut self, index: usize, sigmas: &Axes, proposals: &mut Vec<Proposal>) {
        let half = &mut self.halves[index];
        let Some(newest) = self.history.newest() else { return };
        let now = newest.at;
        let fresh_from = *half.fresh_from.get_or_insert(now);
        let all = weights_of(half.part, sigmas, |_| true);
        for lasting in &mut half.lasting {
            let weights = weights_of(half.part, sigmas, |axis| newest.valid_since[axis / 2].is_some());
            if let Change::Ended(offset) = lasting.follow(&weights, newest, self.params.return_level) {
                proposals.push(proposal_of(half.part, lasting, Stage::Ended, offset));
            }
        }
        half.lasting.retain(|lasting| !lasting.is_spent(now));
        if half.open.is_none() {
            let from = lagged(now, LAG_S).max(fresh_from);
            if self.history.period_s().is_none_or(|period| now.seconds_since(from) < 0.9 * period) {
                return;
            }
            let Some(mut change) = change_since(&self.history, newest, from) else { return };
            let mut leak = 0.0;
            for lasting in &half.lasting {
                let share = lasting.take_out(&all, &mut change);
                leak += self.params.lasting_leak * share * longest(half.part, &lasting.course.motion);
            }
            let ratio = ratio(&self.bank, &self.params, half.part, &change, leak, |axis| {
                newest.is_valid_since(axis, from)
            });
            if ratio < 1.0 {
                return;
            }
            let from = lagged(now, self.params.look_back_s).max(fresh_from);
            half.open = Some(Open {
                key: self.next_key,
                from,
                seen_at: now,
                is_flagged: false,
                returned_at: None,
                ratio,
            });
            self.next_key += 1;
        }
        self.settle(index, sigmas, proposals);
    }

    /// Looks at the movement under way again.
    fn settle(&mut self, index: usize, sigmas: &Axes, proposals: &mut Vec<Proposal>) {
        let half = &mut self.halves[index];
        let (Some(newest), Some(open)) = (self.history.newest(), &mut half.open) else { return };
        let (now, p) = (newest.at, &self.params);
        let weights = weights_of(half.part, sigmas, |axis| newest.is_valid_since(axis, open.from));
        let Some(course) = Envelope::measure(&self.history, &weights, open.from, open.seen_at) else {
            // The regions went out of sight.
            if open.is_flagged {
                proposals.push(withdrawn(open));
            }
            (half.open, half.fresh_from) = (None, Some(now));
            return;
        };
        let is_valid = |axis: usize| newest.is_valid_since(axis, open.from);
        open.ratio = open.ratio.max(ratio(&self.bank, p, half.part, &course.motion, 0.0, is_valid));
        let is_past = now > course.apex
            && (course.level < p.past_apex_level || now.seconds_since(course.apex) >= p.apex_hold_s);
        let is_quick = course.rise_s() <= p.longest_rise_s;
        let age_s = now.seconds_since(course.onset);
        let propose = |stage, offset| Proposal {
            key: open.key,
            stage,
            onset: course.onset,
            apex: course.apex,
            offset,
            score: score_of(open.ratio),
            motion_icd: regions_of(
                half.part,
                &course.motion,
                newest.valid_since.map(|since| since.is_some()),
            ),
            is_weighed: false,
        };
        if course.level <= p.return_level {
            let returned_at = *open.returned_at.get_or_insert(now);
            let Some(offset) = course.offset(p.return_level) else { return };
            // A quarter of the apex, or a moment later: then the fall is known well enough to say where it ends.
            if course.level > 0.25 && now.seconds_since(returned_at) < RETURN_HOLD_S {
                return;
            }
            let is_micro = is_quick && offset.seconds_since(course.onset) <= p.longest_s;
            if is_micro {
                proposals.push(propose(Stage::Returned, Some(offset)));
            } else if longest(half.part, &course.motion) >= p.macro_floor_icd {
                proposals.push(propose(Stage::Lasting, None));
                proposals.push(propose(Stage::Ended, Some(offset)));
            } else if open.is_flagged {
                proposals.push(withdrawn(open));
            }
            half.open = None;
            half.fresh_from = Some(lagged(offset.max(now), -SETTLE_S));
            return;
        }
        let is_lasting = (is_past && !is_quick)
            || age_s > p.longest_s
            || (!is_past && age_s > p.longest_rise_s + p.apex_hold_s);
        if is_lasting {
            if longest(half.part, &course.motion) >= p.macro_floor_icd {
                proposals.push(propose(Stage::Lasting, None));
                if half.lasting.len() == MAX_LASTING {
                    let oldest = half.lasting.remove(0);
                    if oldest.is_open() {
                        proposals.push(proposal_of(half.part, &oldest, Stage::Ended, None));
                    }
                }
                half.lasting.push(Lasting::new(open.key, course, score_of(open.ratio)));
            } else if open.is_flagged {
                proposals.push(withdrawn(open));
            }
            (half.open, half.fresh_from) = (None, Some(now));
        } else if is_past && !open.is_flagged {
            proposals.push(propose(Stage::Provisional, None));
            open.is_flagged = true;
        }
    }
}

impl Detector for StateMachine {
    fn push(&mut self, input: &SpotInput, observability: &Observability, proposals: &mut Vec<Proposal>) {
        match input.signal {
            Some(signal) => self.take(signal, observability, proposals),
            None => {
                self.interrupt(proposals);
                self.reset();
            }
        }
    }

    fn reset(&mut self) {
        self.history.clear();
        self.noise.reset();
        self.bank.seed(&self.noise.sigmas_icd());
        self.halves = Part::ALL.map(Half::new);
        self.face_id = None;
    }
}

/// One over the variance of each axis of a half, 0 elsewhere.
fn weights_of(part: Part, sigmas: &Axes, is_valid: impl Fn(usize) -> bool) -> Axes {
    std::array::from_fn(|axis| {
        let is_used = part.has_axis(axis) && is_valid(axis);
        if is_used { 1.0 / (sigmas[axis] * sigmas[axis] + PLACE_FLOOR_ICD * PLACE_FLOOR_ICD) } else { 0.0 }
    })
}

/// The largest strength of an action unit in a change, as a multiple of its threshold. Muscles only pull: its sign counts.
fn ratio(
    bank: &ChannelBank,
    params: &StateMachineParams,
    part: Part,
    change: &Axes,
    leak: f32,
    is_valid: impl Fn(usize) -> bool,
) -> f32 {
    let channels = bank.channels().iter().filter(|channel| channel.part == part && channel.is_learned());
    channels.fold(0.0, |largest, channel| {
        let threshold = (params.threshold_sigma * channel.sigma_icd()).max(params.floor_icd) + leak;
        channel.strength(change, &is_valid).map_or(largest, |strength| largest.max(strength / threshold))
    })
}

/// The longest displacement of a region of the half.
fn longest(part: Part, motion: &Axes) -> f32 {
    let regions = (0..AXES).step_by(2).filter(|axis| part.has_axis(*axis));
    regions.fold(0.0, |longest, axis| longest.max(motion[axis].hypot(motion[axis + 1])))
}

/// The motion of a half's regions; what the other half did at that time is for its own movements to say.
fn regions_of(part: Part, motion: &Axes, is_valid: [bool; REGION_COUNT]) -> [[f32; 2]; REGION_COUNT] {
    std::array::from_fn(|region| {
        let is_own = RegionId::from_index(region).is_some_and(|id| Part::of(id) == part);
        if is_own && is_valid[region] { [motion[2 * region], motion[2 * region + 1]] } else { [0.0; 2] }
    })
}

fn proposal_of(part: Part, lasting: &Lasting, stage: Stage, offset: Option<Timestamp>) -> Proposal {
    Proposal {
        key: lasting.key,
        stage,
        onset: lasting.course.onset,
        apex: lasting.course.apex,
        offset,
        score: lasting.score,
        motion_icd: regions_of(part, &lasting.course.motion, [true; REGION_COUNT]),
        is_weighed: false,
    }
}

fn withdrawn(open: &Open) -> Proposal {
    Proposal {
        key: open.key,
        stage: Stage::Withdrawn,
        onset: open.from,
        apex: open.seen_at,
        offset: None,
        score: 0.0,
        motion_icd: [[0.0; 2]; REGION_COUNT],
        is_weighed: false,
    }
}
