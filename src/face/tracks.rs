//! Who is who from frame to frame: identities, and which face is the primary one. No pixels.

use crate::types::{RectPx, Timestamp};

use super::FaceParams;
use super::roi::Roi;
use super::smooth::LandmarkSmoother;

/// One person, followed or just lost.
pub(super) struct Track {
    /// Never reused within a session.
    pub id: u32,
    /// Where to look in the next frame.
    pub roi: Roi,
    /// Box of the newest landmarks.
    pub box_px: RectPx,
    /// When they were measured.
    pub seen_at: Timestamp,
    /// False once the face was not found again; kept for a while to recognise its return.
    pub is_followed: bool,
    /// State of the smoothing, where it is on.
    pub smoother: LandmarkSmoother,
    /// Whether something covered the face at the newest measurement; `None` before the first since it was found.
    pub was_covered: Option<bool>,
}

/// Everyone followed or just lost.
#[derive(Default)]
pub(super) struct Tracks {
    list: Vec<Track>,
    next_id: u32,
    primary: Option<u32>,
}

impl Tracks {
    /// The faces to look for where they were: the primary first, then in order of appearance.
    pub fn followed(&self) -> Vec<(u32, Roi)> {
        let mut all: Vec<_> =
            self.list.iter().filter(|track| track.is_followed).map(|track| (track.id, track.roi)).collect();
        all.sort_by_key(|&(id, _)| (Some(id) != self.primary, id));
        all
    }

    /// The track called `id`.
    pub fn get_mut(&mut self, id: u32) -> Option<&mut Track> {
        self.list.iter_mut().find(|track| track.id == id)
    }

    /// The face was not found where it was.
    pub fn lose(&mut self, id: u32) {
        if let Some(track) = self.get_mut(id) {
            track.is_followed = false;
        }
    }

    /// No region is worth looking at any more (a long gap, a jump in time).
    pub fn lose_all(&mut self) {
        self.list.iter_mut().for_each(|track| track.is_followed = false);
    }

    /// Forgets everyone; ids go on.
    pub fn clear(&mut self) {
        self.list.clear();
        self.primary = None;
    }

    /// Follows a face that the detector found: a lost one that came back to its place, or a new one. Returns its id.
    pub fn adopt(&mut self, roi: Roi, box_px: RectPx, at: Timestamp, params: &FaceParams) -> u32 {
        let returned = self
            .list
            .iter_mut()
            .filter(|track| !track.is_followed)
            .filter(|track| (0.0..=params.revive_within_s).contains(&at.seconds_since(track.seen_at)))
            .map(|track| (track.box_px.iou(&box_px), track))
            .filter(|(iou, _)| *iou >= params.same_face_iou)
            .max_by(|(a, _), (b, _)| a.total_cmp(b));
        if let Some((_, track)) = returned {
            track.is_followed = true;
            track.smoother = LandmarkSmoother::new();
            track.was_covered = None;
            return track.id;
        }
        let id = self.next_id;
        self.next_id += 1;
        let smoother = LandmarkSmoother::new();
        self.list.push(Track {
            id,
            roi,
            box_px,
            seen_at: at,
            is_followed: true,
            smoother,
            was_covered: None,
        });
        id
    }

    /// Drops those lost for too long.
    pub fn forget_lost(&mut self, at: Timestamp, params: &FaceParams) {
        self.list
            .retain(|track| track.is_followed || at.seconds_since(track.seen_at) <= params.revive_within_s);
    }

    /// Chooses the primary face among `(id, prominence)`: the one that was, unless another is clearly more prominent.
    pub fn choose_primary(&mut self, faces: &[(u32, f32)], params: &FaceParams) -> Option<u32> {
        let best = faces.iter().max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))?;
        let current = faces.iter().find(|(id, _)| Some(*id) == self.primary);
        let chosen = match current {
            Some(current) if best.1 < current.1 * params.primary_hysteresis => current.0,
            _ => best.0,
        };
        self.primary = Some(chosen);
        Some(chosen)
    }
}

/// How much a face stands out in a picture of this size: its side, halved at the picture's corners. Unitless, above 0.
pub(super) fn prominence(box_px: &RectPx, (width, height): (u32, u32)) -> f32 {
    let (width, height) = (width.max(1) as f32, height.max(1) as f32);
    let [x, y] = box_px.centre();
    let off_centre = (x / width - 0.5).hypot(y / height - 0.5) / 0.5f32.hypot(0.5);
    box_px.area().max(0.0).sqrt() / width.hypot(height) * (1.0 - 0.5 * off_centre.min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn face(x: f32) -> (Roi, RectPx) {
        let box_px = RectPx { x, y: 0.0, w: 100.0, h: 100.0 };
        (Roi { centre_px: box_px.centre(), size_px: [150.0; 2], angle_rad: 0.0 }, box_px)
    }

    fn at(seconds: f64) -> Timestamp {
        Timestamp::from_secs_f64(seconds)
    }

    #[test]
    fn a_face_that_returns_keeps_its_id_and_a_stranger_gets_a_new_one() {
        let (params, mut tracks) = (FaceParams::default(), Tracks::default());
        let adopt = |tracks: &mut Tracks, x: f32, s: f64| {
            let (roi, box_px) = face(x);
            tracks.adopt(roi, box_px, at(s), &params)
        };
        let first = adopt(&mut tracks, 0.0, 0.0);
        let second = adopt(&mut tracks, 300.0, 0.0);
        assert_ne!(first, second);
        tracks.lose(first);
        assert_eq!(tracks.followed().iter().map(|(id, _)| *id).collect::<Vec<_>>(), [second]);
        assert_eq!(adopt(&mut tracks, 20.0, 1.0), first);
        tracks.lose(first);
        let third = adopt(&mut tracks, 600.0, 1.0);
        assert!(third != first && third != second);
        tracks.forget_lost(at(9.0), &params);
        let fourth = adopt(&mut tracks, 20.0, 9.0);
        assert!(![first, second, third].contains(&fourth), "ids are never reused");
        tracks.clear();
        assert!(![first, second, third, fourth].contains(&adopt(&mut tracks, 0.0, 10.0)));
    }

    #[test]
    fn the_primary_face_does_not_flicker() {
        let (params, mut tracks) = (FaceParams::default(), Tracks::default());
        assert_eq!(tracks.choose_primary(&[], &params), None);
        assert_eq!(tracks.choose_primary(&[(0, 0.3), (1, 0.29)], &params), Some(0));
        assert_eq!(tracks.choose_primary(&[(0, 0.3), (1, 0.35)], &params), Some(0));
        assert_eq!(tracks.choose_primary(&[(0, 0.3), (1, 0.40)], &params), Some(1));
        assert_eq!(tracks.choose_primary(&[(0, 0.4), (1, 0.35)], &params), Some(1));
        assert_eq!(tracks.choose_primary(&[(0, 0.1)], &params), Some(0));
    }

    #[test]
    fn larger_and_more_central_faces_stand_out() {
        let image = (640, 480);
        let square =
            |x: f32, y: f32, side: f32| RectPx { x: x - side / 2.0, y: y - side / 2.0, w: side, h: side };
        let centre = prominence(&square(320.0, 240.0, 100.0), image);
        assert!(centre > prominence(&square(320.0, 240.0, 80.0), image));
        assert!(centre > prominence(&square(60.0, 60.0, 130.0), image));
        assert!(prominence(&RectPx::default(), (0, 0)).is_finite());
    }
}
