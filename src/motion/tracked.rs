//! One patch through time: cut, searched coarse to fine, carried on from cut to cut.

use image::GrayImage;

use super::MotionParams;
use super::head::{HeadMotion, Point3};
use super::layout::{Role, Spot};
use super::patch::{Match, Symmetric2, Template, inverse};
use super::plane::TrackCrop;
use super::surface::skin_at;
use super::vector::{add, distance, length, scale, sub};
use crate::types::{Affine, CROP_ICD_PX, Landmarks, Timestamp};

/// Side of a patch, in pixels of the full plane: a quarter ICD, 8 mm.
const FINE: usize = 16;
/// Side of the same patch's search window at half resolution: wider, for reach.
const COARSE: usize = 12;
/// How far a search may run from its start, in pixels of its plane.
const MAX_RUN_PX: f32 = 6.0;
/// How well a patch follows its region beyond sensor noise (skin deforms), in crop pixels. Ours.
const MODEL_SIGMA_PX: f32 = 0.15;

/// Standard deviation of a region's motion between two frames that the search expects, in crop pixels: 6 % ICD. Where
/// texture tells a place to 0.4 px this draws it back by 1 %. Ours.
const EXPECTED_STEP_PX: f32 = 4.0;
/// The same for rigid patches, which only turning out of the plane moves against the head. Ours.
const EXPECTED_RIGID_STEP_PX: f32 = 1.5;

/// One patch and what became of it.
#[derive(Clone, Debug)]
pub struct TrackedPatch {
    fine: Template<FINE>,
    coarse: Template<COARSE>,
    /// Its centre where it was cut, in track coordinates of the reference.
    pub anchor: [f32; 2],
    /// Where it lies on the head as the reference saw it.
    pub point: Point3,
    /// Slope of the skin there, depth over width.
    slope: [f32; 2],
    /// How far the head had turned it from there in the picture when it was cut, in reference pixels.
    cut_parallax: [f32; 2],
    /// How far the head's turn since it was cut moves it in the picture, in reference pixels.
    pub parallax: [f32; 2],
    /// It lies inside the picture and has texture.
    pub is_usable: bool,
    /// Inverse covariance under sensor noise, per px².
    pub information: Symmetric2,
    /// Inverse covariance with the model's error, per px²: its weight in region means.
    pub weight: Symmetric2,
    /// The same before rounding to whole pixels.
    placed: [f32; 2],
    /// Displacement since it was cut, head removed, in reference pixels.
    pub measured: [f32; 2],
    /// Displacement from the reference to where it was cut.
    pub carry: [f32; 2],
    /// What is left of a disagreement after a loss.
    pub offset: [f32; 2],
    /// Displacement since the reference, unbroken: `carry + measured + offset`, or continued by its neighbours.
    pub value: [f32; 2],
    /// `value` in the frame before.
    pub before: [f32; 2],
    /// Sum of the values at earlier references.
    pub base: [f32; 2],
    /// It was found in the newest frame.
    pub is_found: bool,
    pub lost_at: Option<Timestamp>,
    /// Where it is now in the picture's own track coordinates; only between `find` and `take_head_off`.
    pub found_at: [f32; 2],
}

/// What a reference is placed by: landmarks, and the way from their space to the track.
pub struct Placement<'a> {
    /// In image pixels of the frame that was measured.
    pub landmarks: &'a Landmarks,
    /// Inner-canthal distance, in the same pixels.
    pub icd_px: f32,
    /// From those to track coordinates.
    pub track_from_measured: Affine,
    /// From the track coordinates that were in use to those of the new reference.
    pub new_from_old_track: Affine,
    /// How the head has moved since the reference that the patches belong to.
    pub head: HeadMotion,
    /// What of the crop shows the image.
    pub view: View,
}

/// How fast a patch that was lost returns to its own measurement.
#[derive(Clone, Copy, Debug)]
pub struct Fade {
    keep: f32,
    longest_px: f32,
}

impl Fade {
    /// The fade over one frame of `elapsed_s`.
    pub fn over(elapsed_s: f64, params: &MotionParams) -> Self {
        let elapsed_s = elapsed_s.clamp(0.0, 10.0);
        Self {
            keep: (-elapsed_s / params.rejoin_time_s).exp() as f32,
            longest_px: params.rejoin_icd_s * CROP_ICD_PX * elapsed_s as f32,
        }
    }

    fn apply(&self, offset: [f32; 2]) -> [f32; 2] {
        let size = length(offset);
        let slowest = if size > self.longest_px { 1.0 - self.longest_px / size } else { 0.0 };
        scale(offset, self.keep.max(slowest))
    }
}

