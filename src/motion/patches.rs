//! All patches of a face: cut from a reference, found in each frame, continued through short losses.

use image::GrayImage;

use super::MotionParams;
use super::layout::{Layout, Role};
use super::patch::{Match, Symmetric2, Template, inverse};
use super::plane::TrackCrop;
use super::rigid::{Correspondence, RigidFit, fit_similarity};
use crate::types::{Affine, Landmarks, RegionId, Timestamp};

/// Side of a patch, in pixels of the full plane: a quarter ICD, 8 mm.
const FINE: usize = 16;
/// Side of the same patch's search window at half resolution: wider, for reach.
const COARSE: usize = 12;
/// How far a search may run from its start, in pixels of its plane.
const MAX_RUN_PX: f32 = 6.0;
/// How well a patch follows its region beyond sensor noise (skin deforms), in crop pixels. Ours.
const MODEL_SIGMA_PX: f32 = 0.15;
/// The same for rigid patches. Ours.
const RIGID_SIGMA_PX: f32 = 0.3;

/// Standard deviation of a region's motion between two frames that the search expects, in crop pixels: 6 % ICD. Where
/// texture tells a place to 0.4 px this draws it back by 1 %. Ours.
const EXPECTED_STEP_PX: f32 = 4.0;
/// The same for rigid patches, which only turning out of the plane moves against the head. Ours.
const EXPECTED_RIGID_STEP_PX: f32 = 1.5;
/// A rigid patch that seems to move further than this against the head has slid along bare skin, in crop pixels. Ours.
const MAX_RIGID_STEP_PX: f32 = 5.0;

/// One patch and what became of it.
#[derive(Clone, Debug)]
pub struct Patch {
    fine: Template<FINE>,
    coarse: Template<COARSE>,
    /// Its centre where it was cut, in track coordinates of the reference.
    pub anchor: [f32; 2],
    /// It lies inside the picture and has texture.
    pub is_usable: bool,
    /// Inverse covariance under sensor noise, per px².
    pub information: Symmetric2,
    /// Inverse covariance with the model's error, per px²: its weight in region means.
    pub weight: Symmetric2,
    /// Displacement since it was cut, head removed, in reference pixels.
    measured: [f32; 2],
    /// Displacement from the reference to where it was cut.
    carry: [f32; 2],
    /// What is left of a disagreement after a loss.
    offset: [f32; 2],
    /// Displacement since the reference, unbroken: `carry + measured + offset`, or continued by its neighbours.
    pub value: [f32; 2],
    /// `value` in the frame before.
    before: [f32; 2],
    /// Sum of the values at earlier references.
    pub base: [f32; 2],
    /// It was found in the newest frame.
    pub is_found: bool,
    lost_at: Option<Timestamp>,
    /// Where it is now in the picture's own track coordinates; only between `find` and `take_head_off`.
    found_at: [f32; 2],
}

/// The patches and how they are grouped.
#[derive(Clone, Debug)]
pub struct Patches {
    /// Which patches exist.
    pub layout: Layout,
    /// By index of `layout.patches`.
    pub all: Vec<Patch>,
    points: Vec<Correspondence>,
    scratch: Vec<f32>,
}

impl Patches {
    /// Patches that are yet to be cut.
    pub fn new() -> Self {
        let layout = Layout::new();
        let empty = Patch {
            fine: Template::empty(),
            coarse: Template::empty(),
            anchor: [0.0; 2],
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
        };
        let all = vec![empty; layout.patches.len()];
        Self { layout, all, points: Vec::new(), scratch: Vec::new() }
    }

    /// Cuts every patch anew from `crop`; displacements so far become the base.
    pub fn cut_all(&mut self, crop: &TrackCrop, place: &Placement, params: &MotionParams) {
        for (patch, (spot, role)) in self.all.iter_mut().zip(&self.layout.patches) {
            for axis in 0..2 {
                patch.base[axis] += patch.value[axis];
            }
            (patch.value, patch.offset) = ([0.0; 2], [0.0; 2]);
            patch.cut(crop, spot.locate(place.landmarks), *role, place, params);
        }
    }

    /// Cuts those patches anew that have been lost for long, or could not be used so far; their values go on. True if any was.
    pub fn recut_lost(
        &mut self,
        crop: &TrackCrop,
        place: &Placement,
        at: Timestamp,
        params: &MotionParams,
    ) -> bool {
        let mut any = false;
        for (patch, (spot, role)) in self.all.iter_mut().zip(&self.layout.patches) {
            if patch.is_long_lost(*role, at, params) {
                patch.cut(crop, spot.locate(place.landmarks), *role, place, params);
                patch.lost_at = if patch.is_usable { None } else { Some(at) };
                any = true;
            }
        }
        any
    }

