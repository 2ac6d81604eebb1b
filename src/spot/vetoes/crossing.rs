//! Other people: one comes across the primary face, or becomes it.

use super::spans::Spans;
use crate::spot::noise::lagged;
use crate::types::{LandmarkUpdate, Timestamp};

/// Nothing is believed for this long around a crossing, in seconds: the landmarks' cadence and delay.
const AROUND_S: f64 = 0.2;

/// Watches the faces.
#[derive(Clone, Debug, Default)]
pub struct CrossingMonitor {
    primary: Option<u32>,
    crossings: Spans,
}

impl CrossingMonitor {
    /// Takes a measurement.
    pub fn measure(&mut self, update: &LandmarkUpdate) {
        let Some((primary, others)) = update.faces.split_first() else { return };
        let is_other = self.primary.replace(primary.id).is_some_and(|before| before != primary.id);
        let is_crossed = others.iter().any(|other| other.box_px.iou(&primary.box_px) > 0.0);
        if is_other || is_crossed {
            self.crossings.add(lagged(update.measured_at, AROUND_S), lagged(update.measured_at, -AROUND_S));
        }
    }

    /// Whether it happened within or close to `from..=to`.
    pub fn has_crossed(&self, from: Timestamp, to: Timestamp) -> bool {
        self.crossings.meets(from, to)
    }
}
