//! Movements by matched filters: shapes of rise and return, looked for in whitened action-unit channels.
//!
//! Channels are sampled on a fixed grid and whitened ([`super::whiten`]); shapes of 80-500 ms, whitened alike, are correlated with them; what
//! an emotion's action units say is added up, each as a multiple of its noise. A movement is flagged when a rise fits, and confirmed
//! when a whole shape does.

mod grid;
mod shapes;
mod trace;

use serde::{Deserialize, Serialize};

use super::channels::{ChannelBank, Part};
use super::detector::{Detector, Proposal, SpotInput, Stage, score_of};
use super::envelope::Envelope;
use super::history::{AXES, Axes, MotionHistory};
use super::noise::{NoiseModel, lagged};
use crate::types::{Observability, REGION_COUNT, Signal, Timestamp};
use grid::{Best, Grid, Team, teams};

/// Thresholds of [`MatchedFilters`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MatchedParams {
    /// Whether channels are whitened; off for comparing what it is worth.
    pub whitens: bool,
    /// A sum over a prototype's channels must reach this many standard deviations.
    pub threshold_sigma: f32,
    /// The shape must explain this share of what the channel did, `[0, 1]`.
    pub min_explained: f32,
    /// And the movement must be this large, in ICD units.
    pub floor_icd: f32,
    /// Share of the apex to which it must have fallen, `[0, 1]`.
    pub return_level: f32,
    /// A fit counts as the best when none was better for this long, in seconds.
    pub hold_s: f64,
    /// A flagged rise that has not returned by then was none of ours, in seconds.
    pub longest_s: f64,
}

impl Default for MatchedParams {
    fn default() -> Self {
        Self {
            whitens: true,
            threshold_sigma: 6.0,
            min_explained: 0.4,
            floor_icd: 0.006,
            return_level: 0.5,
            hold_s: 0.03,
            longest_s: 0.6,
        }
    }
}

/// Frame period below which the grid is 60 Hz instead of 30, in seconds.
const FAST_PERIOD_S: f64 = 1.0 / 45.0;
/// Frames after which the grid is chosen.
const CHOOSE_AFTER: usize = 8;

#[derive(Clone, Debug)]
struct Half {
    part: Part,
    rise: Option<Best>,
    whole: Option<Best>,
    /// A flag that waits for the return.
    flag: Option<(u64, Best)>,
    /// Nothing that began before counts.
    closed_at: Option<Timestamp>,
}

/// Spots movements of the primary face by matched filters.
#[derive(Clone, Debug)]
pub struct MatchedFilters {
    params: MatchedParams,
    history: MotionHistory,
    noise: NoiseModel,
    bank: ChannelBank,
    teams: Vec<Team>,
    grid: Option<Grid>,
    halves: [Half; 2],
    face_id: Option<u32>,
    frames: usize,
    next_key: u64,
}

fn new_half(part: Part) -> Half {
    Half { part, rise: None, whole: None, flag: None, closed_at: None }
}

impl MatchedFilters {
    /// A detector that knows no face yet.
    pub fn new(params: MatchedParams) -> Self {
        let (bank, noise) = (ChannelBank::default(), NoiseModel::default());
        let teams = teams(&bank);
        Self {
            params,
            history: MotionHistory::default(),
            noise,
            bank,
            teams,
            grid: None,
            halves: Part::ALL.map(new_half),
            face_id: None,
            frames: 0,
            next_key: 0,
        }
    }

    fn start(&mut self, proposals: &mut Vec<Proposal>) {
        for half in &mut self.halves {
            if let Some((key, best)) = half.flag.take() {
                proposals.push(withdrawn(key, &best));
            }
            *half = new_half(half.part);
        }
        (self.grid, self.frames) = (None, 0);
    }

    fn take(&mut self, signal: &Signal, observability: &Observability, proposals: &mut Vec<Proposal>) {
        if self.face_id.replace(signal.face_id).is_some_and(|before| before != signal.face_id) {
            self.start(proposals);
            self.reset();
            self.face_id = Some(signal.face_id);
        }
        if !self.history.push(signal) {
            self.start(proposals);
        }
        self.frames += 1;
        let is_open = |region: usize| observability.smallest_icd[region].is_finite();
        if self.noise.learn(&self.history, |region| signal.regions[region].sigma_icd, is_open) {
            self.bank.learn(&self.history, &self.noise.sigmas_icd(), is_open);
        }
        let (Some(newest), Some(period_s)) = (self.history.newest(), self.history.period_s()) else { return };
        if self.grid.is_none() {
            if self.frames < CHOOSE_AFTER {
                return;
            }
            let step_s = if period_s < FAST_PERIOD_S { 1.0 / 60.0 } else { 1.0 / 30.0 };
            self.grid = Some(Grid::new(step_s, self.bank.channels().len(), newest.at, newest.place));
        }
        let mut times = Vec::new();
        if let Some(grid) = &mut self.grid {
            while let Some((at, is_last)) = grid.advance(&self.history, &self.bank, &self.params) {
                times.push(at);
                if is_last {
                    break;
                }
            }
        }
        for at in times {
            self.look(at, proposals);
        }
    }

