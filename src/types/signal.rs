//! What the regions of a face did in one frame.

use arrayvec::ArrayVec;

use super::{REGION_COUNT, Timestamp};

/// Most patches that a layout may have.
pub const MAX_PATCHES: usize = 160;

/// Motion of one region, head motion removed. All lengths in ICD units; x to image right of the upright face, y down.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RegionMotion {
    /// Displacement since the track's reference, carried on unbroken when the reference is renewed; what earlier
    /// references left fades within seconds (see `motion::MotionParams::forget_time_s`), so use changes, not levels.
    pub displacement_icd: [f32; 2],
    /// The strongest motion within the region since the reference: mean length of its strongest quarter of vectors ("top-p").
    pub amplitude_icd: f32,
    /// Change of `displacement_icd` over the last 100 ms (as a length); 0 until 100 ms are known.
    pub velocity_icd: f32,
    /// Standard error of `displacement_icd` against the reference, from this picture alone: sensor noise, texture, and how
    /// well the head's motion is known here. What the face itself does all the time is not in it.
    pub sigma_icd: f32,
    /// False where the region could not be measured in this frame (out of the image, no texture, match failed): the
    /// other fields then hold the last known values and must not be used as measurements.
    pub is_valid: bool,
}

/// Motion of one patch of skin, head motion removed: what regions are made of.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PatchMotion {
    /// As in [`RegionMotion::displacement_icd`].
    pub displacement_icd: [f32; 2],
    /// It was found in this frame; otherwise `displacement_icd` is continued by its neighbours.
    pub is_valid: bool,
}

/// Motion of all regions of the primary face in one frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Signal {
    /// When the frame was captured.
    pub captured_at: Timestamp,
    /// The face that it belongs to.
    pub face_id: u32,
    /// Motion of each region, by [`super::RegionId::index`].
    pub regions: [RegionMotion; REGION_COUNT],
    /// Motion of each patch of the layout (`motion::layout_points` says where they lie), the ones that follow the head first.
    pub patches: ArrayVec<PatchMotion, MAX_PATCHES>,
    /// Speed at which the head turns out of the picture's plane, the mean over the last 100 ms, in degrees a second; 0 until
    /// known. Its scale is that of the depth that the landmark network gives a face: good to a tenth.
    pub head_turn_deg_s: f32,
    /// Speed of the head in the image, in ICD a second, from the rigid part of the motion.
    pub head_speed_icd_s: f32,
    /// Root mean square of what the rigid fit could not explain on rigid regions, in ICD units: the noise to expect.
    pub residual_icd: f32,
    /// The reference was renewed at this frame.
    pub is_new_reference: bool,
}
