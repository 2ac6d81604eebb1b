//! One face followed through the frames: places references, follows the head, reports the regions.

use image::GrayImage;

use super::MotionParams;
use super::coarse::FaceTemplate;
use super::followed::{Face, moves_face};
use super::head::HeadMotion;
use super::history::{HeadHistory, RegionHistory};
use super::patches::Patches;
use super::place::{EYES_IN_TRACK, drift_px, track_from_landmarks};
use super::plane::TrackCrop;
use super::regions::Regions;
use super::tracked::{Placement, View};
use super::turn::TurnHistory;
use super::vector::distance;
use crate::types::{Affine, AlignedFace, CROP_ICD_PX, FaceMeasurement, RegionId, Signal, Timestamp};

/// Follows the primary face and measures the motion of its regions.
///
/// Every frame is compared with a *reference*: patches cut from an earlier frame. So errors do not add up from frame to frame.
/// When the reference no longer serves, the newest frame is measured against it first and then becomes the next one.
#[derive(Debug)]
pub struct MotionTracker {
    params: MotionParams,
    /// What is known of the face; `None` until a first measurement has come.
    face: Option<Face>,
    crop: TrackCrop,
    patches: Patches,
    face_template: FaceTemplate,
    regions: Regions,
    heads: HeadHistory,
    turns: TurnHistory,
    region_history: RegionHistory,
    velocities: Vec<f32>,
}

/// How one frame was followed.
struct Followed {
    /// From reference to the crop that was resampled: what the patches' fit adds to the coarse one.
    crop_from_reference: Affine,
    residual_px: f32,
}

impl MotionTracker {
    /// A tracker that knows no face yet.
    pub fn new(params: MotionParams) -> Self {
        Self {
            params,
            face: None,
            crop: TrackCrop::new(),
            patches: Patches::new(),
            face_template: FaceTemplate::new(),
            regions: Regions::default(),
            heads: HeadHistory::default(),
            turns: TurnHistory::default(),
            region_history: RegionHistory::default(),
            velocities: Vec::new(),
        }
    }

    /// Forgets the face (lost, or another person became primary).
    pub fn reset(&mut self) {
        self.face = None;
        self.patches = Patches::new();
        self.regions = Regions::default();
        self.heads.clear();
        self.turns = TurnHistory::default();
        self.region_history.clear();
    }

    /// The face that is followed.
    pub fn face_id(&self) -> Option<u32> {
        self.face.as_ref().map(|f| f.id)
    }

    /// Analyses one frame.
    ///
    /// # Arguments
    /// * `luma`: the whole frame.
    /// * `at`: when it was captured. Frames come in order; one that comes earlier than the last is taken as a gap.
    /// * `update`: a measurement that became available now and the time of the frame that it describes (`<= at`, typically
    ///   0-70 ms ago). The first one for a face describes this very frame. A measurement of another face than the one
    ///   followed starts anew with that one.
    ///
    /// Returns `None` until a first usable measurement has come.
    pub fn push(
        &mut self,
        luma: &GrayImage,
        at: Timestamp,
        update: Option<(&FaceMeasurement, Timestamp)>,
    ) -> Option<Signal> {
        if update.is_some_and(|(m, _)| self.face_id().is_some_and(|id| id != m.id)) {
            self.reset();
        }
        let update =
            update.filter(|(m, _)| m.confidence >= self.params.min_confidence && !m.quality.is_occluded);
        let is_new_reference = if self.face.is_some() {
            self.follow_frame(luma, at, update)
        } else {
            let (measurement, _) = update?;
            self.begin(luma, at, measurement)?;
            true
        };
        self.report(at, is_new_reference)
    }

    /// The aligned crop of the newest frame that was followed.
    pub fn aligned(&self) -> Option<&AlignedFace> {
        self.face.as_ref().map(|f| &f.aligned)
    }

    /// From image pixels of the frame that the newest measurement describes to image pixels of the newest frame: the head's
    /// motion since. The identity while no face is followed.
    pub fn now_from_measured(&self) -> Affine {
        let Some(face) = &self.face else { return Affine::IDENTITY };
        let back = face.track_from_image.inverse();
        back.map_or(Affine::IDENTITY, |image_from_track| image_from_track.after(&face.track_from_measured))
    }

