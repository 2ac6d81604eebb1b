//! Which upper face goes with which lower face, and what the composite is called.

use crate::types::{Label, MaskedLabel};

/// The class of a composite that masks nothing.
pub const NONE: &str = "none";
/// The classes, in the order in which they are made.
pub const CLASSES: [&str; 3] = [MaskedLabel::HappyButSad.name(), MaskedLabel::HappyButAngry.name(), NONE];
/// The expressions that composites are made of.
pub const PARTS: [Label; 4] = [Label::Happiness, Label::Sadness, Label::Anger, Label::Neutral];

/// What a composite is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kind {
    /// Index into [`PARTS`].
    lower: usize,
    /// Index into [`PARTS`].
    upper: usize,
}

/// A happy mouth under sad eyes, and under angry ones.
const MASKED: [Kind; 2] = [Kind { lower: 0, upper: 1 }, Kind { lower: 0, upper: 2 }];
/// An honest smile, a polite one, and composites of one expression: a seam says nothing of the class.
const UNMASKED: [Kind; 5] = [
    Kind { lower: 0, upper: 0 },
    Kind { lower: 0, upper: 3 },
    Kind { lower: 1, upper: 1 },
    Kind { lower: 2, upper: 2 },
    Kind { lower: 3, upper: 3 },
];

impl Kind {
    /// The kinds of a class (index into [`CLASSES`]).
    pub fn of_class(class: usize) -> &'static [Self] {
        match class {
            0 => &MASKED[..1],
            1 => &MASKED[1..],
            _ => &UNMASKED,
        }
    }

    /// What the mouth shows.
    pub fn lower(self) -> Label {
        PARTS[self.lower]
    }

    /// What eyes and brows show.
    pub fn upper(self) -> Label {
        PARTS[self.upper]
    }

    /// How many pictures of each of [`PARTS`] go into so many rounds: one composite of each class in each.
    pub fn uses(rounds: usize) -> [usize; PARTS.len()] {
        let mut uses = [0; PARTS.len()];
        for class in 0..CLASSES.len() {
            let kinds = Self::of_class(class);
            for kind in kinds {
                uses[kind.lower] += rounds.div_ceil(kinds.len());
                uses[kind.upper] += rounds.div_ceil(kinds.len());
            }
        }
        uses
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_happy_mouth_masks() {
        let of = |class: usize| Kind::of_class(class).iter().map(|kind| (kind.lower(), kind.upper()));
        assert!(of(0).eq([(Label::Happiness, Label::Sadness)]));
        assert!(of(1).eq([(Label::Happiness, Label::Anger)]));
        assert!(of(2).all(|(lower, upper)| lower == upper || upper == Label::Neutral));
        // Ten rounds: 20 happy mouths that mask, two honest smiles (two pictures each), two polite ones.
        assert_eq!(Kind::uses(10), [26, 14, 14, 6]);
    }
}
