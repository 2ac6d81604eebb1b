//! How far the upper face contradicts a smile.

use super::MaskedLabel;

/// How a mismatch shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MaskedForm {
    /// Eyes and brows contradict the smile for as long as it is held, or a good part of it.
    Hold,
    /// A brief motion of the brows during a smile.
    Burst,
}

impl MaskedForm {
    /// The name used in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hold => "hold",
            Self::Burst => "burst",
        }
    }
}

/// The parts of the evidence that a smile and the upper face disagree, and their sum (DESIGN section 6).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Mismatch {
    /// S: how surely the mouth smiles, `[0, 1]`.
    pub smile: f32,
    /// N: how surely eyes and brows show something negative, the mouth not looked at, `[0, 1]`.
    pub negative: f32,
    /// D: how abruptly the smile came, as posed smiles do, `[0, 1]`; 0.5 where it is not known.
    pub posed: f32,
    /// E: how far the cheeks rose with the smile, `[0, 1]`.
    pub cheek: f32,
    /// The score that they add up to: the probability that mouth and eyes disagree, `[0, 1]`.
    pub score: f32,
    /// Log-odds of anger against sadness around the eyes; above 0 for anger.
    pub anger_over_sadness: f32,
}

impl Mismatch {
    /// The likelier of sadness and anger.
    pub fn likelier(&self) -> MaskedLabel {
        if self.anger_over_sadness > 0.0 { MaskedLabel::HappyButAngry } else { MaskedLabel::HappyButSad }
    }

    /// Which of the two the upper face shows; `HappyButOther` where the odds are less than `least_odds` to 1.
    pub fn label(&self, least_odds: f32) -> MaskedLabel {
        let margin = least_odds.max(1.0).ln();
        match self.anger_over_sadness {
            odds if odds > margin => MaskedLabel::HappyButAngry,
            odds if odds < -margin => MaskedLabel::HappyButSad,
            _ => MaskedLabel::HappyButOther,
        }
    }
}

/// What stands behind an event of kind `masked`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MaskedEvidence {
    /// How it shows.
    pub form: MaskedForm,
    /// The parts at the apex.
    pub parts: Mismatch,
}
