//! Which action units make which emotion.

use crate::types::Label;

/// One way to show an emotion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prototype {
    /// The emotion.
    pub label: Label,
    /// Its action units, rising; all of [`super::ACTION_UNITS`].
    pub action_units: &'static [u8],
    /// It is shown on one side of the face only.
    pub one_sided: bool,
}

const fn both(label: Label, action_units: &'static [u8]) -> Prototype {
    Prototype { label, action_units, one_sided: false }
}

const fn lone(label: Label, action_units: &'static [u8]) -> Prototype {
    Prototype { label, action_units, one_sided: true }
}

/// The emotions' prototypes and their common parts (DESIGN.md section 6; after EMFACS and the tables in Ekman, Friesen, Hager 2002). Within a
/// label the most typical comes first.
pub const PROTOTYPES: &[Prototype] = &[
    both(Label::Happiness, &[6, 12]),
    both(Label::Happiness, &[12]),
    both(Label::Sadness, &[1, 4, 15]),
    both(Label::Sadness, &[1, 4]),
    both(Label::Sadness, &[1, 15]),
    both(Label::Anger, &[4, 5, 7, 23]),
    both(Label::Anger, &[4, 7]),
    both(Label::Anger, &[4]),
    both(Label::Disgust, &[9, 10]),
    both(Label::Disgust, &[9]),
    both(Label::Disgust, &[10]),
    both(Label::Disgust, &[9, 10, 17]),
    lone(Label::Contempt, &[14]),
    lone(Label::Contempt, &[12]),
    both(Label::Contempt, &[14]),
    both(Label::Surprise, &[1, 2]),
    both(Label::Surprise, &[1, 2, 5]),
    both(Label::Fear, &[1, 2, 4, 5, 20]),
];

/// How strongly a unit acts among these: 1, but for the brow lowerer beside the inner brow raiser. Both at full strength would
/// cancel out, while in FACS 1+4 "pulls the inner corners of the brows up and together": AU 4 then has half its strength.
pub fn strength_among(action_units: &[u8], au: u8) -> f32 {
    if au == 4 && action_units.contains(&1) { 0.5 } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facs::ACTION_UNITS;

    #[test]
    fn every_emotion_has_one_and_all_units_are_known() {
        for label in Label::ALL.into_iter().filter(|label| *label != Label::Neutral) {
            assert!(PROTOTYPES.iter().any(|p| p.label == label), "{}", label.name());
        }
        for prototype in PROTOTYPES {
            assert!(prototype.action_units.is_sorted() && !prototype.action_units.is_empty());
            assert!(prototype.action_units.iter().all(|au| ACTION_UNITS.contains(au)), "{prototype:?}");
        }
    }
}