/// Which part of the tracking crop lies inside the image.
#[derive(Clone, Copy, Debug)]
pub struct View {
    /// From track to image pixels.
    pub image_from_track: Affine,
    /// Width and height of the image, in pixels.
    pub image_size: [f32; 2],
}

impl View {
    /// Whether a patch centred on `centre` (track coordinates) lies wholly inside the image.
    pub fn shows(&self, centre: [f32; 2]) -> bool {
        let half = FINE as f32 / 2.0;
        [[-half, -half], [half, -half], [-half, half], [half, half]].iter().all(|corner| {
            let p = self.image_from_track.apply(add(centre, *corner));
            (0..2).all(|axis| p[axis] >= 0.0 && p[axis] <= self.image_size[axis])
        })
    }
}

impl View {
    /// The view of a frame; `None` for a singular map.
    pub fn new(luma: &GrayImage, track_from_image: &Affine) -> Option<Self> {
        let image_size = [luma.width() as f32, luma.height() as f32];
        Some(Self { image_from_track: track_from_image.inverse()?, image_size })
    }
}

impl TrackedPatch {
    /// A patch that is yet to be cut.
    pub fn new() -> Self {
        Self {
            fine: Template::empty(),
            coarse: Template::empty(),
            anchor: [0.0; 2],
            point: [0.0; 3],
            slope: [0.0; 2],
            cut_parallax: [0.0; 2],
            parallax: [0.0; 2],
            placed: [0.0; 2],
            is_usable: false,
            information: [0.0; 3],
            weight: [0.0; 3],
            measured: [0.0; 2],
            carry: [0.0; 2],
            offset: [0.0; 2],
            value: [0.0; 2],
            before: [0.0; 2],
            base: [0.0; 2],
            is_found: false,
            lost_at: None,
            found_at: [0.0; 2],
        }
    }

    /// Whether it waits to be cut anew.
    pub fn is_long_lost(&self, role: Role, at: Timestamp, params: &MotionParams) -> bool {
        let wait_s = if role.is_lid() { params.recut_lid_after_s } else { params.recut_after_s };
        self.lost_at.is_some_and(|lost| at.seconds_since(lost) >= wait_s)
    }

    /// Takes over how the head moved since the reference.
    pub fn follow(&mut self, head: &HeadMotion) {
        self.parallax = sub(self.found_by(head), self.cut_parallax);
    }

    /// How far the turned head's picture moves the patch as it is found: its middle, and what its texture makes of the rest.
    fn found_by(&self, head: &HeadMotion) -> [f32; 2] {
        const STEP_PX: f32 = 4.0;
        let [x, y, z] = self.point;
        let middle = head.parallax(self.point);
        let along_x = head.parallax([x + STEP_PX, y, z + STEP_PX * self.slope[0]]);
        let along_y = head.parallax([x, y + STEP_PX, z + STEP_PX * self.slope[1]]);
        let gradient =
            [0, 1].map(|axis| [along_x, along_y].map(|moved| (moved[axis] - middle[axis]) / STEP_PX));
        add(middle, self.fine.offset_under(gradient))
    }

    /// Where the middle of the patch is now, texture apart: what the head's motion answers to. After [`Self::follow`] with
    /// about the same `head`.
    pub fn middle_now(&self, head: &HeadMotion) -> [f32; 2] {
        let at_cut = [self.anchor[0] - self.point[0], self.anchor[1] - self.point[1]];
        let offset = sub(add(self.parallax, at_cut), head.parallax(self.point));
        sub(self.found_at, offset)
    }

    /// Takes over where it was found, the head's motion off, and gives the step that it made since the last frame. `None`
    /// where it was not found, or only now again: what it did meanwhile is not a step. `fade` says how an old disagreement
    /// goes.
    pub fn take(&mut self, reference_from_now: &Affine, fade: &Fade, at: Timestamp) -> Option<[f32; 2]> {
        if !self.is_found {
            self.lost_at = self.lost_at.or(Some(at));
            return None;
        }
        self.measured = sub(sub(reference_from_now.apply(self.found_at), self.anchor), self.parallax);
        let own = add(self.carry, self.measured);
        let was_lost = self.lost_at.take().is_some();
        // Back from a loss: go on from the continued value, and let the difference fade.
        self.offset = if was_lost { sub(self.value, own) } else { fade.apply(self.offset) };
        self.value = add(own, self.offset);
        (!was_lost).then(|| sub(self.value, self.before))
    }

