//! One channel on the grid: its steps, what is left of them after whitening, and how well each shape fits that.

use std::collections::VecDeque;

use super::shapes::Shape;
use crate::spot::noise::RobustScale;
use crate::spot::whiten::Whitener;

/// Samples that the whitening is fitted to, in seconds.
const FIT_S: f64 = 10.0;
/// Prediction errors that are kept, in seconds: the longest shape and a margin.
const ERRORS_S: f64 = 0.7;
/// Noise of a step before any was seen, in ICD units.
const UNKNOWN_STEP_ICD: f32 = 0.002;

/// A shape as this channel's whitening makes it, of length 1.
#[derive(Clone, Debug)]
struct Filter {
    taps: Vec<f32>,
}

/// How well a shape that ends now fits.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Fit {
    /// Size, in standard deviations of the channel's prediction error.
    pub z: f32,
    /// Share of what the channel did in that time that the shape explains, `[0, 1]`.
    pub explained: f32,
}

/// One channel.
#[derive(Clone, Debug)]
pub struct Trace {
    steps: VecDeque<f32>,
    errors: VecDeque<f32>,
    capacity: (usize, usize),
    whitener: Whitener,
    filters: Vec<Filter>,
    scale: RobustScale,
}

impl Trace {
    /// A channel on a grid of `step_s` seconds that looks for `shapes`.
    pub fn new(step_s: f64, shapes: &[Shape]) -> Self {
        let capacity = ((FIT_S / step_s) as usize, (ERRORS_S / step_s) as usize);
        let mut trace = Self {
            steps: VecDeque::with_capacity(capacity.0),
            errors: VecDeque::with_capacity(capacity.1),
            capacity,
            whitener: Whitener::default(),
            filters: Vec::new(),
            scale: RobustScale::new(UNKNOWN_STEP_ICD),
        };
        trace.prepare(shapes);
        trace
    }

    /// Takes the change since the last grid time. `is_sampled`: it counts for the noise.
    pub fn push(&mut self, step: f32, is_sampled: bool) {
        let step = if step.is_finite() { step } else { 0.0 };
        if self.steps.len() == self.capacity.0 {
            self.steps.pop_front();
        }
        self.steps.push_back(step);
        let error = self.whitener.error(self.steps.iter().rev().copied());
        if self.errors.len() == self.capacity.1 {
            self.errors.pop_front();
        }
        self.errors.push_back(error);
        if is_sampled {
            self.scale.push(error);
        }
    }

    /// Fits the whitening anew; with `whitens` false it changes nothing.
    pub fn fit(&mut self, whitens: bool, shapes: &[Shape]) {
        self.whitener =
            if whitens { Whitener::fit(self.steps.make_contiguous()) } else { Whitener::default() };
        self.prepare(shapes);
    }

    fn prepare(&mut self, shapes: &[Shape]) {
        let filter = |shape: &Shape| {
            let taps = self.whitener.filtered(&shape.steps);
            let length = taps.iter().map(|v| v * v).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
            Filter { taps: taps.iter().map(|v| v / length).collect() }
        };
        self.filters = shapes.iter().map(filter).collect();
    }

    /// Whether its noise is known from this face.
    pub fn is_learned(&self) -> bool {
        self.scale.is_learned()
    }

    /// How well shape `index` fits, ending with the newest step.
    pub fn fit_of(&self, index: usize) -> Fit {
        let Some(filter) = self.filters.get(index) else { return Fit::default() };
        if self.errors.len() < filter.taps.len() {
            return Fit::default();
        }
        let (mut along, mut energy) = (0.0, 0.0);
        for (tap, error) in filter.taps.iter().rev().zip(self.errors.iter().rev()) {
            along += tap * error;
            energy += error * error;
        }
        let explained = if energy > 0.0 { along * along / energy } else { 0.0 };
        Fit { z: along / self.scale.sigma().max(f32::MIN_POSITIVE), explained }
    }
}
