//! What skin does: one pattern of action units, or two of different strength.

use super::envelope::Envelope;
use super::random::Stream;
use crate::facs::{PROTOTYPES, Prototype};
use crate::types::{Label, Side};

/// Share of events on one side of the face, prototypes that always are left out.
const ONE_SIDED_SHARE: f64 = 0.2;
/// The weaker side of a two-sided event has at least this share of the stronger one's motion.
const WEAKER_SIDE: f64 = 0.7;
/// Amplitudes of lowered or raised brows, in ICD units; as macro-expressions'.
pub(super) const BROW_AMPLITUDE_ICD: [f64; 2] = [0.04, 0.12];
/// Cheeks go up by this share of what the mouth's corners move ...
const CHEEK_SHARE: [f64; 2] = [0.3, 0.5];
/// ... and at most so far, in ICD units: with AU 6 the lower lid moves too, in a narrow strip that folds at 20 %.
const CHEEK_MOST_ICD: f64 = 0.08;
/// Lids are tightened by this share of what the brows move ...
const LID_SHARE: f64 = 0.5;
/// ... and at most so far, in ICD units: a lid's strip folds at 12 %, and an open eye is 30 % high.
const LID_MOST_ICD: f64 = 0.05;

/// A micro- or macro-expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    /// Its times.
    pub envelope: Envelope,
    /// Displacement of the face's strongest point at the apex, in ICD units.
    pub amplitude_icd: f64,
    /// The emotion that it shows.
    pub label: Label,
    /// Its action units, rising.
    pub action_units: &'static [u8],
    /// Strength of the left and of the right side, the stronger one 1; 0 for a side that stays still.
    pub sides: [f64; 2],
    /// Strength of the change of light on the skin.
    pub shading: f64,
}

impl Expression {
    /// `left`, `right` or `both`.
    pub fn sides_name(&self) -> &'static str {
        match self.sides {
            [_, 0.0] => Side::Left.name(),
            [0.0, _] => Side::Right.name(),
            _ => "both",
        }
    }

    /// Other units at the same times, on the same sides.
    fn weaker(&self, action_units: &'static [u8], amplitude_icd: f64) -> Self {
        Self { action_units, amplitude_icd, ..self.clone() }
    }
}

/// One of the prototypes of `label`, one-sided or not, drawn.
pub(super) fn expression(
    envelope: Envelope,
    label: Label,
    amplitude_icd: f64,
    random: &mut Stream,
) -> Expression {
    let choices: Vec<&Prototype> = PROTOTYPES.iter().filter(|p| p.label == label).collect();
    let prototype = choices.get(random.below(choices.len())).copied();
    let (action_units, always_one_sided) =
        prototype.map_or((&[][..], false), |p| (p.action_units, p.one_sided));
    let is_one_sided = random.chance(ONE_SIDED_SHARE) || always_one_sided;
    let sides = sides(is_one_sided, random);
    Expression { envelope, amplitude_icd, label, action_units, sides, shading: random.within(0.5, 1.2) }
}

/// Strengths of the two sides.
fn sides(is_one_sided: bool, random: &mut Stream) -> [f64; 2] {
    let is_left = random.chance(0.5);
    let weaker = if is_one_sided { 0.0 } else { random.within(WEAKER_SIDE, 1.0) };
    if is_left { [1.0, weaker] } else { [weaker, 1.0] }
}

/// An expression of two parts with the same times, whose strengths differ: the second would fold the skin, or look wrong, if it
/// moved as far as the first.
#[derive(Clone, Debug, PartialEq)]
pub struct Layers {
    /// The part that moves furthest: its amplitude is that of the whole.
    pub main: Expression,
    /// The weaker part.
    pub second: Option<Expression>,
}

impl Layers {
    /// Both parts.
    pub fn parts(&self) -> impl Iterator<Item = &Expression> {
        std::iter::once(&self.main).chain(&self.second)
    }

    /// The action units of both, rising.
    pub fn action_units(&self) -> Vec<u8> {
        let mut units: Vec<u8> = self.parts().flat_map(|part| part.action_units.iter().copied()).collect();
        units.sort_unstable();
        units
    }

    /// The same, later by so many seconds.
    pub(super) fn later(mut self, by_s: f64) -> Self {
        self.main.envelope.onset_s += by_s;
        if let Some(second) = &mut self.second {
            second.envelope.onset_s += by_s;
        }
        self
    }

    /// A smile: the mouth's corners, and cheeks raised in proportion if there are any. Always on both sides: one corner alone is contempt's.
    pub(super) fn smile(
        envelope: Envelope,
        amplitude_icd: [f64; 2],
        has_cheeks: bool,
        random: &mut Stream,
    ) -> Self {
        let [low, high] = amplitude_icd;
        let main = Expression {
            envelope,
            amplitude_icd: random.within(low, high),
            label: Label::Happiness,
            action_units: &[12],
            sides: sides(false, random),
            shading: random.within(0.5, 1.2),
        };
        let cheeks_icd =
            (random.within(CHEEK_SHARE[0], CHEEK_SHARE[1]) * main.amplitude_icd).min(CHEEK_MOST_ICD);
        let second = has_cheeks.then(|| main.weaker(&[6], cheeks_icd));
        Self { main, second }
    }

    /// Brows lowered or their inner ends raised, 4-12 % ICD; one in five on one side.
    pub(super) fn brows(brows: Brows, envelope: Envelope, random: &mut Stream) -> Self {
        let [low, high] = BROW_AMPLITUDE_ICD;
        let (label, action_units): (_, &[u8]) = match brows {
            Brows::Lowered | Brows::LoweredAndTight => (Label::Anger, &[4]),
            Brows::InnerRaised => (Label::Sadness, &[1, 4]),
        };
        let amplitude_icd = random.within(low, high);
        let is_one_sided = random.chance(ONE_SIDED_SHARE);
        let main = Expression {
            envelope,
            amplitude_icd,
            label,
            action_units,
            sides: sides(is_one_sided, random),
            shading: random.within(0.5, 1.2),
        };
        let lids_icd = (LID_SHARE * amplitude_icd).min(LID_MOST_ICD);
        let second = (brows == Brows::LoweredAndTight).then(|| main.weaker(&[7], lids_icd));
        Self { main, second }
    }
}

/// What the brows do against a smile, or by themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Brows {
    /// AU 4.
    Lowered,
    /// AU 4 with the lids tightened, AU 4+7.
    LoweredAndTight,
    /// AU 1+4.
    InnerRaised,
}
