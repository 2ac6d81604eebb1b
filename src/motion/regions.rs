//! From patches to region signals: displacement, amplitude, validity, each unbroken across renewals.

use super::patch::{Symmetric2, inverse, multiply};
use super::patches::Patches;
use super::tracked::TrackedPatch;
use super::vector::{add, length, scale, sub};
use crate::types::{CROP_ICD_PX, REGION_COUNT, RegionMotion};

/// How far a patch's own motion may lie from its region's mean before it counts in full, in crop pixels: tames vectors that
/// the aperture problem leaves undetermined. Ours.
const WITHIN_REGION_SIGMA_PX: f32 = 1.0;
/// Share of a region's patches that must be found for the region to be valid. Ours.
const MIN_FOUND_SHARE: f32 = 0.34;

/// Displacements of the regions since tracking began, in crop pixels.
#[derive(Clone, Debug, Default)]
pub struct Regions {
    /// What earlier references and re-cut patches leave.
    base_px: [[f32; 2]; REGION_COUNT],
    /// The signals of the newest frame; velocity is not ours.
    pub motion: [RegionMotion; REGION_COUNT],
    lengths: Vec<f32>,
}

impl Regions {
    /// Lets what earlier references left fade: `keep` is the share that stays.
    pub fn forget(&mut self, keep: f32) {
        self.base_px.iter_mut().for_each(|base| *base = scale(*base, keep));
    }

    /// Brings the signals up to date with the patches of this frame.
    pub fn measure(&mut self, patches: &Patches) {
        for (index, members) in patches.layout.members.iter().enumerate() {
            let found = members.iter().filter(|i| patches.all[**i].is_found).count();
            let motion = &mut self.motion[index];
            motion.is_valid = found > 0 && found as f32 >= MIN_FOUND_SHARE * members.len() as f32;
            if !motion.is_valid {
                continue;
            }
            let mean = weighted_mean(patches, members);
            motion.displacement_icd = scale(add(self.base_px[index], mean), 1.0 / CROP_ICD_PX);
            self.lengths.clear();
            for &i in members.iter().filter(|i| patches.all[**i].is_usable) {
                let patch = &patches.all[i];
                self.lengths.push(length(add(patch.base, towards_mean(patch, mean))));
            }
            motion.amplitude_icd = top_quarter_mean(&mut self.lengths) / CROP_ICD_PX;
        }
    }

    /// Patches were cut anew: the displacements stay where they are, and later ones count from here.
    pub fn rebase(&mut self, patches: &Patches) {
        for (index, members) in patches.layout.members.iter().enumerate() {
            let mean = weighted_mean(patches, members);
            self.base_px[index] = sub(scale(self.motion[index].displacement_icd, CROP_ICD_PX), mean);
        }
    }
}

/// The mean displacement of a region since the reference, each patch weighted by what it can tell in each direction.
fn weighted_mean(patches: &Patches, members: &[usize]) -> [f32; 2] {
    let (mut matrix, mut vector): (Symmetric2, _) = ([0.0; 3], [0.0f32; 2]);
    for patch in members.iter().map(|i| &patches.all[*i]).filter(|p| p.is_usable) {
        for (sum, w) in matrix.iter_mut().zip(patch.weight) {
            *sum += w;
        }
        vector = add(vector, multiply(patch.weight, patch.value));
    }
    inverse(matrix).map_or([0.0; 2], |m| multiply(m, vector))
}

/// A patch's displacement, drawn to the region's mean in the directions that the patch cannot tell.
fn towards_mean(patch: &TrackedPatch, mean: [f32; 2]) -> [f32; 2] {
    let prior = 1.0 / (WITHIN_REGION_SIGMA_PX * WITHIN_REGION_SIGMA_PX);
    let information = patch.information;
    let own = multiply(information, sub(patch.value, mean));
    let Some(posterior) = inverse([information[0] + prior, information[1], information[2] + prior]) else {
        return mean;
    };
    add(mean, multiply(posterior, own))
}

/// The published "top-p" rule: mean of the strongest quarter, at least one.
fn top_quarter_mean(lengths: &mut [f32]) -> f32 {
    lengths.sort_unstable_by(|a, b| b.total_cmp(a));
    let count = lengths.len().div_ceil(4);
    let top = lengths.get(..count).unwrap_or_default();
    if top.is_empty() { 0.0 } else { top.iter().sum::<f32>() / count as f32 }
}
