//! Recent stretches of time in which something was the case.

use std::collections::VecDeque;

use crate::spot::noise::lagged;
use crate::types::Timestamp;

/// Stretches that ended this long ago are forgotten, in seconds: longer than any candidate waits.
const KEEP_S: f64 = 15.0;

/// Stretches of time, in order of their end.
#[derive(Clone, Debug, Default)]
pub struct Spans(VecDeque<(Timestamp, Timestamp)>);

impl Spans {
    /// Adds `from..=to`; joins it to the last one where they meet.
    pub fn add(&mut self, from: Timestamp, to: Timestamp) {
        match self.0.back_mut() {
            Some(last) if from <= last.1 => *last = (last.0.min(from), last.1.max(to)),
            _ => self.0.push_back((from, to)),
        }
        while self.0.front().is_some_and(|(_, end)| *end < lagged(to, KEEP_S)) {
            self.0.pop_front();
        }
    }

    /// Whether one of them meets `from..=to`.
    pub fn meets(&self, from: Timestamp, to: Timestamp) -> bool {
        self.0.iter().any(|(start, end)| *start <= to && from <= *end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spot::test_signals::at_s;

    #[test]
    fn spans_join_meet_and_are_forgotten() {
        let mut spans = Spans::default();
        spans.add(at_s(1.0), at_s(1.2));
        spans.add(at_s(1.1), at_s(1.4));
        spans.add(at_s(3.0), at_s(3.1));
        assert_eq!(spans.0.len(), 2);
        assert!(spans.meets(at_s(1.3), at_s(2.0)) && spans.meets(at_s(0.0), at_s(1.0)));
        assert!(!spans.meets(at_s(1.5), at_s(2.9)));
        spans.add(at_s(20.0), at_s(20.0));
        assert_eq!(spans.0.len(), 1);
    }
}
