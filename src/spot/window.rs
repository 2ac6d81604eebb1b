//! Exact quantiles of the newest values: a sliding window that is kept sorted.

use std::collections::VecDeque;

/// The newest values, in order of time and of size.
#[derive(Clone, Debug)]
pub struct SortedWindow {
    capacity: usize,
    by_time: VecDeque<f32>,
    by_size: Vec<f32>,
}

impl SortedWindow {
    /// A window of the `capacity` newest values.
    pub fn new(capacity: usize) -> Self {
        Self { capacity, by_time: VecDeque::with_capacity(capacity), by_size: Vec::with_capacity(capacity) }
    }

    /// Takes a value; it must be finite. The oldest one leaves where the window is full.
    pub fn push(&mut self, value: f32) {
        if self.by_time.len() == self.capacity
            && let Some(oldest) = self.by_time.pop_front()
        {
            let place = self.by_size.partition_point(|v| *v < oldest);
            self.by_size.remove(place.min(self.by_size.len() - 1));
        }
        self.by_time.push_back(value);
        self.by_size.insert(self.by_size.partition_point(|v| *v < value), value);
    }

    /// The value below which a `share` of them lies, `[0, 1]`; `None` of none.
    pub fn quantile(&self, share: f64) -> Option<f32> {
        let last = self.by_size.len().checked_sub(1)?;
        self.by_size.get((last as f64 * share).round() as usize).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spot::test_signals::Noise;

    #[test]
    fn quantiles_are_those_of_the_newest_values() {
        let (mut window, mut noise, mut all) = (SortedWindow::new(9), Noise::new(5), Vec::new());
        assert_eq!(window.quantile(0.5), None);
        for _ in 0..200 {
            // Coarse, so that equal values meet.
            let value = (noise.next() * 2.0).round();
            all.push(value);
            window.push(value);
            let mut newest = all[all.len().saturating_sub(9)..].to_vec();
            newest.sort_by(f32::total_cmp);
            assert_eq!(window.quantile(0.0), newest.first().copied());
            assert_eq!(window.quantile(1.0), newest.last().copied());
            assert_eq!(
                window.quantile(0.5),
                Some(newest[((newest.len() - 1) as f64 * 0.5).round() as usize])
            );
        }
    }
}
