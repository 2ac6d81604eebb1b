//! How much of the time could be seen: minutes of a face, and of each of its regions.

use std::collections::BTreeMap;

use serde::Serialize;

use super::FrameRow;
use crate::types::{FrameStatus, REGION_COUNT, Region, RegionId, Timestamp};

/// The regions of which one must be seen for the brows to count as observed.
const BROWS: [Region; 4] = [Region::InnerBrow, Region::OuterBrow, Region::Brow, Region::Glabella];
/// The same for the mouth.
const MOUTH: [Region; 3] = [Region::UpperLip, Region::MouthCorner, Region::LowerLip];

/// Minutes in which something could be seen. A frame stands for the time since the frame before it; where frames were lost
/// in between, that time counts as not observed.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Observed {
    /// With a face that was measured (`status` ok).
    pub face_min: f64,
    /// With any region of it observable: a motion of 3 % ICD would have been seen there.
    pub any_region_min: f64,
    /// With any of the brow regions observable.
    pub any_brow_min: f64,
    /// With an upper lip, mouth corner or lower lip observable.
    pub any_mouth_min: f64,
    /// With this region observable, by `<region>_<side>`.
    pub regions_min: BTreeMap<String, f64>,
}

/// Adds up rows. Whole nanoseconds, so that the sum does not depend on rounding.
#[derive(Clone, Debug, Default)]
pub(super) struct ObservedTime {
    previous: Option<(u64, Timestamp)>,
    face_ns: i64,
    any_ns: i64,
    brow_ns: i64,
    mouth_ns: i64,
    regions_ns: [i64; REGION_COUNT],
}

impl ObservedTime {
    /// Takes the next row, lost frames included.
    pub(super) fn count(&mut self, row: &FrameRow) {
        let Some(at) = row.captured_at.filter(|_| row.status != FrameStatus::Gap) else { return };
        let Some((_, before)) = self.previous.replace((row.frame, at)).filter(|(n, _)| n + 1 == row.frame)
        else {
            return;
        };
        let ns = at.as_nanos().saturating_sub(before.as_nanos());
        if row.status == FrameStatus::Ok {
            self.face_ns += ns;
        }
        let Some(known) = &row.observability else { return };
        let mut seen = [false; REGION_COUNT];
        for id in RegionId::all().filter(|id| known.is_observable(*id)) {
            seen[id.index()] = true;
            self.regions_ns[id.index()] += ns;
        }
        let any_of =
            |regions: &[Region]| RegionId::all().any(|id| seen[id.index()] && regions.contains(&id.region));
        for (sum, is_seen) in [
            (&mut self.any_ns, any_of(&Region::ALL)),
            (&mut self.brow_ns, any_of(&BROWS)),
            (&mut self.mouth_ns, any_of(&MOUTH)),
        ] {
            *sum += if is_seen { ns } else { 0 };
        }
    }

    /// The minutes so far, to a thousandth of a second or so.
    pub(super) fn total(&self) -> Observed {
        Observed {
            face_min: minutes(self.face_ns),
            any_region_min: minutes(self.any_ns),
            any_brow_min: minutes(self.brow_ns),
            any_mouth_min: minutes(self.mouth_ns),
            regions_min: RegionId::all()
                .map(|id| (id.name(), minutes(self.regions_ns[id.index()])))
                .collect(),
        }
    }
}

/// Minutes, to five decimals.
fn minutes(ns: i64) -> f64 {
    (ns as f64 / 60e9 * 1e5).round() / 1e5
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{OBSERVABLE_ICD, Observability};

    fn row(frame: u64, at_s: f64, status: FrameStatus, seen: &[RegionId]) -> FrameRow {
        let captured_at = Timestamp::from_secs_f64(at_s);
        let mut row = FrameRow::lost(frame, Some(captured_at), None);
        row.status = status;
        let mut smallest_icd = [f32::INFINITY; REGION_COUNT];
        seen.iter().for_each(|id| smallest_icd[id.index()] = OBSERVABLE_ICD);
        let is_measured = status == FrameStatus::Ok;
        row.observability =
            is_measured.then(|| Box::new(Observability { captured_at, face_id: 0, smallest_icd }));
        row
    }

    #[test]
    fn time_counts_for_what_was_seen_and_lost_time_for_nothing() {
        let [brow, mouth, lid] = [Region::Glabella, Region::LowerLip, Region::Lid]
            .map(|region| RegionId { region, side: crate::types::Side::Left });
        let mut time = ObservedTime::default();
        for row in [
            row(0, 0.0, FrameStatus::Ok, &[brow]),
            row(1, 6.0, FrameStatus::Ok, &[brow, lid]),
            row(2, 9.0, FrameStatus::Gap, &[]),
            // The minute before this frame was lost.
            row(3, 66.0, FrameStatus::Ok, &[brow, mouth]),
            row(4, 72.0, FrameStatus::Ok, &[mouth]),
            row(5, 78.0, FrameStatus::Ok, &[]),
            row(6, 90.0, FrameStatus::NoFace, &[]),
        ] {
            time.count(&row);
        }
        let total = time.total();
        assert_eq!((total.face_min, total.any_region_min), (0.3, 0.2));
        assert_eq!((total.any_brow_min, total.any_mouth_min), (0.1, 0.1));
        assert_eq!(total.regions_min["lower_lip_left"], 0.1);
        assert_eq!(total.regions_min["lid_left"], 0.1);
        assert_eq!(total.regions_min["lid_right"], 0.0);
        assert_eq!(total.regions_min.len(), REGION_COUNT);
    }
}