    /// Where each measured region is now, in image pixels. Regions that are not valid are left out.
    pub fn region_points(&self) -> Vec<(RegionId, [f32; 2])> {
        let Some(face) = self.face.as_ref().filter(|f| f.lost_at.is_none()) else { return Vec::new() };
        let Some(image_from_track) = face.track_from_image.inverse() else { return Vec::new() };
        let centre = |id: RegionId| {
            self.regions.motion.get(id.index()).filter(|m| m.is_valid)?;
            let place = self.patches.region_centre(id)?;
            Some((id, image_from_track.apply(place)))
        };
        RegionId::all().filter_map(centre).collect()
    }

    /// First sight of a face.
    fn begin(&mut self, luma: &GrayImage, at: Timestamp, measurement: &FaceMeasurement) -> Option<()> {
        let track_from_image = track_from_landmarks(measurement, self.params.min_icd_px)?;
        self.face = Some(Face::new(measurement, track_from_image, luma.dimensions(), at));
        self.place_reference(luma, at, measurement, track_from_image, track_from_image)
    }

    /// One more frame of a known face. True if the reference was renewed.
    fn follow_frame(
        &mut self,
        luma: &GrayImage,
        at: Timestamp,
        update: Option<(&FaceMeasurement, Timestamp)>,
    ) -> bool {
        let Some(face) = &mut self.face else { return false };
        let elapsed_s = at.seconds_since(face.last_at);
        let longest = self.params.max_gap_s.max(1.6 * face.period_s.unwrap_or(f64::INFINITY));
        let is_gap = !(0.0..=longest).contains(&elapsed_s);
        if elapsed_s > 0.0 && !is_gap {
            let period = face.period_s.unwrap_or(elapsed_s);
            face.period_s = Some(period + 0.1 * (elapsed_s - period));
        }
        face.last_at = at;
        let is_same_size = face.image_size == luma.dimensions();
        face.image_size = luma.dimensions();

        let before = face.track_from_image;
        let followed = if is_same_size { self.follow(luma, at, elapsed_s) } else { None };
        match followed {
            Some(followed) => self.take_followed(at, elapsed_s, is_gap, &before, &followed),
            None => self.lose(at),
        }
        let Some((measurement, measured_at)) = update else { return is_gap };
        self.take_update(luma, at, measurement, measured_at) || is_gap
    }

    /// Finds the head and the patches in this frame; `None` where the face is not where it should be.
    fn follow(&mut self, luma: &GrayImage, at: Timestamp, elapsed_s: f64) -> Option<Followed> {
        let face = self.face.as_mut()?;
        let mut track_from_image = face.track_from_image;
        self.crop.fill(luma, &track_from_image.inverse()?);
        let (quarter, correlation) = self.face_template.find(&self.crop.quarter)?;
        if correlation < self.params.min_face_correlation {
            return None;
        }
        // The same similarity at full resolution: only the shift scales.
        let mut now_from_template = quarter;
        now_from_template.rows.iter_mut().for_each(|row| row[2] *= 4.0);
        let coarse = now_from_template.after(&face.template_from_reference);
        if moves_face(&coarse) > 0.25 {
            track_from_image = coarse.inverse()?.after(&track_from_image);
            self.crop.fill(luma, &track_from_image.inverse()?);
        }
        let view = View::new(luma, &track_from_image)?;
        let prior = self.turns.prior(elapsed_s, self.params.expected_turn_deg_s);
        let fit = self.patches.find(&self.crop, &view, at, elapsed_s, &prior, &self.params)?;
        let to_from = fit.head.to_from;
        // After the coarse fit the head is nearly still: a large rest is a mismatch.
        if fit.residual > self.params.max_residual_px || moves_face(&to_from) > 12.0 {
            return None;
        }
        self.patches.take_head_off(&fit.head, &to_from.inverse()?, at, elapsed_s, &self.params);
        self.turns.push(at, fit.head.turn_rad);
        face.track_from_image = track_from_image;
        face.template_from_reference = to_from;
        self.face_template.cut(&self.crop.quarter, EYES_IN_TRACK.map(|v| v / 4.0));
        Some(Followed { crop_from_reference: to_from, residual_px: fit.residual })
    }

