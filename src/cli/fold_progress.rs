//! What a run of folds shows on the terminal: a bar over all of its folds' epochs, with the time left.

use indicatif::ProgressBar;

use super::{interrupt, progress};
use crate::train::recogniser::{FitStep, RunStep};

/// Steps of one fold on the bar.
const FOLD: u64 = 1000;

/// The bar of one run.
pub(super) struct FoldProgress {
    bar: ProgressBar,
    fold: u64,
}

impl FoldProgress {
    pub(super) fn new(what: &str) -> Self {
        Self { bar: progress::counted(0, what), fold: 0 }
    }

    /// Shows a step; whether to go on.
    pub(super) fn step(&mut self, step: &RunStep<'_>) -> bool {
        match step {
            RunStep::Fold(name, number, all) => {
                self.fold = *number as u64;
                self.bar.set_length(FOLD * *all as u64);
                self.bar.set_position(FOLD * self.fold);
                self.bar.set_message(format!("fold {name}, {} of {all}", number + 1));
            }
            RunStep::Fit(FitStep::Step(done, all)) => {
                self.bar.set_position(FOLD * self.fold + FOLD * *done as u64 / (*all).max(1) as u64);
            }
            RunStep::Fit(FitStep::Epoch(_)) => {}
            RunStep::Done(outcome) => {
                if let Some(why) = &outcome.why_not {
                    self.bar.suspend(|| eprintln!("onset: fold {} is left out: {why}", outcome.name));
                }
            }
        }
        !interrupt::is_asked()
    }

    pub(super) fn finish(self) {
        self.bar.finish_and_clear();
    }
}
