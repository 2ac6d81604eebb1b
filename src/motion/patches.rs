//! All patches of a face: cut from a reference, found in each frame, continued through short losses.

use arrayvec::ArrayVec;

use super::MotionParams;
use super::head::{HeadMotion, Point3};
use super::layout::{Layout, Role};
use super::patch::inverse;
use super::plane::TrackCrop;
use super::rigid::{Correspondence, RigidFit, TurnPrior, fit_head};
use super::tracked::{Fade, Placement, TrackedPatch, View};
use super::vector::{add, distance, length, scale, sub};
use crate::types::{Affine, CROP_ICD_PX, MAX_PATCHES, PatchMotion, RegionId, Timestamp};

/// How well a rigid patch follows the head beyond sensor noise, in crop pixels. Ours.
const RIGID_SIGMA_PX: f32 = 0.3;
/// Lids that move faster than this against the head are blinking, in ICD a second: a blink closes a quarter of an ICD in 0.1 s.
const LID_SPEED_ICD_S: f32 = 0.5;
/// So long after lids have moved the head's turn is held, in seconds: a blink lasts 0.1-0.4 s.
const LID_HOLD_S: f64 = 0.25;
/// A rigid patch that seems to move further than this against the head has slid along bare skin, in crop pixels. Ours.
const MAX_RIGID_STEP_PX: f32 = 5.0;

/// The patches and how they are grouped.
#[derive(Clone, Debug)]
pub struct Patches {
    /// Which patches exist.
    pub layout: Layout,
    /// By index of `layout.patches`.
    pub all: Vec<TrackedPatch>,
    /// How the head moved since the reference.
    pub head: HeadMotion,
    /// When lids last moved.
    lids_moved_at: Option<Timestamp>,
    points: Vec<Correspondence>,
    scratch: Vec<f32>,
}

impl Patches {
    /// Patches that are yet to be cut.
    pub fn new() -> Self {
        let layout = Layout::new();
        let all = vec![TrackedPatch::new(); layout.patches.len()];
        Self {
            layout,
            all,
            head: HeadMotion::NONE,
            lids_moved_at: None,
            points: Vec::new(),
            scratch: Vec::new(),
        }
    }