    fn take_followed(
        &mut self,
        at: Timestamp,
        elapsed_s: f64,
        is_gap: bool,
        before: &Affine,
        followed: &Followed,
    ) {
        let Some(face) = &mut self.face else { return };
        let was_lost = face.lost_at.take().is_some();
        face.residual_px = followed.residual_px;
        face.store_aligned(&self.crop, at);
        if let Some(reference_from_crop) = followed.crop_from_reference.inverse() {
            face.track_from_image = reference_from_crop.after(&face.track_from_image);
        }
        face.head_speed_icd_s = if elapsed_s > 0.0 && !was_lost && !is_gap {
            face.moved_icd(before) / elapsed_s as f32
        } else {
            0.0
        };
        let keep = (-elapsed_s.max(0.0) / self.params.forget_time_s).exp() as f32;
        self.patches.forget(keep);
        self.regions.forget(keep);
        if is_gap {
            // What happened meanwhile was not seen: the displacements go on from where they were.
            self.patches.absorb();
            self.regions.rebase(&self.patches);
            self.region_history.clear();
            self.heads.clear();
            self.turns.clear();
        }
        self.regions.measure(&self.patches);
        self.heads.push(at, face.track_from_image);
    }

    fn lose(&mut self, at: Timestamp) {
        let Some(face) = &mut self.face else { return };
        face.lost_at = face.lost_at.or(Some(at));
        face.head_speed_icd_s = 0.0;
        self.patches.lose_all(at);
        self.heads.clear();
        self.turns.clear();
        for motion in &mut self.regions.motion {
            motion.is_valid = false;
        }
    }

    /// Uses a measurement that has just come. True if it renewed the reference.
    fn take_update(
        &mut self,
        luma: &GrayImage,
        at: Timestamp,
        measurement: &FaceMeasurement,
        measured_at: Timestamp,
    ) -> bool {
        let Some(face) = &mut self.face else { return false };
        let Some(measured) = track_from_landmarks(measurement, self.params.min_icd_px) else { return false };
        if let Some(lost_at) = face.lost_at {
            // Older than the loss: it tells where the face was, not where it is.
            if measured_at < lost_at {
                return false;
            }
            face.reference_pose = measurement.pose;
            return self.place_reference(luma, at, measurement, measured, measured).is_some();
        }
        let Some(tracked) = self.heads.at(measured_at) else { return false };
        face.track_from_measured = tracked;
        let drift = drift_px(measurement, &measured, &tracked);
        let age_s = at.seconds_since(face.reference_at);
        let p = &self.params;
        let is_turned = (measurement.pose.yaw_deg - face.reference_pose.yaw_deg)
            .abs()
            .max((measurement.pose.pitch_deg - face.reference_pose.pitch_deg).abs())
            >= p.renew_pose_deg;
        let is_worn = is_turned
            || drift > p.renew_drift_px
            || face.residual_px > p.renew_residual_px
            || self.patches.lost_share() > p.renew_lost_share;
        let is_due = (age_s >= p.min_reference_age_s && is_worn)
            || (age_s >= p.renew_quiet_age_s && self.is_quiet(at));
        if is_due {
            // Only a real disagreement moves the crop: landmark jitter stays out of it.
            let target = if drift > 0.5 * self.params.renew_drift_px { measured } else { tracked };
            return self.place_reference(luma, at, measurement, tracked, target).is_some();
        }
        self.recut_lost(luma, at, measurement);
        false
    }