    /// A new reference: values count from here.
    pub fn start_anew(&mut self) {
        self.base = add(self.base, self.value);
        self.carry = sub(self.carry, self.value);
        self.value = [0.0; 2];
    }

    /// Cuts the patch at `spot`; its value is carried on.
    pub fn cut(
        &mut self,
        crop: &TrackCrop,
        spot: &Spot,
        role: Role,
        place: &Placement,
        params: &MotionParams,
    ) {
        let skin = skin_at(spot, place.landmarks, place.icd_px, &place.track_from_measured);
        let centre = skin.map(|skin| skin.at);
        if let (Some(_), Some(centre), Role::Region(_)) = (self.lost_at, centre, role) {
            // What it did while it was lost only the landmarks know. They are noisy: their word fades in.
            let old = place.new_from_old_track.apply(add(self.placed, self.parallax));
            let by_landmarks = add(self.carry, sub(centre, old));
            let offset = sub(self.value, by_landmarks);
            if self.is_usable && length(offset) <= params.max_patch_distance_px {
                self.offset = offset;
            }
        }
        self.carry = sub(self.value, self.offset);
        self.measured = [0.0; 2];
        self.parallax = [0.0; 2];
        (self.is_usable, self.is_found, self.lost_at) = (false, false, None);
        (self.information, self.weight) = ([0.0; 3], [0.0; 3]);
        let Some(skin) = skin else { return };
        let centre = skin.at;
        self.placed = centre;
        // Even, so that the patch has whole pixels at half resolution too; the cast saturates on nonsense.
        let [x, y] = centre.map(|v| ((v / 2.0).round() as i32).clamp(-10_000, 10_000) * 2);
        self.anchor = [x as f32, y as f32];
        self.point = place.head.unturned([self.anchor[0], self.anchor[1], skin.depth]);
        self.slope = skin.slope;
        let (fine, coarse) = (FINE as i32 / 2, COARSE as i32 / 2);
        let expected_px = match role {
            Role::Rigid(_) => EXPECTED_RIGID_STEP_PX,
            Role::Region(_) => EXPECTED_STEP_PX,
        };
        // Both template and picture are noisy.
        let noise = 2.0 * params.nominal_noise_luma * params.nominal_noise_luma;
        let pull = noise / (expected_px * expected_px);
        let is_inside = place.view.shows(self.anchor) && self.fine.cut(&crop.full, x - fine, y - fine, pull);
        // The half-resolution patch only helps the search; near the crop's edge the patch does without.
        self.coarse.cut(&crop.half, x / 2 - coarse, y / 2 - coarse, pull);
        if !is_inside {
            return;
        }
        self.cut_parallax = self.found_by(&place.head);
        self.information = self.fine.information.map(|v| v / noise);
        // A floor keeps the covariance finite along an edge: there the patch knows its place to half an ICD.
        let floored = [self.information[0] + 1e-3, self.information[1], self.information[2] + 1e-3];
        let Some(covariance) = inverse(floored) else { return };
        let model = MODEL_SIGMA_PX * MODEL_SIGMA_PX;
        let Some(weight) = inverse([covariance[0] + model, covariance[1], covariance[2] + model]) else {
            return;
        };
        // The better-known direction decides: an edge is worth having, bare skin is not.
        let (mean, half_spread) = (
            0.5 * (covariance[0] + covariance[2]),
            (0.25 * (covariance[0] - covariance[2]).powi(2) + covariance[1] * covariance[1]).sqrt(),
        );
        self.weight = weight;
        self.is_usable = (mean - half_spread).max(0.0).sqrt() <= params.max_patch_sigma_px;
        self.is_found = self.is_usable;
    }

    /// Coarse then fine; where both the coarse result and the start lead somewhere, the better match wins.
    pub fn search(&self, crop: &TrackCrop, start: [f32; 2]) -> Option<Match> {
        let coarse = self.coarse.find(&crop.half, start.map(|v| v / 2.0), MAX_RUN_PX);
        let from_start = self.fine.find(&crop.full, start, MAX_RUN_PX);
        let Some(jump) = coarse.map(|m| m.displacement.map(|v| 2.0 * v)) else { return from_start };
        let is_same = from_start.is_some_and(|m| distance(m.displacement, jump) < 1.0);
        if is_same {
            return from_start;
        }
        let from_coarse = self.fine.find(&crop.full, jump, MAX_RUN_PX);
        [from_start, from_coarse].into_iter().flatten().max_by(|a, b| a.correlation.total_cmp(&b.correlation))
    }
}