    /// Finds the head's motion since the reference, then every patch; displacements are still the picture's own, head
    /// included. `None` where too few of the rigid patches were found.
    pub fn find(&mut self, crop: &TrackCrop, view: &View, params: &MotionParams) -> Option<RigidFit> {
        // Twice: a patch with little texture leans on its start, which the first fit makes exact.
        self.find_those(crop, view, params, &Affine::IDENTITY, |role| matches!(role, Role::Rigid(_)));
        let first = self.fit_head(params)?;
        self.find_those(crop, view, params, &first.to_from, |role| matches!(role, Role::Rigid(_)));
        let fit = self.fit_head(params)?;
        self.find_those(crop, view, params, &fit.to_from, |role| matches!(role, Role::Region(_)));
        Some(fit)
    }

    fn find_those(
        &mut self,
        crop: &TrackCrop,
        view: &View,
        params: &MotionParams,
        now_from_reference: &Affine,
        is_meant: impl Fn(&Role) -> bool,
    ) {
        for (patch, (_, role)) in
            self.all.iter_mut().zip(&self.layout.patches).filter(|(_, (_, r))| is_meant(r))
        {
            // Bone stays with the head, whatever the frame before said; skin goes on from where it was.
            let (own, max_step_px): ([f32; 2], _) = match role {
                Role::Rigid(_) => ([0.0; 2], MAX_RIGID_STEP_PX),
                Role::Region(_) => (
                    std::array::from_fn(|i| patch.value[i] - patch.carry[i] - patch.offset[i]),
                    params.max_patch_step_px,
                ),
            };
            let expected = now_from_reference.apply([patch.anchor[0] + own[0], patch.anchor[1] + own[1]]);
            let start: [f32; 2] = std::array::from_fn(|i| expected[i] - patch.anchor[i]);
            let found = if patch.is_usable { patch.search(crop, start) } else { None };
            let found = found.filter(|m| {
                let step = (m.displacement[0] - start[0]).hypot(m.displacement[1] - start[1]);
                m.correlation >= params.min_patch_correlation
                    && step <= max_step_px
                    && m.displacement[0].hypot(m.displacement[1]) <= params.max_patch_distance_px
            });
            patch.is_found = false;
            if let Some(m) = found {
                patch.found_at = [patch.anchor[0] + m.displacement[0], patch.anchor[1] + m.displacement[1]];
                patch.is_found = view.shows(patch.found_at);
            }
        }
    }

    /// A similarity through the rigid patches; `None` where too few were found.
    fn fit_head(&mut self, params: &MotionParams) -> Option<RigidFit> {
        self.points.clear();
        let (mut found, mut total) = (0.0, 0.0);
        for (patch, (_, role)) in self.all.iter().zip(&self.layout.patches) {
            let Role::Rigid(trust) = role else { continue };
            if !patch.is_usable {
                continue;
            }
            total += trust;
            if patch.is_found {
                found += trust;
                let variance = inverse(patch.information).map_or(1.0, |c| 0.5 * (c[0] + c[2]));
                let weight = trust / (RIGID_SIGMA_PX * RIGID_SIGMA_PX + variance);
                self.points.push(Correspondence { from: patch.anchor, to: patch.found_at, weight });
            }
        }
        if !(found > params.min_rigid_share * total) {
            return None;
        }
        fit_similarity(&self.points, &mut self.scratch)
    }

    /// Takes the head's motion off and brings every patch's value up to date. `elapsed_s` is the time since the last frame.
    pub fn take_head_off(
        &mut self,
        reference_from_now: &Affine,
        at: Timestamp,
        elapsed_s: f64,
        params: &MotionParams,
    ) {
        let keep = (-elapsed_s.max(0.0) / params.rejoin_time_s).exp() as f32;
        let Self { layout, all, .. } = self;
        all.iter_mut().for_each(|p| p.before = p.value);
        for (region, members) in layout.members.iter().enumerate() {
            let is_own = |i: &&usize| layout.patches[**i].1 == Role::Region(region);
            let mut mean_step = [0.0f32; 2];
            let mut followed = 0.0;
            for &i in members.iter().filter(is_own) {
                let patch = &mut all[i];
                if !patch.is_found {
                    patch.lost_at = patch.lost_at.or(Some(at));
                    continue;
                }
                let back = reference_from_now.apply(patch.found_at);
                patch.measured = [back[0] - patch.anchor[0], back[1] - patch.anchor[1]];
                let was_lost = patch.lost_at.take().is_some();
                let before = patch.value;
                for axis in 0..2 {
                    let own = patch.carry[axis] + patch.measured[axis];
                    // Back from a loss: go on from the continued value, and let the difference fade.
                    patch.offset[axis] =
                        if was_lost { patch.value[axis] - own } else { keep * patch.offset[axis] };
                    patch.value[axis] = own + patch.offset[axis];
                }
                if !was_lost {
                    followed += 1.0;
                    for axis in 0..2 {
                        mean_step[axis] += patch.value[axis] - before[axis];
                    }
                }
            }
            if followed > 0.0 {
                for &i in members.iter().filter(is_own) {
                    if !all[i].is_found {
                        for axis in 0..2 {
                            all[i].value[axis] += mean_step[axis] / followed;
                        }
                    }
                }
            }
        }
        for (patch, _) in
            all.iter_mut().zip(&layout.patches).filter(|(_, (_, role))| matches!(role, Role::Rigid(_)))
        {
            patch.lost_at = if patch.is_found { None } else { patch.lost_at.or(Some(at)) };
        }
    }

