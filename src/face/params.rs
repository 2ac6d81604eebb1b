//! The thresholds of the face stage, each with its source.

/// Thresholds of [`super::FaceEngine`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FaceParams {
    /// Faces followed at once; 0 finds none. Default 2: the person, and one who comes near; each costs a landmark run.
    pub max_faces: usize,
    /// Detector score from which a detection is tried, `[0, 1]`. 0.5: MediaPipe's `min_face_detection_confidence`.
    pub min_detection_score: f32,
    /// Overlap (IoU) from which two detections are one face. 0.5: default of MediaPipe's face detector graph.
    pub nms_iou: f32,
    /// Presence probability from which landmarks count as a face. 0.5: MediaPipe's `min_face_presence_confidence`.
    pub min_presence: f32,
    /// The same for a face that was only seen in a part of the picture (small faces): such detections are less sure.
    /// 0.95: on the development clips without faces 5 of 1,900 frames then show one (cyclists), 1 without this search.
    pub min_presence_in_part: f32,
    /// Overlap (IoU) of boxes from which a detection belongs to a known face, or two tracks have met on one face.
    /// 0.3, below MediaPipe's 0.5: its boxes are both region boxes, ours are a detection and landmarks, which differ.
    pub same_face_iou: f32,
    /// Media seconds between two runs of the detector while fewer than `max_faces` are followed. 1: a second person
    /// is seen soon enough, at a cost of 8 ms a second.
    pub redetect_after_s: f64,
    /// Media seconds without a measurement after which the old regions are worthless and the detector starts anew.
    /// 0.5: seven missed updates at 15 Hz.
    pub max_gap_s: f64,
    /// Media seconds for which a lost face keeps its id, should it come back at the same place. 1.5.
    pub revive_within_s: f64,
    /// How much more prominent another face must be to become the primary one. 1.3: a person leaning 30 % closer.
    pub primary_hysteresis: f32,
    /// Smooth the landmarks over time as MediaPipe does in VIDEO mode with one face (one-euro filter, min_cutoff 0.05,
    /// beta 80, derivative cutoff 1.0). Off: smoothing delays and flattens the brief changes that we measure, and
    /// makes the result depend on the cadence. On only to compare with MediaPipe.
    pub smooth_landmarks: bool,
}

impl Default for FaceParams {
    fn default() -> Self {
        Self {
            max_faces: 2,
            min_detection_score: 0.5,
            nms_iou: 0.5,
            min_presence: 0.5,
            min_presence_in_part: 0.95,
            same_face_iou: 0.3,
            redetect_after_s: 1.0,
            max_gap_s: 0.5,
            revive_within_s: 1.5,
            primary_hysteresis: 1.3,
            smooth_landmarks: false,
        }
    }
}
