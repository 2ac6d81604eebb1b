//! The usable pictures by expression and half, and which two go together next.

use std::collections::BTreeSet;

use super::kind::Kind;
use super::source::Source;
use crate::synth::random::Stream;
use crate::types::Label;

/// A picture is part of at most so many composites.
pub const MOST_USES: usize = 4;
/// Heads that differ more than this do not go together, in degrees of yaw and pitch.
const MOST_APART_DEG: [f32; 2] = [8.0, 12.0];
/// A picture that was refused this often comes as late as one that was used once more: variety first, but no picture is tried for ever.
const REFUSALS_PER_USE: usize = 4;
/// Of the least used lower faces that fit, so many are compared by pose.
const COMPARED: usize = 6;

/// The half that a picture belongs to, by its name alone: whoever fits on one half never meets its pictures in the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// To fit weights on.
    Fit,
    /// To report figures on.
    Report,
}

impl Half {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Fit, Self::Report];

    /// Of a picture's name.
    pub(super) fn of(name: &str) -> Self {
        if Stream::new(0, name).chance(0.5) { Self::Fit } else { Self::Report }
    }

    /// The name in `chimeras.csv`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fit => "fit",
            Self::Report => "report",
        }
    }
}

/// Usable pictures with what was done with them.
#[derive(Debug, Default)]
pub(super) struct Pools {
    pub sources: Vec<Source>,
    uses: Vec<usize>,
    refusals: Vec<usize>,
    tried: BTreeSet<[usize; 2]>,
}

impl Pools {
    /// The sources' order decides where nothing else does.
    pub fn new(sources: Vec<Source>) -> Self {
        let count = sources.len();
        Self { sources, uses: vec![0; count], refusals: vec![0; count], tried: BTreeSet::new() }
    }

    /// Two pictures that were not together before, `[lower, upper]`: the least used ones whose heads are held alike. Of one half,
    /// where one is given.
    pub fn pick(&self, kind: Kind, half: Option<Half>) -> Option<[usize; 2]> {
        let (lowers, uppers) = (self.free(kind.lower(), half), self.free(kind.upper(), half));
        uppers.into_iter().find_map(|upper| {
            lowers
                .iter()
                .filter(|&&lower| lower != upper && !self.tried.contains(&[lower, upper]))
                .filter_map(|&lower| Some((self.apart(lower, upper)?, lower)))
                .take(COMPARED)
                .min_by(|a, b| a.0.total_cmp(&b.0))
                .map(|(_, lower)| [lower, upper])
        })
    }

    /// They became a composite.
    pub fn accept(&mut self, pair: [usize; 2]) {
        self.tried.insert(pair);
        for index in pair {
            self.uses[index] += 1;
        }
    }

    /// They do not go together; both come later next time.
    pub fn refuse(&mut self, pair: [usize; 2]) {
        self.tried.insert(pair);
        for index in pair {
            self.refusals[index] += 1;
        }
    }

    /// A composite is not kept.
    pub fn give_back(&mut self, pair: [usize; 2]) {
        for index in pair {
            self.uses[index] = self.uses[index].saturating_sub(1);
        }
    }

    /// Pictures of a label that may still be used, the least used first.
    fn free(&self, label: Label, half: Option<Half>) -> Vec<usize> {
        let is_free = |index: &usize| {
            let candidate = &self.sources[*index].candidate;
            candidate.label == label
                && self.uses[*index] < MOST_USES
                && half.is_none_or(|half| Half::of(&candidate.name) == half)
        };
        let mut free: Vec<usize> = (0..self.sources.len()).filter(is_free).collect();
        free.sort_by_key(|&index| (REFUSALS_PER_USE * self.uses[index] + self.refusals[index], index));
        free
    }

    /// How differently two heads are held, in shares of what may be; `None` beyond that.
    fn apart(&self, a: usize, b: usize) -> Option<f32> {
        let (a, b) = (&self.sources[a].pose, &self.sources[b].pose);
        let yaw = (a.yaw_deg - b.yaw_deg).abs() / MOST_APART_DEG[0];
        let pitch = (a.pitch_deg - b.pitch_deg).abs() / MOST_APART_DEG[1];
        (yaw <= 1.0 && pitch <= 1.0).then_some(yaw + pitch)
    }
}