    /// Looks at the fits of one grid time.
    fn look(&mut self, at: Timestamp, proposals: &mut Vec<Proposal>) {
        let Some(grid) = &self.grid else { return };
        let sigmas = self.noise.sigmas_icd();
        for half in &mut self.halves {
            let rise = grid.best_rise(at, &self.teams, half.part, &self.params);
            let whole = grid.best_whole(at, &self.teams, half.part, &self.params);
            let is_fresh = |best: &Best| {
                half.closed_at.is_none_or(|closed| lagged(best.at, best.length_s) >= lagged(closed, 0.05))
            };
            if let Some(best) =
                rise.filter(is_fresh).filter(|best| half.rise.is_none_or(|old| best.z > old.z))
            {
                half.rise = Some(best);
            }
            if let Some(best) =
                whole.filter(is_fresh).filter(|best| half.whole.is_none_or(|old| best.z > old.z))
            {
                half.whole = Some(best);
            }
            let is_over = |best: &Best| at.seconds_since(best.at) >= self.params.hold_s;
            let measure = |onset: Timestamp, apex: Timestamp| {
                let weights: Axes = std::array::from_fn(|axis| {
                    if half.part.has_axis(axis) { 1.0 / (sigmas[axis] * sigmas[axis] + 1e-6) } else { 0.0 }
                });
                Envelope::measure(&self.history, &weights, lagged(onset, 0.15), apex)
            };
            if half.flag.is_none()
                && let Some(best) = half.rise.take_if(|best| is_over(best))
                && let Some(course) = measure(lagged(best.at, best.rise_s), best.at)
                && longest(half.part, &course.motion) >= self.params.floor_icd
            {
                let key = self.next_key;
                self.next_key += 1;
                proposals.push(proposal(
                    key,
                    Stage::Provisional,
                    &course,
                    None,
                    best.z,
                    self.params.threshold_sigma,
                ));
                half.flag = Some((key, best));
            }
            if let Some(best) = half.whole.take_if(|best| is_over(best)) {
                let onset = lagged(best.at, best.length_s);
                let apex = lagged(onset, -best.rise_s);
                // A shape also fits the beginning of something longer: it must have come back.
                if let Some(course) = measure(onset, apex)
                    && longest(half.part, &course.motion) >= self.params.floor_icd
                    && course.level <= self.params.return_level
                {
                    let key = half.flag.take().map_or(self.next_key, |(key, _)| key);
                    self.next_key = self.next_key.max(key + 1);
                    // Where the fall has only begun, the shape says how long it will take.
                    let rest_s = best.length_s - best.rise_s;
                    let offset = course.offset(0.4).unwrap_or(lagged(course.apex, -rest_s));
                    let returned = Stage::Returned;
                    proposals.push(proposal(
                        key,
                        returned,
                        &course,
                        Some(offset),
                        best.z,
                        self.params.threshold_sigma,
                    ));
                    (half.rise, half.closed_at) = (None, Some(offset.max(best.at)));
                }
            }
            let is_late =
                |best: &Best| at.seconds_since(lagged(best.at, best.rise_s)) > self.params.longest_s;
            if let Some((key, best)) = half.flag.take_if(|(_, best)| is_late(best)) {
                proposals.push(withdrawn(key, &best));
                half.closed_at = Some(at);
            }
        }
    }
}

impl Detector for MatchedFilters {
    fn push(&mut self, input: &SpotInput, observability: &Observability, proposals: &mut Vec<Proposal>) {
        match input.signal {
            Some(signal) => self.take(signal, observability, proposals),
            None => {
                self.start(proposals);
                self.reset();
            }
        }
    }

    fn reset(&mut self) {
        self.history.clear();
        self.noise.reset();
        self.grid = None;
        self.halves = Part::ALL.map(new_half);
        (self.face_id, self.frames) = (None, 0);
    }
}

fn longest(part: Part, motion: &Axes) -> f32 {
    let regions = (0..AXES).step_by(2).filter(|axis| part.has_axis(*axis));
    regions.fold(0.0, |longest, axis| longest.max(motion[axis].hypot(motion[axis + 1])))
}

fn proposal(
    key: u64,
    stage: Stage,
    course: &Envelope,
    offset: Option<Timestamp>,
    z: f32,
    threshold: f32,
) -> Proposal {
    let ratio = z / threshold;
    let motion_icd =
        std::array::from_fn(|region: usize| [course.motion[2 * region], course.motion[2 * region + 1]]);
    let score = score_of(ratio);
    Proposal {
        key,
        stage,
        onset: course.onset,
        apex: course.apex,
        offset,
        score,
        motion_icd,
        is_weighed: false,
    }
}

fn withdrawn(key: u64, best: &Best) -> Proposal {
    Proposal {
        key,
        stage: Stage::Withdrawn,
        onset: lagged(best.at, best.rise_s),
        apex: best.at,
        offset: None,
        score: 0.0,
        motion_icd: [[0.0; 2]; REGION_COUNT],
        is_weighed: false,
    }
}
