//! Which times of a clip are free, and which are taken.

use super::random::Stream;

/// Seconds before the first and after the last event of a span, for the detectors to see the face at rest.
const MARGIN_S: f64 = 0.3;
/// Draws for a free place before an event is given up.
const TRIES: usize = 400;

/// Free and taken times.
#[derive(Clone, Debug)]
pub(super) struct Calendar {
    /// Times at which the face can be animated.
    pub(super) spans: Vec<[f64; 2]>,
    taken: Vec<[f64; 2]>,
}

impl Calendar {
    pub(super) fn new(spans: Vec<[f64; 2]>) -> Self {
        Self { spans, taken: Vec::new() }
    }

    pub(super) fn total_s(&self) -> f64 {
        self.spans.iter().map(|[from, to]| (to - from).max(0.0)).sum()
    }

    /// Takes `length_s` at a random time at which nothing else is within `clear_s`; `None` where no place was found.
    pub(super) fn take(&mut self, length_s: f64, clear_s: f64, random: &mut Stream) -> Option<f64> {
        // Room for the start in each span.
        let room = |&[from, to]: &[f64; 2]| (to - from - 2.0 * MARGIN_S - length_s).max(0.0);
        let total: f64 = self.spans.iter().map(room).sum();
        if total <= 0.0 {
            return None;
        }
        for _ in 0..TRIES {
            let mut along = random.within(0.0, total);
            let span = self.spans.iter().find(|span| {
                let fits = along < room(span);
                if !fits {
                    along -= room(span);
                }
                fits
            })?;
            let start = span[0] + MARGIN_S + along;
            let is_free =
                |&[from, to]: &[f64; 2]| start + length_s + clear_s <= from || start >= to + clear_s;
            if self.taken.iter().all(is_free) {
                self.taken.push([start, start + length_s]);
                return Some(start);
            }
        }
        None
    }

    /// Widens what is taken, so that whatever comes later keeps this much away from it.
    pub(super) fn close(&mut self, by_s: f64) {
        for taken in &mut self.taken {
            *taken = [taken[0] - by_s, taken[1] + by_s];
        }
    }
}

/// A whole number whose mean is `expected`.
pub(super) fn random_count(expected: f64, random: &mut Stream) -> usize {
    (expected + random.within(0.0, 1.0)).floor().max(0.0) as usize
}
