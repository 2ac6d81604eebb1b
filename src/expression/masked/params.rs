//! Thresholds and weights of the masked-smile detector.

use serde::{Deserialize, Serialize};

/// When a smile counts, what speaks against it, and how much each part weighs. Weights are 0 or above; the names say which way they act.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MaskedParams {
    /// S is the logistic of: this, times the log-odds of the mouth's smile score (blendshapes `mouthSmileLeft`, `mouthSmileRight`,
    /// mean). Fitted on composites of one half of FER+ (see benches/results/2026-11-expression.md) ...
    pub smile_from_mouth: f32,
    /// ... and this, times the log-odds of happiness of the whole face; fitted with it ...
    pub smile_from_face: f32,
    /// ... and this, times the rise of the mouth's corners since before the smile, in ICD units, above `corner_noise_icd`. 40: 5 %
    /// ICD (DESIGN section 6) add 0.8; chosen on the clips that are fitted on ...
    pub smile_from_rise: f32,
    /// ... which counts for no more than this: corners also rise when an open mouth closes. 2.5: chosen likewise ...
    pub smile_most_from_rise: f32,
    /// ... and this, added; fitted with the first two.
    pub smile_added: f32,
    /// N is the logistic of: this, times the log-odds around the eyes of sadness and anger against neutral and happiness. Fitted on
    /// composites ...
    pub negative_from_eyes: f32,
    /// ... and this, times the motion of the inner brows since before the smile, in ICD units, above their noise. 150: chosen on
    /// the clips that are fitted on ...
    pub negative_from_brows: f32,
    /// ... and this, added; fitted with the first.
    pub negative_added: f32,
    /// Weight of S in the score's log-odds. Fitted on composites.
    pub weight_smile: f32,
    /// Weight of N. Fitted with it.
    pub weight_negative: f32,
    /// Weight of D, taken from 0.5. Small: posed smiles come faster, but the clips that are fitted on were made so, and prove
    /// nothing.
    pub weight_posed: f32,
    /// Weight of E, against. 1: cheeks also rise in polite smiles (PMC2668537); chosen on the clips that are
    /// fitted on.
    pub weight_cheek_against: f32,
    /// Taken off the sum. Fitted with the first two weights.
    pub weight_against: f32,
    /// Log-odds of anger against sadness for each ICD that the inner brows go down (AU 4); up (AU 1) speaks for sadness. 60: chosen
    /// on the clips that are fitted on.
    pub anger_from_brows: f32,
    /// Odds from which one of sadness and anger is named; below, the label is `happy_but_other`. Ours.
    pub least_odds: f32,
    /// S from which a mouth smiles. 0.6: likelier than not, with a margin; ours ...
    pub smile_on: f32,
    /// ... and below which it does no more.
    pub smile_off: f32,
    /// A smile counts once it has lasted this long, in seconds (DESIGN section 6).
    pub smile_after_s: f64,
    /// The same while the mouth speaks: syllables spread the lips for up to 0.25 s. Ours.
    pub smile_after_speech_s: f64,
    /// Score from which an event is flagged. 0.75: no flag in 3.6 minutes of the people that are fitted on, as they are ...
    pub score_on: f32,
    /// ... and below which it ends.
    pub score_off: f32,
    /// The score must stay there for so long, in seconds, before it is flagged. 0.1: two measurements.
    pub flag_after_s: f64,
    /// A flag is confirmed once the mismatch has lasted this long, in seconds; what ends sooner is withdrawn. 0.5: what is briefer
    /// is a burst, which the spotter finds.
    pub confirm_after_s: f64,
    /// Time constant of the smoothing of the networks' word, in seconds. 0.1: flags must come within 300 ms of the evidence (issue
    /// 5).
    pub smooth_s: f64,
    /// Beyond this yaw nothing is claimed, in degrees (issue 5): the far brow is foreshortened by a tenth and its outer end goes
    /// out of sight.
    pub max_yaw_deg: f32,
    /// The speed of the mouth's corners at which D is a half, in ICD units a second. 0.5: 12 % ICD in a quarter of a second; ours.
    pub posed_speed_icd_s: f32,
    /// The rise of the cheeks at which E is 1, in ICD units. Ours.
    pub cheek_rise_icd: f32,
    /// Corners that rose less than this have not risen, in ICD units. Ours.
    pub corner_noise_icd: f32,
    /// Brows that moved less than this since before the smile have not moved, in ICD units. 0.015: half of published thresholds for
    /// micro-expressions ...
    pub brow_noise_icd: f32,
    /// ... or less than this, times the smallest motion of the inner brows that the spotter would tell from their own restlessness.
    /// 0.5: halved the flags on people who talk, of those that are fitted on.
    pub brow_noise_share: f32,
    /// Time constant with which the eyes' usual word is learned while a face does not smile, in seconds. Ours.
    pub rest_s: f64,
    /// How far it lies above the usual is taken off the log-odds of the eyes, but no more than this. Ours ...
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
