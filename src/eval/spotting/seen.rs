//! How much of the clips could be seen, region by region.

use serde::Serialize;

use super::data::Clip;
use super::observed::{Observed, RegionMask};
use super::outcome::has_brow_or_mouth;
use crate::eval::stats::quantile;
use crate::types::RegionId;

/// Observed time over all clips whose tables say what was observable.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Seen {
    /// Clips.
    pub clips: usize,
    /// Their length, in s.
    pub seconds: f64,
    /// Time during which any region of brows or mouth was observable, in s.
    pub brow_or_mouth_s: f64,
    /// Time during which any region of the brows was, in s.
    pub brow_s: f64,
    /// Time during which any region of the mouth was, in s.
    pub mouth_s: f64,
    /// Each region.
    pub regions: Vec<SeenRegion>,
}

/// Observed time of one region.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SeenRegion {
    /// `inner_brow_left`, ...
    pub region: String,
    /// Time during which it was observable, in s.
    pub seconds: f64,
    /// Median of its smallest detectable amplitude, in ICD units, over frames with a face; `None` where it is infinite or the
    /// tables don't say.
    pub smallest_icd_p50: Option<f64>,
}

impl Seen {
    /// Over all clips; `None` where no table says.
    pub(super) fn of(clips: &[Clip]) -> Option<Self> {
        let known: Vec<(&Clip, &Observed)> =
            clips.iter().filter_map(|clip| Some((clip, clip.observed.as_ref()?))).collect();
        if known.is_empty() {
            return None;
        }
        let seconds = |is_seen: &dyn Fn(RegionMask) -> bool| -> f64 {
            known.iter().map(|(_, observed)| observed.seconds(is_seen)).sum()
        };
        let smallest = |id: RegionId| {
            let all = known.iter().filter_map(|(_, observed)| observed.smallest_icd.get(id.index()));
            let mut all: Vec<f64> = all.flatten().map(|icd| f64::from(*icd)).collect();
            all.sort_by(f64::total_cmp);
            quantile(&all, 0.5).filter(|icd| icd.is_finite())
        };
        Some(Self {
            clips: known.len(),
            seconds: known.iter().filter_map(|(clip, _)| clip.duration_s).sum(),
            brow_or_mouth_s: seconds(&has_brow_or_mouth),
            brow_s: seconds(&RegionMask::has_brow),
            mouth_s: seconds(&RegionMask::has_mouth),
            regions: RegionId::all()
                .map(|id| SeenRegion {
                    region: id.name(),
                    seconds: seconds(&|regions| regions.has(id)),
                    smallest_icd_p50: smallest(id),
                })
                .collect(),
        })
    }
}
