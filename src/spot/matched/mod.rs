//! Movements by matched filters: shapes of rise and return, looked for in whitened action-unit channels.
//!
//! Channels are sampled on a fixed grid and whitened ([`super::whiten`]); shapes of 80-500 ms, whitened alike, are correlated with them; what
//! an emotion's action units say is added up, each as a multiple of its noise. A movement is flagged when a rise fits, and confirmed
//! when a whole shape does.

mod shapes;
mod trace;

use serde::{Deserialize, Serialize};

use super::channels::{ChannelBank, Part};
use super::detector::{Detector, Proposal, SpotInput, Stage};
use super::envelope::Envelope;
use super::history::{AXES, Axes, MotionHistory};
use super::noise::{NoiseModel, SampleClock, lagged};
use crate::facs::PROTOTYPES;
use crate::types::{Observability, REGION_COUNT, Signal, Timestamp};
use shapes::{Shape, returning, rising};
use trace::Trace;

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

/// The whitening is fitted anew this often, in seconds.
const REFIT_S: f64 = 1.0;
/// Frame period below which the grid is 60 Hz instead of 30, in seconds.
const FAST_PERIOD_S: f64 = 1.0 / 45.0;
/// Frames after which the grid is chosen.
const CHOOSE_AFTER: usize = 8;

/// The best fit of late.
#[derive(Clone, Copy, Debug)]
struct Best {
    z: f32,
    at: Timestamp,
    length_s: f64,
    rise_s: f64,
}

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

/// A set of channels whose fits are added up.
#[derive(Clone, Debug)]
struct Team {
    part: Part,
    channels: Vec<usize>,
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

#[derive(Clone, Debug)]
struct Grid {
    step_s: f64,
    /// Rises first, then whole shapes.
    shapes: Vec<Shape>,
    rises: usize,
    traces: Vec<Trace>,
    last: (Timestamp, Axes),
    fitted_at: Timestamp,
    clock: SampleClock,
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
            let rise = grid.best(at, 0..grid.rises, &self.teams, half.part, &self.params);
            let whole = grid.best(at, grid.rises..grid.shapes.len(), &self.teams, half.part, &self.params);
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

impl Grid {
    fn new(step_s: f64, channels: usize, at: Timestamp, place: Axes) -> Self {
        let mut shapes = rising(step_s);
        let rises = shapes.len();
        shapes.extend(returning(step_s));
        let traces = (0..channels).map(|_| Trace::new(step_s, &shapes)).collect();
        Self {
            step_s,
            shapes,
            rises,
            traces,
            last: (at, place),
            fitted_at: at,
            clock: SampleClock::default(),
        }
    }

    /// Goes one grid step on; its time, and whether it was the last that the history reaches.
    fn advance(
        &mut self,
        history: &MotionHistory,
        bank: &ChannelBank,
        params: &MatchedParams,
    ) -> Option<(Timestamp, bool)> {
        let newest = history.newest()?.at;
        let at = lagged(self.last.0, -self.step_s);
        if at > newest {
            return None;
        }
        let place = history.place_at(at)?;
        let step: Axes = std::array::from_fn(|axis| place[axis] - self.last.1[axis]);
        let is_sampled = self.clock.is_due(at);
        let known_since = self.last.0;
        let entry = history.newest()?;
        for (trace, channel) in self.traces.iter_mut().zip(bank.channels()) {
            let strength = channel.strength(&step, |axis| entry.is_valid_since(axis, known_since));
            trace.push(strength.unwrap_or(0.0), is_sampled);
        }
        self.last = (at, place);
        if at.seconds_since(self.fitted_at) >= REFIT_S {
            self.fitted_at = at;
            self.traces.iter_mut().for_each(|trace| trace.fit(params.whitens, &self.shapes));
        }
        Some((at, lagged(at, -self.step_s) > newest))
    }

    /// The best fit of some shapes in a half of the face that is above the thresholds.
    fn best(
        &self,
        at: Timestamp,
        shapes: std::ops::Range<usize>,
        teams: &[Team],
        part: Part,
        params: &MatchedParams,
    ) -> Option<Best> {
        let mut found: Option<Best> = None;
        for index in shapes {
            let fits: Vec<_> = self.traces.iter().map(|trace| trace.fit_of(index)).collect();
            for team in teams.iter().filter(|team| team.part == part) {
                let is_learned = team.channels.iter().all(|channel| self.traces[*channel].is_learned());
                let all = || team.channels.iter().map(|channel| fits[*channel]);
                // All must pull the same way: an emotion's units act together.
                if !is_learned || all().any(|fit| fit.z <= 0.0) {
                    continue;
                }
                let count = team.channels.len() as f32;
                let z = all().map(|fit| fit.z).sum::<f32>() / count.sqrt();
                let explained = all().map(|fit| fit.explained).sum::<f32>() / count;
                let is_enough = z >= params.threshold_sigma && explained >= params.min_explained;
                if is_enough && found.is_none_or(|best| z > best.z) {
                    let shape = &self.shapes[index];
                    let length_s = shape.steps.len() as f64 * self.step_s;
                    found = Some(Best { z, at, length_s, rise_s: shape.rise * self.step_s });
                }
            }
        }
        found
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

/// Each channel by itself, and the units of each prototype together, on both sides or on one, half by half.
fn teams(bank: &ChannelBank) -> Vec<Team> {
    let mut teams: Vec<Team> = bank
        .channels()
        .iter()
        .enumerate()
        .map(|(index, channel)| Team { part: channel.part, channels: vec![index] })
        .collect();
    for prototype in PROTOTYPES.iter().filter(|prototype| prototype.action_units.len() > 1) {
        for part in Part::ALL {
            let belongs = |(index, channel): (usize, &super::channels::Channel)| {
                let is_one = channel.side.is_none()
                    && channel.part == part
                    && prototype.action_units.contains(&channel.action_unit);
                is_one.then_some(index)
            };
            let channels: Vec<_> = bank.channels().iter().enumerate().filter_map(belongs).collect();
            let is_known = teams.iter().any(|team| team.channels == channels);
            if channels.len() > 1 && !is_known {
                teams.push(Team { part, channels });
            }
        }
    }
    teams
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
    let score = ratio * ratio / (1.0 + ratio * ratio);
    Proposal { key, stage, onset: course.onset, apex: course.apex, offset, score, motion_icd }
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
    }
}
