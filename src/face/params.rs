//! The thresholds of the face stage, each with its source.

use serde::{Deserialize, Serialize};

/// Thresholds of [`super::FaceEngine`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
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
    /// A face whose aligned crop has changed by less than this anywhere since it was measured is still, in luma levels of a block of
    /// 8 x 8 crop pixels; it is measured less often. 8: on still photos with sensor noise the largest of all blocks changes by 1.2-2
    /// (90 %: under 4, or 7 where texture is fine), on people who sit still by 5-10 at half of the times, while lids that close and
    /// brows that rise by 3 % of the inner-canthal distance change a block by 10 or more.
    pub still_change_luma: f32,
    /// Smooth the landmarks over time as MediaPipe does in VIDEO mode with one face (one-euro filter, min_cutoff 0.05,
    /// beta 80, derivative cutoff 1.0). Off: smoothing delays and flattens the brief changes that we measure, and
    /// makes the result depend on the cadence. On only to compare with MediaPipe.
    pub smooth_landmarks: bool,
    /// When a face is seen too badly to be measured.
    pub quality: QualityParams,
}

/// When a face is seen too badly to be measured. The thresholds of presence logits were set on the development clips at
/// 15 Hz: hands flag in each clip where one crosses the face; of 5,402 frames without a hand 73 flag (tongue out, eyes
/// crossed, turned by over 30 degrees).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QualityParams {
    /// Turned further than this to a side, in degrees, half of the face is hidden and its landmarks are guesses: at 40
    /// degrees the far inner eye corner lies behind the nose on the canonical face.
    pub max_yaw_deg: f32,
    /// The same for looking up and down, in degrees: at 35 brows (down) or chin (up) foreshorten by a fifth.
    pub max_pitch_deg: f32,
    /// Crop sharpness below which motion cannot be measured: a Gaussian blur of about 3 px (5 % of the ICD) on sharp
    /// photos.
    pub min_sharpness: f32,
    /// Presence logit of a closed-mouthed face below which something covers it. Ours, from the development clips.
    pub min_clear_logit: f32,
    /// Mouth opening (inner lips) up to which that limit holds, in ICD units. Ours, from the development clips.
    pub open_mouth_icd: f32,
    /// A wide mouth lowers the logit too: by so much for each ICD that it opens further. Ours, from the development clips.
    pub logit_per_icd: f32,
    /// The limit for the widest mouth. Ours, from the development clips.
    pub min_open_mouth_logit: f32,
    /// Once covered, the logit must rise by so much more to count as clear again: hands leave slowly. Ours.
    pub clear_again_logit: f32,
    /// On the first measurement the region comes from the detector, fits less well, and the logit is lower: the limit then.
    /// Ours, from the development clips.
    pub min_first_logit: f32,
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
            still_change_luma: 8.0,
            smooth_landmarks: false,
            quality: QualityParams::default(),
        }
    }
}

impl Default for QualityParams {
    fn default() -> Self {
        Self {
            max_yaw_deg: 40.0,
            max_pitch_deg: 35.0,
            min_sharpness: 0.0008,
            min_clear_logit: 12.5,
            open_mouth_icd: 0.3,
            logit_per_icd: 12.0,
            min_open_mouth_logit: 8.0,
            clear_again_logit: 2.0,
            min_first_logit: 6.0,
        }
    }
}