    /// Lets what was measured in this frame become the place where displacements stood before: they go on without a step.
    pub fn absorb(&mut self) {
        for patch in &mut self.all {
            for axis in 0..2 {
                let step = patch.value[axis] - patch.before[axis];
                patch.base[axis] -= step;
            }
        }
    }

    /// Whether a patch waits to be cut anew.
    pub fn has_long_lost(&self, at: Timestamp, params: &MotionParams) -> bool {
        self.all.iter().zip(&self.layout.patches).any(|(p, (_, role))| p.is_long_lost(*role, at, params))
    }

    /// Where a region is now, in track coordinates: the mean of its found patches.
    pub fn region_centre(&self, id: RegionId) -> Option<[f32; 2]> {
        let members = self.layout.members.get(id.index())?;
        let (mut sum, mut count) = ([0.0f32; 2], 0.0);
        for patch in members.iter().filter_map(|i| self.all.get(*i)).filter(|p| p.is_found) {
            for axis in 0..2 {
                sum[axis] += patch.anchor[axis] + patch.measured[axis];
            }
            count += 1.0;
        }
        (count > 0.0).then(|| sum.map(|v| v / count))
    }

    /// Nothing was measured in this frame: every patch counts as lost.
    pub fn lose_all(&mut self, at: Timestamp) {
        for patch in &mut self.all {
            patch.is_found = false;
            patch.lost_at = patch.lost_at.or(Some(at));
        }
    }

    /// Share of usable patches that were not found in the newest frame.
    pub fn lost_share(&self) -> f32 {
        let usable = self.all.iter().filter(|p| p.is_usable).count();
        let lost = self.all.iter().filter(|p| p.is_usable && !p.is_found).count();
        if usable == 0 { 1.0 } else { lost as f32 / usable as f32 }
    }
}

/// What a reference is placed by: landmarks, and the way from their space to the track.
pub struct Placement<'a> {
    /// In image pixels of the frame that was measured.
    pub landmarks: &'a Landmarks,
    /// From those to track coordinates.
    pub track_from_measured: Affine,
    /// What of the crop shows the image.
    pub view: View,
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
    fn shows(&self, centre: [f32; 2]) -> bool {
        let half = FINE as f32 / 2.0;
        [[-half, -half], [half, -half], [-half, half], [half, half]].iter().all(|corner| {
            let p = self.image_from_track.apply([centre[0] + corner[0], centre[1] + corner[1]]);
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

impl Patch {
    fn is_long_lost(&self, role: Role, at: Timestamp, params: &MotionParams) -> bool {
        let wait_s = if role.is_lid() { params.recut_lid_after_s } else { params.recut_after_s };
        self.lost_at.is_some_and(|lost| at.seconds_since(lost) >= wait_s)
    }

    /// Cuts the patch at `spot`; its value is carried on.
    fn cut(
        &mut self,
        crop: &TrackCrop,
        spot: Option<[f32; 2]>,
        role: Role,
        place: &Placement,
        params: &MotionParams,
    ) {
        self.carry = self.value;
        (self.offset, self.measured) = ([0.0; 2], [0.0; 2]);
        (self.is_usable, self.is_found, self.lost_at) = (false, false, None);
        (self.information, self.weight) = ([0.0; 3], [0.0; 3]);
        let Some(spot) = spot else { return };
        let centre = place.track_from_measured.apply(spot);
        // Even, so that the patch has whole pixels at half resolution too; the cast saturates on nonsense.
        let [x, y] = centre.map(|v| ((v / 2.0).round() as i32).clamp(-10_000, 10_000) * 2);
        self.anchor = [x as f32, y as f32];
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
    fn search(&self, crop: &TrackCrop, start: [f32; 2]) -> Option<Match> {
        let coarse = self.coarse.find(&crop.half, start.map(|v| v / 2.0), MAX_RUN_PX);
        let from_start = self.fine.find(&crop.full, start, MAX_RUN_PX);
        let Some(jump) = coarse.map(|m| m.displacement.map(|v| 2.0 * v)) else { return from_start };
        let is_same = from_start.is_some_and(|m| (0..2).all(|i| (m.displacement[i] - jump[i]).abs() < 1.0));
        if is_same {
            return from_start;
        }
        let from_coarse = self.fine.find(&crop.full, jump, MAX_RUN_PX);
        [from_start, from_coarse].into_iter().flatten().max_by(|a, b| a.correlation.total_cmp(&b.correlation))
    }
}