    /// Makes this frame the reference. `tracked` is where the track had the measured frame, `target` where it is to be.
    fn place_reference(
        &mut self,
        luma: &GrayImage,
        at: Timestamp,
        measurement: &FaceMeasurement,
        tracked: Affine,
        target: Affine,
    ) -> Option<()> {
        let face = self.face.as_mut()?;
        // Head motion since the measured frame stays: the same step for this frame as for that one.
        let is_continued = face.lost_at.is_none();
        let step = target.after(&tracked.inverse()?);
        let new = if is_continued { step.after(&face.track_from_image) } else { target };
        self.crop.fill(luma, &new.inverse()?);
        let view = View::new(luma, &new)?;
        face.track_from_image = new;
        face.track_from_measured = target;
        face.template_from_reference = Affine::IDENTITY;
        face.lost_at = None;
        face.reference_at = at;
        face.reference_pose = measurement.pose;
        face.store_aligned(&self.crop, at);
        let place = Placement {
            landmarks: &measurement.landmarks,
            icd_px: measurement.icd_px,
            track_from_measured: target,
            // After a loss old and new crop agree in that both were laid on a face.
            new_from_old_track: if is_continued { step } else { Affine::IDENTITY },
            head: HeadMotion::NONE,
            view,
        };
        self.patches.cut_all(&self.crop, &place, &self.params);
        self.turns.renew();
        self.face_template.cut(&self.crop.quarter, EYES_IN_TRACK.map(|v| v / 4.0));
        self.regions.rebase(&self.patches);
        self.regions.measure(&self.patches);
        if is_continued {
            self.heads.move_reference(&step);
        } else {
            self.heads.clear();
            self.region_history.clear();
        }
        self.heads.push(at, new);
        Some(())
    }

    /// Gives single patches that have been lost for long a new cut.
    fn recut_lost(&mut self, luma: &GrayImage, at: Timestamp, measurement: &FaceMeasurement) {
        let Some(face) = &self.face else { return };
        let Some(image_from_track) = face.track_from_image.inverse() else { return };
        let is_any_due = self.patches.has_long_lost(at, &self.params);
        let Some(view) = View::new(luma, &face.track_from_image) else { return };
        if !is_any_due {
            return;
        }
        // Patches are cut in the reference's coordinates.
        self.crop.fill(luma, &image_from_track);
        let place = Placement {
            landmarks: &measurement.landmarks,
            icd_px: measurement.icd_px,
            track_from_measured: face.track_from_measured,
            new_from_old_track: Affine::IDENTITY,
            head: self.patches.head,
            view,
        };
        if self.patches.recut_lost(&self.crop, &place, at, &self.params) {
            self.regions.rebase(&self.patches);
        }
    }

    fn is_quiet(&mut self, at: Timestamp) -> bool {
        self.velocities.clear();
        let Some(lagged) = self.lagged(at) else { return false };
        for id in RegionId::all() {
            let Some(motion) = self.regions.motion.get(id.index()).filter(|m| m.is_valid) else { continue };
            if let Some(before) = self.region_history.at(lagged, id.index()) {
                self.velocities.push(distance(motion.displacement_icd, before));
            }
        }
        self.velocities.sort_unstable_by(f32::total_cmp);
        let upper = self.velocities.get(self.velocities.len() * 3 / 4);
        upper.is_some_and(|v| *v < self.params.quiet_velocity_icd)
    }

    fn lagged(&self, at: Timestamp) -> Option<Timestamp> {
        let lag = std::time::Duration::try_from_secs_f64(self.params.velocity_lag_s).ok()?;
        Some(at - lag)
    }

    fn report(&mut self, at: Timestamp, is_new_reference: bool) -> Option<Signal> {
        self.region_history.push(at, &self.regions.motion);
        let lagged = self.lagged(at)?;
        for id in RegionId::all() {
            let before = self.region_history.at(lagged, id.index());
            if let Some(motion) = self.regions.motion.get_mut(id.index()).filter(|m| m.is_valid) {
                motion.velocity_icd = before.map_or(0.0, |b| distance(motion.displacement_icd, b));
            }
        }
        let face = self.face.as_ref()?;
        Some(Signal {
            captured_at: at,
            face_id: face.id,
            regions: self.regions.motion,
            patches: self.patches.motion(),
            head_turn_deg_s: self.turns.speed_deg_s(),
            head_speed_icd_s: face.head_speed_icd_s,
            residual_icd: face.residual_px / CROP_ICD_PX,
            is_new_reference,
        })
    }
}
