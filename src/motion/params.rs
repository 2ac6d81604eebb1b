//! Thresholds of the motion stage, each with its unit and where it comes from.

use serde::{Deserialize, Serialize};

/// Thresholds of [`super::MotionTracker`]. Lengths in crop pixels are of the aligned crop, where 64 px are one ICD.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MotionParams {
    /// Faces with a smaller inner-canthal distance are not measured, in image pixels. Ours: at 6 px a motion of 3 % ICD
    /// is 0.2 px, as large as what sensor noise does to so few pixels.
    pub min_icd_px: f32,
    /// Measurements with a lower presence probability place no reference, `[0, 1]`. MediaPipe's default for faces.
    pub min_confidence: f32,
    /// Zero-mean normalised correlation below which a patch counts as lost, `[0, 1]`. Ours, from talking clips: matches
    /// that landed on something else lie below 0.7.
    pub min_patch_correlation: f32,
    /// The same for the whole upper face at a quarter of the resolution. Ours: scene cuts lie below 0.5.
    pub min_face_correlation: f32,
    /// Expected error of a patch under nominal sensor noise above which it has too little texture, in crop pixels. Ours.
    pub max_patch_sigma_px: f32,
    /// Standard deviation of sensor noise assumed in weighting patches, in luma. Typical of a webcam indoors.
    pub nominal_noise_luma: f32,
    /// A patch that moves further than this between two frames is lost, in crop pixels. Ours: 12 % ICD.
    pub max_patch_step_px: f32,
    /// A patch further than this from where the reference had it is lost, in crop pixels. Ours: half an ICD.
    pub max_patch_distance_px: f32,
    /// Share of the rigid patches (by weight) that must be found for the head to count as followed, `[0, 1]`. Ours.
    pub min_rigid_share: f32,
    /// Residual of the rigid fit above which the track is not believed, in crop pixels (DESIGN section 6 re-anchors above 1 px; this one
    /// gives up).
    pub max_residual_px: f32,
    /// Residual of the rigid fit at which the reference is renewed, in crop pixels. DESIGN section 6.
    pub renew_residual_px: f32,
    /// Head rotation against the reference at which it is renewed, in degrees. DESIGN section 6.
    pub renew_pose_deg: f32,
    /// Standard deviation of the speed at which a head turns out of the picture's plane, in degrees a second: how far the fit lets the turn
    /// change from frame to frame. Ours.
    pub expected_turn_deg_s: f32,
    /// Distance between tracked and measured eye corners and nose bridge at which the crop is moved to the measured
    /// ones, in crop pixels. Ours: landmark jitter stays under 2 px, so this is drift or a foreshortened face.
    pub renew_drift_px: f32,
    /// Share of patches lost at which the reference is renewed, `[0, 1]`. Ours.
    pub renew_lost_share: f32,
    /// Age of a reference that is renewed once the face is quiet, in seconds. DESIGN section 6 says 1 s; longer lets the sum of
    /// renewals wander less.
    pub renew_quiet_age_s: f64,
    /// Median motion of the regions over 100 ms below which the face is quiet, in ICD units. Ours: above the noise floor
    /// of 0.2 %, below a tenth of a micro-expression's speed.
    pub quiet_velocity_icd: f32,
    /// Reference age under which no renewal happens except on lost patches, in seconds: keeps a turning head from
    /// renewing at every update.
    pub min_reference_age_s: f64,
    /// How long a single patch is lost before it alone is cut anew, in seconds. Ours: long enough that a passing glint
    /// does not count.
    pub recut_after_s: f64,
    /// The same on the lids, in seconds. Blinks close the eye for 0.1-0.4 s; most are over by then.
    pub recut_lid_after_s: f64,
    /// Time constant with which a patch that was lost returns to its own measurement, in seconds. Ours.
    pub rejoin_time_s: f64,
    /// The fastest that it may do so, in ICD units a second. Ours: 0.5 % ICD in 100 ms, a sixth of a micro-expression, so
    /// that the return is not taken for one.
    pub rejoin_icd_s: f32,
    /// Time constant with which displacements of earlier references fade, in seconds. Errors of 1-2 % ICD at each renewal
    /// (a head that turns to and fro) would otherwise add up to half an ICD a minute. Ours: 5 % ICD then fade by 0.05 % ICD
    /// in 100 ms, below the noise; an expression within one reference does not fade at all.
    pub forget_time_s: f64,
    /// Interval between frames above which motion is not carried across, in seconds (or 1.6 frame periods if longer).
    pub max_gap_s: f64,
    /// Lag over which velocity is taken, in seconds. DESIGN section 6.
    pub velocity_lag_s: f64,
}

impl Default for MotionParams {
    fn default() -> Self {
        Self {
            min_icd_px: 6.0,
            min_confidence: 0.5,
            min_patch_correlation: 0.7,
            min_face_correlation: 0.5,
            max_patch_sigma_px: 0.6,
            nominal_noise_luma: 2.0,
            max_patch_step_px: 8.0,
            max_patch_distance_px: 32.0,
            min_rigid_share: 0.35,
            max_residual_px: 2.5,
            renew_residual_px: 1.0,
            renew_pose_deg: 3.0,
            expected_turn_deg_s: 60.0,
            renew_drift_px: 5.0,
            renew_lost_share: 0.35,
            renew_quiet_age_s: 3.0,
            quiet_velocity_icd: 0.004,
            min_reference_age_s: 0.25,
            recut_after_s: 0.15,
            recut_lid_after_s: 0.3,
            rejoin_time_s: 1.0,
            rejoin_icd_s: 0.05,
            forget_time_s: 10.0,
            max_gap_s: 0.1,
            velocity_lag_s: 0.1,
        }
    }
}
