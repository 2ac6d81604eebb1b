//! The whole face stage: follow, detect, measure.

use image::{GrayImage, RgbImage};

use crate::types::{FaceMeasurement, LandmarkUpdate, NoProbe, RectPx, Stage, StageProbe, Timestamp};

use super::align::{crop_from_image, icd_px};
use super::blendshapes::BlendshapeNetwork;
use super::detector::Detector;
use super::mesh::{Mesh, MeshNetwork};
use super::pose::head_pose;
use super::quality::{QualityMeter, is_covered};
use super::roi::{Roi, bounding_box};
use super::tracks::{Tracks, prominence};
use super::{FaceError, FaceParams};

/// Measures faces, following each from call to call. Owns the networks; runs on one thread.
pub struct FaceEngine {
    params: FaceParams,
    detector: Detector,
    mesh: MeshNetwork,
    blendshapes: BlendshapeNetwork,
    quality: QualityMeter,
    tracks: Tracks,
    measured_at: Option<Timestamp>,
    detected_at: Option<Timestamp>,
    /// Which part of the picture is searched next for small faces.
    next_tile: usize,
}

/// A face found in the current picture.
struct Found {
    id: u32,
    mesh: Mesh,
    box_px: RectPx,
}

impl FaceEngine {
    /// Loads the networks.
    ///
    /// # Errors
    /// [`FaceError::Infer`] where an embedded network does not load.
    pub fn new(params: FaceParams) -> Result<Self, FaceError> {
        Ok(Self {
            params,
            detector: Detector::new()?,
            mesh: MeshNetwork::new()?,
            blendshapes: BlendshapeNetwork::new()?,
            quality: QualityMeter::default(),
            tracks: Tracks::default(),
            measured_at: None,
            detected_at: None,
            next_tile: 0,
        })
    }

    /// Measures every face in this picture, tracking from the previous call.
    ///
    /// `rgb` and `luma` are the same frame, full range, of any size (an empty one has no face); `at` is its capture
    /// time. The primary face comes first; only it gets blendshapes. `expression` stays `None`.
    ///
    /// # Errors
    /// [`FaceError::SizesDiffer`] where the two pictures are not of one size, [`FaceError::Infer`] where a network
    /// fails.
    pub fn measure(
        &mut self,
        seq: u64,
        at: Timestamp,
        rgb: &RgbImage,
        luma: &GrayImage,
    ) -> Result<LandmarkUpdate, FaceError> {
        self.measure_timed(seq, at, rgb, luma, &mut NoProbe)
    }

    /// [`FaceEngine::measure`], telling `probe` of its stages.
    ///
    /// # Errors
    /// As there.
    pub fn measure_timed(
        &mut self,
        seq: u64,
        at: Timestamp,
        rgb: &RgbImage,
        luma: &GrayImage,
        probe: &mut dyn StageProbe,
    ) -> Result<LandmarkUpdate, FaceError> {
        if rgb.dimensions() != luma.dimensions() {
            return Err(FaceError::SizesDiffer { seq, rgb: rgb.dimensions(), luma: luma.dimensions() });
        }
        let is_continuous = self
            .measured_at
            .is_some_and(|then| (0.0..=self.params.max_gap_s).contains(&at.seconds_since(then)));
        if !is_continuous {
            self.tracks.lose_all();
            self.detected_at = None;
            self.next_tile = 0;
        }
        self.measured_at = Some(at);
        let mut found = Vec::new();
        if rgb.width() > 0 && rgb.height() > 0 {
            let is_one_missing = self.follow(rgb, probe, &mut found)?;
            if found.len() < self.params.max_faces && (is_one_missing || found.is_empty() || self.is_due(at))
            {
                let whole = Roi::letterbox(rgb.width(), rgb.height());
                self.detect(rgb, &whole, self.params.min_presence, at, probe, &mut found)?;
                if found.is_empty() {
                    // One part a call: a face that is small in the picture is found within half a second.
                    let part = Roi::tile(rgb.width(), rgb.height(), self.next_tile);
                    self.next_tile += 1;
                    self.detect(rgb, &part, self.params.min_presence_in_part, at, probe, &mut found)?;
                }
                self.detected_at = Some(at);
            }
        }
        for face in &found {
            if let Some(track) = self.tracks.get_mut(face.id) {
                track.roi = Roi::from_landmarks(&face.mesh.landmarks);
                track.box_px = face.box_px;
                track.seen_at = at;
            }
        }
        self.tracks.forget_lost(at, &self.params);
        let faces = self.describe(found, at, luma, probe)?;
        Ok(LandmarkUpdate { seq, measured_at: at, unchanged_until: at, faces })
    }

    /// Forgets every face: the next call starts with the detector. Ids go on.
    pub fn reset(&mut self) {
        self.tracks.clear();
        self.measured_at = None;
        self.detected_at = None;
        self.next_tile = 0;
    }

    fn is_due(&self, at: Timestamp) -> bool {
        self.detected_at.is_none_or(|then| at.seconds_since(then) >= self.params.redetect_after_s)
    }

