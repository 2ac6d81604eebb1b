//! Thresholds and weights of the masked-smile detector.

use serde::{Deserialize, Serialize};

/// When a smile counts, what speaks against it, and how much each part weighs. Weights are 0 or above; the names say which way they act.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MaskedParams {
    /// S is the logistic of: this, times the log-odds of the mouth's smile score (blendshapes `mouthSmileLeft`, `mouthSmileRight`, mean) ...
    pub smile_from_mouth: f32,
    /// ... and this, times the log-odds of happiness of the whole face ...
    pub smile_from_face: f32,
    /// ... and this, times the rise of the mouth's corners since before the smile, in ICD units, above `corner_noise_icd` ...
    pub smile_from_rise: f32,
    /// ... which counts for no more than this: corners also rise when an open mouth closes ...
    pub smile_most_from_rise: f32,
    /// ... and this, added.
    pub smile_added: f32,
    /// N is the logistic of: this, times the log-odds around the eyes of sadness, anger, disgust and fear against neutral, happiness
    /// and surprise ...
    pub negative_from_eyes: f32,
    /// ... and this, times the motion of the inner brows since before the smile, in ICD units ...
    pub negative_from_brows: f32,
    /// ... and this, added.
    pub negative_added: f32,
    /// Weight of S in the score's log-odds.
    pub weight_smile: f32,
    /// Weight of N.
    pub weight_negative: f32,
    /// Weight of D, taken from 0.5.
    pub weight_posed: f32,
    /// Weight of E, against.
    pub weight_cheek_against: f32,
    /// Taken off the sum.
    pub weight_against: f32,
    /// Log-odds of anger against sadness for each ICD that the inner brows go down (`brow_side` down for anger, up for sadness).
    pub anger_from_brows: f32,
    /// Odds from which one of sadness and anger is named; below, the label is `happy_but_other`.
    pub least_odds: f32,
    /// S from which a mouth smiles ...
    pub smile_on: f32,
    /// ... and below which it does no more.
    pub smile_off: f32,
    /// A smile counts once it has lasted this long, in seconds (DESIGN section 6).
    pub smile_after_s: f64,
    /// The same while the mouth speaks: syllables spread the lips for up to 0.25 s.
    pub smile_after_speech_s: f64,
    /// Score from which an event is flagged ...
    pub score_on: f32,
    /// ... and below which it ends.
    pub score_off: f32,
    /// The score must stay there for so long, in seconds, before it is flagged.
    pub flag_after_s: f64,
    /// A flag is confirmed once the mismatch has lasted this long, in seconds; what ends sooner is withdrawn.
    pub confirm_after_s: f64,
    /// Time constant of the smoothing of S and N, in seconds.
    pub smooth_s: f64,
    /// Beyond this yaw nothing is claimed, in degrees: the far brow is foreshortened by a tenth and its outer end goes out of sight.
    pub max_yaw_deg: f32,
    /// The speed of the mouth's corners at which D is a half, in ICD units a second.
    pub posed_speed_icd_s: f32,
    /// The rise of the cheeks at which E is 1, in ICD units.
    pub cheek_rise_icd: f32,
    /// Corners that rose less than this have not risen, in ICD units.
    pub corner_noise_icd: f32,
    /// Brows that moved less than this since before the smile have not moved, in ICD units ...
    pub brow_noise_icd: f32,
    /// ... or less than this, times the smallest motion of the inner brows that the spotter would tell from their own restlessness.
    pub brow_noise_share: f32,
    /// Time constant with which the usual N of a face that does not smile is learned, in seconds.
    pub rest_s: f64,
    /// How far it lies above the usual is taken off the log-odds of the eyes, but no more than this ...
    pub most_rest: f32,
    /// ... and how far it lies below is added, but no more than this.
    pub most_below_rest: f32,
}

impl Default for MaskedParams {
    fn default() -> Self {
        Self {
            smile_from_mouth: 0.301,
            smile_from_face: 0.325,
            smile_from_rise: 40.0,
            smile_most_from_rise: 2.5,
            smile_added: 1.994,
            negative_from_eyes: 1.116,
            negative_from_brows: 150.0,
            negative_added: 1.846,
            weight_smile: 3.829,
            weight_negative: 4.415,
            weight_posed: 0.5,
            weight_cheek_against: 1.0,
            weight_against: 5.525,
            anger_from_brows: 60.0,
            least_odds: 1.5,
            smile_on: 0.6,
            smile_off: 0.4,
            smile_after_s: 0.3,
            smile_after_speech_s: 0.6,
            score_on: 0.75,
            score_off: 0.5,
            flag_after_s: 0.1,
            confirm_after_s: 0.5,
            smooth_s: 0.1,
            max_yaw_deg: 25.0,
            posed_speed_icd_s: 0.5,
            cheek_rise_icd: 0.1,
            corner_noise_icd: 0.03,
            brow_noise_icd: 0.015,
            brow_noise_share: 0.5,
            rest_s: 20.0,
            most_rest: 3.0,
            most_below_rest: 1.0,
        }
    }
}