    /// Cuts every patch anew from `crop`; displacements so far become the base.
    pub fn cut_all(&mut self, crop: &TrackCrop, place: &Placement, params: &MotionParams) {
        for (patch, (spot, role)) in self.all.iter_mut().zip(&self.layout.patches) {
            patch.cut(crop, spot, *role, place, params);
            patch.start_anew();
        }
        self.head = HeadMotion { pivot: self.pivot(), ..HeadMotion::NONE };
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
                patch.cut(crop, spot, *role, place, params);
                patch.lost_at = if patch.is_usable { None } else { Some(at) };
                any = true;
            }
        }
        any
    }

    /// Finds the head's motion since the reference, then every patch; displacements are still the picture's own, head
    /// included. `elapsed_s` is the time since the last frame. `None` where too few of the rigid patches were found.
    ///
    /// Closing lids pull at the skin around the eyes, where most rigid patches are, and the fit would take that for a nod: while they
    /// move the turn stays what it was.
    pub fn find(
        &mut self,
        crop: &TrackCrop,
        view: &View,
        at: Timestamp,
        elapsed_s: f64,
        prior: &TurnPrior,
        params: &MotionParams,
    ) -> Option<RigidFit> {
        // Twice: a patch with little texture leans on its start, which the first fit makes exact.
        let expected = HeadMotion { to_from: Affine::IDENTITY, turn_rad: prior.turn_rad, ..self.head };
        self.find_those(crop, view, params, &expected, |role| matches!(role, Role::Rigid(_)));
        let first = self.fit(&expected, prior, params)?;
        self.find_those(crop, view, params, &first.head, |role| matches!(role, Role::Rigid(_)));
        if self.do_lids_move(crop, view, params, &first.head, elapsed_s) {
            self.lids_moved_at = Some(at);
        }
        let is_held =
            self.lids_moved_at.is_some_and(|moved| (0.0..LID_HOLD_S).contains(&at.seconds_since(moved)));
        let prior = TurnPrior { sigma_rad: if is_held { 1e-6 } else { prior.sigma_rad }, ..*prior };
        let fit = self.fit(&first.head, &prior, params)?;
        self.find_those(crop, view, params, &fit.head, |role| matches!(role, Role::Region(_)));
        Some(fit)
    }

    /// Whether the lids move against the head, or are no longer found.
    fn do_lids_move(
        &mut self,
        crop: &TrackCrop,
        view: &View,
        params: &MotionParams,
        head: &HeadMotion,
        elapsed_s: f64,
    ) -> bool {
        self.find_those(crop, view, params, head, Role::is_lid);
        let Some(reference_from_now) = head.to_from.inverse() else { return false };
        let fastest_px = LID_SPEED_ICD_S * CROP_ICD_PX * elapsed_s.clamp(0.0, 0.1) as f32;
        let (mut moved, mut all) = (0, 0);
        for (patch, (_, role)) in self.all.iter().zip(&self.layout.patches) {
            if role.is_lid() && patch.is_usable {
                all += 1;
                let own = sub(sub(reference_from_now.apply(patch.found_at), patch.anchor), patch.parallax);
                let step = sub(add(add(own, patch.carry), patch.offset), patch.value);
                moved += usize::from(!patch.is_found || step[1].abs() > fastest_px);
            }
        }
        2 * moved > all
    }

    /// What the head turns about: the middle of the rigid patches that are usable.
    fn pivot(&self) -> Point3 {
        let (mut sum, mut total) = ([0.0f32; 3], 0.0);
        for (patch, (_, role)) in self.all.iter().zip(&self.layout.patches).filter(|(p, _)| p.is_usable) {
            let Role::Rigid(trust) = role else { continue };
            sum = std::array::from_fn(|axis| sum[axis] + trust * patch.point[axis]);
            total += trust;
        }
        if total > 0.0 { sum.map(|v| v / total) } else { [0.0; 3] }
    }

    fn find_those(
        &mut self,
        crop: &TrackCrop,
        view: &View,
        params: &MotionParams,
        head: &HeadMotion,
        is_meant: impl Fn(Role) -> bool,
    ) {
        for (patch, (_, role)) in
            self.all.iter_mut().zip(&self.layout.patches).filter(|(_, (_, r))| is_meant(*r))
        {
            // Bone stays with the head, whatever the frame before said; skin goes on from where it was.
            let (own, max_step_px): ([f32; 2], _) = match role {
                Role::Rigid(_) => ([0.0; 2], MAX_RIGID_STEP_PX),
                Role::Region(_) => {
                    (sub(sub(patch.value, patch.carry), patch.offset), params.max_patch_step_px)
                }
            };
            patch.follow(head);
            let expected = head.to_from.apply(add(add(patch.anchor, patch.parallax), own));
            let start = sub(expected, patch.anchor);
            let found = if patch.is_usable { patch.search(crop, start) } else { None };
            let found = found.filter(|m| {
                m.correlation >= params.min_patch_correlation
                    && distance(m.displacement, start) <= max_step_px
                    && length(m.displacement) <= params.max_patch_distance_px
            });
            patch.is_found = false;
            if let Some(m) = found {
                patch.found_at = add(patch.anchor, m.displacement);
                patch.is_found = view.shows(patch.found_at);
            }
        }
    }

    /// The head's motion by the rigid patches; `None` where too few were found.
    fn fit(&mut self, head: &HeadMotion, prior: &TurnPrior, params: &MotionParams) -> Option<RigidFit> {
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
                self.points.push(Correspondence { from: patch.point, to: patch.middle_now(head), weight });
            }
        }
        // With no usable patch at all this fails as well.
        let is_enough = found > params.min_rigid_share * total;
        if is_enough { fit_head(&self.points, self.head.pivot, prior, &mut self.scratch) } else { None }
    }

    /// Takes the head's motion off and brings every patch's value up to date. `elapsed_s` is the time since the last frame.
    pub fn take_head_off(
        &mut self,
        head: &HeadMotion,
        reference_from_now: &Affine,
        at: Timestamp,
        elapsed_s: f64,
        params: &MotionParams,
    ) {
        let fade = Fade::over(elapsed_s, params);
        self.head = *head;
        let Self { layout, all, .. } = self;
        for patch in all.iter_mut() {
            patch.follow(head);
            patch.before = patch.value;
        }
        for (region, members) in layout.members.iter().enumerate() {
            let is_own = |i: &&usize| layout.patches[**i].1 == Role::Region(region);
            let (mut sum, mut followed) = ([0.0f32; 2], 0.0);
            for &i in members.iter().filter(is_own) {
                if let Some(step) = all[i].take(reference_from_now, &fade, at) {
                    sum = add(sum, step);
                    followed += 1.0;
                }
            }
            if followed > 0.0 {
                for &i in members.iter().filter(is_own) {
                    if !all[i].is_found {
                        all[i].value = add(all[i].value, scale(sum, 1.0 / followed));
                    }
                }
            }
        }
        for (patch, (_, role)) in all.iter_mut().zip(&layout.patches) {
            if matches!(role, Role::Rigid(_)) {
                patch.take(reference_from_now, &fade, at);
            }
        }
    }

    /// Lets what earlier references left fade: `keep` is the share that stays.
    pub fn forget(&mut self, keep: f32) {
        self.all.iter_mut().for_each(|patch| patch.base = scale(patch.base, keep));
    }

    /// Lets what was measured in this frame become the place where displacements stood before: they go on without a step.
    pub fn absorb(&mut self) {
        for patch in &mut self.all {
            patch.base = sub(patch.base, sub(patch.value, patch.before));
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
            sum = add(sum, add(add(patch.anchor, patch.parallax), patch.measured));
            count += 1.0;
        }
        (count > 0.0).then(|| scale(sum, 1.0 / count))
    }

    /// Each patch's motion, in layout order.
    pub fn motion(&self) -> ArrayVec<PatchMotion, MAX_PATCHES> {
        let motion = |patch: &TrackedPatch| PatchMotion {
            displacement_icd: scale(add(patch.base, patch.value), 1.0 / CROP_ICD_PX),
            is_valid: patch.is_found,
        };
        // A test holds the layout to that number.
        self.all.iter().map(motion).take(MAX_PATCHES).collect()
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
