//! All channels on a fixed grid of time, and the best fit of a shape to the channels of an emotion.

use super::MatchedParams;
use super::shapes::{Shape, returning, rising};
use super::trace::Trace;
use crate::facs::PROTOTYPES;
use crate::spot::channels::{Channel, ChannelBank, Part};
use crate::spot::history::{Axes, MotionHistory};
use crate::spot::noise::{SampleClock, lagged};
use crate::types::Timestamp;

/// The whitening is fitted anew this often, in seconds.
const REFIT_S: f64 = 1.0;
/// The best fit of late.
#[derive(Clone, Copy, Debug)]
pub struct Best {
    /// Size, in standard deviations.
    pub z: f32,
    /// When the shape ended.
    pub at: Timestamp,
    /// Its length, in seconds.
    pub length_s: f64,
    /// Its rise, in seconds.
    pub rise_s: f64,
}

/// A set of channels whose fits are added up.
#[derive(Clone, Debug)]
pub struct Team {
    part: Part,
    channels: Vec<usize>,
}

/// The channels on the grid.
#[derive(Clone, Debug)]
pub struct Grid {
    step_s: f64,
    /// Rises first, then whole shapes.
    shapes: Vec<Shape>,
    rises: usize,
    traces: Vec<Trace>,
    last: (Timestamp, Axes),
    fitted_at: Timestamp,
    clock: SampleClock,
}

impl Grid {
    /// A grid of `step_s` seconds that begins where the face is now.
    pub fn new(step_s: f64, channels: usize, at: Timestamp, place: Axes) -> Self {
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
    pub fn advance(
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

    /// The best fit of a rise alone.
    pub fn best_rise(
        &self,
        at: Timestamp,
        teams: &[Team],
        part: Part,
        params: &MatchedParams,
    ) -> Option<Best> {
        self.best(at, 0..self.rises, teams, part, params)
    }

    /// The best fit of a rise and return.
    pub fn best_whole(
        &self,
        at: Timestamp,
        teams: &[Team],
        part: Part,
        params: &MatchedParams,
    ) -> Option<Best> {
        self.best(at, self.rises..self.shapes.len(), teams, part, params)
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

/// Each channel by itself, and the units of each prototype together, on both sides or on one, half by half.
pub fn teams(bank: &ChannelBank) -> Vec<Team> {
    let mut teams: Vec<Team> = bank
        .channels()
        .iter()
        .enumerate()
        .map(|(index, channel)| Team { part: channel.part, channels: vec![index] })
        .collect();
    for prototype in PROTOTYPES.iter().filter(|prototype| prototype.action_units.len() > 1) {
        for part in Part::ALL {
            let belongs = |(index, channel): (usize, &Channel)| {
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
