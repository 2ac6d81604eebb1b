//! What a calibration is refused for, and the limits.

/// Limits of a calibration, each with its unit and source.
#[derive(Clone, Debug, PartialEq)]
pub struct CalibratorParams {
    /// Seconds at the start that are not measured: the face is found and the first reference placed. Ours.
    pub warm_up_s: f64,
    /// Share of the frames that may lack a face that can be measured, `[0, 1]`. Issue 3: 20 %.
    pub max_missing_share: f32,
    /// Share of the frames that may be lost, `[0, 1]`. Ours: at 30 fps one frame in twenty still leaves the noise of 100 ms
    /// differences known.
    pub max_lost_share: f32,
    /// How far a time between frames may lie from the median one before it is uneven, as a share of it. Ours.
    pub uneven_share: f64,
    /// Share of the times between frames that may be uneven, `[0, 1]`. Ours.
    pub max_uneven_share: f32,
    /// Change of a region within 100 ms that is movement and not noise, in ICD units: what must be seen to count as observable
    /// (issue 3: a still face changes by 0.1 %, a calm one by 0.9 %, a talking one by 1.6-2.8 % on average).
    pub movement_icd: f32,
    /// How many regions must do so for the face to count as moving: one alone may be a passing glint.
    pub movement_regions: usize,
    /// Share of the frames in which the face may move, blinks left out, `[0, 1]`. Ours, from the clips that are tuned on: two
    /// calm people 0.04 and 0.06, slight smiles 0.2, talking 0.8.
    pub max_moving_share: f32,
    /// Speed of the head that is movement, in ICD a second: the spotter sees nothing while it is faster.
    pub head_icd_s: f32,
    /// The same for its rotation, in degrees a second (DESIGN section 6, head veto).
    pub head_turn_deg_s: f32,
    /// Share of the frames in which the head may move, `[0, 1]`. Ours.
    pub max_head_share: f32,
    /// Time around a measurement with lowered lids in which regions do not count, in seconds (DESIGN section 6, blink veto).
    pub blink_margin_s: f64,
}

impl Default for CalibratorParams {
    fn default() -> Self {
        Self {
            warm_up_s: 1.0,
            max_missing_share: 0.2,
            max_lost_share: 0.05,
            uneven_share: 0.3,
            max_uneven_share: 0.1,
            movement_icd: 0.03,
            movement_regions: 3,
            max_moving_share: 0.1,
            head_icd_s: 1.0,
            head_turn_deg_s: 15.0,
            max_head_share: 0.1,
            blink_margin_s: 0.15,
        }
    }
}

/// Why nothing was learned. Each message says what was seen and what to do.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The input ended early.
    #[error(
        "the input lasted {had_s:.1} s, {needed_s:.1} s are needed; give a longer one, or a smaller --seconds"
    )]
    TooShort {
        /// Seconds that there were.
        had_s: f64,
        /// Seconds that were asked for.
        needed_s: f64,
    },
    /// The face could not be measured for too long.
    #[error(
        "the face was missing, covered or blurred in {:.0} % of the frames (at most {:.0} %); sit before the camera, with light \
         from the front, and try again", 100.0 * share, 100.0 * limit
    )]
    FaceMissing {
        /// Share of the frames.
        share: f32,
        /// The limit.
        limit: f32,
    },
    /// Another person became the primary face.
    #[error("another face came before the camera; be alone in the picture and try again")]
    AnotherFace,
    /// The face moved: a large expression, or speech.
    #[error(
        "the face moved in {:.0} % of the frames (at most {:.0} %), most of all {region}; keep a relaxed face, mouth closed, \
         without talking, and try again", 100.0 * share, 100.0 * limit
    )]
    FaceMoved {
        /// Share of the frames.
        share: f32,
        /// The limit.
        limit: f32,
        /// The region that moved most often, `<region>_<side>`.
        region: String,
    },
    /// The head moved.
    #[error(
        "the head moved in {:.0} % of the frames (at most {:.0} %); lean your back against the chair, look at the camera, and \
         try again", 100.0 * share, 100.0 * limit
    )]
    HeadMoved {
        /// Share of the frames.
        share: f32,
        /// The limit.
        limit: f32,
    },
    /// Frames were lost or came unevenly.
    #[error(
        "the frame rate is unstable: {:.0} % of the frames were lost and {:.0} % came too early or too late (at most {:.0} % and \
         {:.0} %); add light (cameras slow down in the dark), set the exposure with --exposure, close other programs, and \
         try again", 100.0 * lost_share, 100.0 * uneven_share, 100.0 * limits.0, 100.0 * limits.1
    )]
    UnstableRate {
        /// Share of the frames that were lost.
        lost_share: f32,
        /// Share of the times between frames that lie off the median.
        uneven_share: f32,
        /// The limits of both.
        limits: (f32, f32),
    },
}