    /// Looks for each face where it was. Returns whether one was not found.
    fn follow(
        &mut self,
        rgb: &RgbImage,
        probe: &mut dyn StageProbe,
        found: &mut Vec<Found>,
    ) -> Result<bool, FaceError> {
        let mut is_one_missing = false;
        for (id, roi) in self.tracks.followed() {
            match self.look(rgb, &roi, self.params.min_presence, probe, found)? {
                Some((mesh, box_px)) => found.push(Found { id, mesh, box_px }),
                None => {
                    self.tracks.lose(id);
                    is_one_missing = true;
                }
            }
        }
        Ok(is_one_missing)
    }

    /// Adds the faces that the detector sees in a square and that are not yet followed, the most prominent first.
    fn detect(
        &mut self,
        rgb: &RgbImage,
        square: &Roi,
        min_presence: f32,
        at: Timestamp,
        probe: &mut dyn StageProbe,
        found: &mut Vec<Found>,
    ) -> Result<(), FaceError> {
        probe.begin();
        let mut detections = self.detector.detect(rgb, square, &self.params)?;
        probe.end(Stage::Detect);
        let stands_out = |box_px: &RectPx| prominence(box_px, rgb.dimensions());
        // Stable: equally prominent detections stay in order of their score.
        detections.sort_by(|a, b| stands_out(&b.box_px).total_cmp(&stands_out(&a.box_px)));
        for detection in detections {
            if found.len() >= self.params.max_faces {
                break;
            }
            if self.is_known(&detection.box_px, found) {
                continue;
            }
            let roi = Roi::from_detection(&detection);
            if let Some((mesh, box_px)) = self.look(rgb, &roi, min_presence, probe, found)? {
                let id = self.tracks.adopt(roi, box_px, at, &self.params);
                found.push(Found { id, mesh, box_px });
            }
        }
        Ok(())
    }

    /// Runs the landmark network on a region; `None` where no face is in it, or one that is already in `found`.
    fn look(
        &mut self,
        rgb: &RgbImage,
        roi: &Roi,
        min_presence: f32,
        probe: &mut dyn StageProbe,
        found: &[Found],
    ) -> Result<Option<(Mesh, RectPx)>, FaceError> {
        let limit_px = rgb.width().max(rgb.height()) as f32;
        if !roi.is_usable(limit_px) {
            return Ok(None);
        }
        probe.begin();
        let mesh = self.mesh.run(rgb, roi)?;
        probe.end(Stage::Landmarks);
        let box_px = bounding_box(&mesh.landmarks);
        let is_face = mesh.presence() >= min_presence
            && Roi::from_landmarks(&mesh.landmarks).is_usable(limit_px)
            && !self.is_known(&box_px, found);
        Ok(is_face.then_some((mesh, box_px)))
    }

    fn is_known(&self, box_px: &RectPx, found: &[Found]) -> bool {
        found.iter().any(|face| face.box_px.iou(box_px) >= self.params.same_face_iou)
    }

    fn describe(
        &mut self,
        mut found: Vec<Found>,
        at: Timestamp,
        luma: &GrayImage,
        probe: &mut dyn StageProbe,
    ) -> Result<Vec<FaceMeasurement>, FaceError> {
        let ranked: Vec<(u32, f32)> =
            found.iter().map(|face| (face.id, prominence(&face.box_px, luma.dimensions()))).collect();
        let primary = self.tracks.choose_primary(&ranked, &self.params);
        found.sort_by_key(|face| (Some(face.id) != primary, face.id));
        let mut faces = Vec::with_capacity(found.len());
        for Found { id, mut mesh, mut box_px } in found {
            let mut is_face_covered = false;
            if let Some(track) = self.tracks.get_mut(id) {
                if self.params.smooth_landmarks {
                    track.smoother.apply(at, &mut mesh.landmarks);
                    box_px = bounding_box(&mesh.landmarks);
                }
                is_face_covered =
                    is_covered(&self.params.quality, &mesh.landmarks, mesh.presence_logit, track.was_covered);
                track.was_covered = Some(is_face_covered);
            }
            let (confidence, landmarks) = (mesh.presence(), mesh.landmarks);
            let is_primary = Some(id) == primary;
            probe.begin();
            let blendshapes = if is_primary { Some(self.blendshapes.run(&landmarks)?) } else { None };
            if is_primary {
                probe.end(Stage::Blendshapes);
            }
            let pose = head_pose(&landmarks);
            let crop = crop_from_image(&landmarks);
            probe.begin();
            let quality = self.quality.assess(
                &self.params.quality,
                luma,
                crop.as_ref(),
                &box_px,
                &pose,
                is_face_covered,
            );
            probe.end(Stage::Align);
            faces.push(FaceMeasurement {
                id,
                confidence,
                box_px,
                icd_px: icd_px(&landmarks),
                landmarks,
                blendshapes,
                pose,
                expression: None,
                quality,
            });
        }
        Ok(faces)
    }
}
