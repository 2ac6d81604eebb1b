//! Into which classes examples are sorted: the words of the data themselves, or one of the field's sets of classes.

use std::fmt;
use std::str::FromStr;

use crate::dataset::Valence;
use crate::types::{Label, MaskedLabel};

/// A set of classes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClassScheme {
    /// The classes that the data have, by their own names.
    #[default]
    AsFound,
    /// The eight of [`Label::ALL`], in this order.
    Eight,
    /// Those of the seed paper: anger, sadness, happiness, disgust, contempt.
    Five,
    /// negative, positive, surprise, as in the composite database of MEGC 2019 (See, Yap, Li, Hong, Wang, FG 2019,
    /// doi:10.1109/FG.2019.8756611): negative are anger, contempt, disgust, fear, sadness and repression.
    Three,
    /// Masked smiles: `happy_but_sad`, `happy_but_angry`.
    Masked,
}

/// The labels of [`ClassScheme::Five`].
const FIVE: [Label; 5] = [Label::Anger, Label::Sadness, Label::Happiness, Label::Disgust, Label::Contempt];
/// The labels of [`ClassScheme::Masked`].
const MASKED: [MaskedLabel; 2] = [MaskedLabel::HappyButSad, MaskedLabel::HappyButAngry];

impl ClassScheme {
    /// All schemes.
    pub const ALL: [Self; 5] = [Self::AsFound, Self::Eight, Self::Five, Self::Three, Self::Masked];

    /// The name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AsFound => "as-found",
            Self::Eight => "eight",
            Self::Five => "five",
            Self::Three => "three",
            Self::Masked => "masked",
        }
    }

    /// Its classes, in order; `None`: they depend on the data.
    pub fn classes(self) -> Option<Vec<String>> {
        let names: Vec<&str> = match self {
            Self::AsFound => return None,
            Self::Eight => Label::ALL.iter().map(|label| label.name()).collect(),
            Self::Five => FIVE.iter().map(|label| label.name()).collect(),
            Self::Three => Valence::ALL.iter().map(|valence| valence.name()).collect(),
            Self::Masked => MASKED.iter().map(|label| label.name()).collect(),
        };
        Some(names.into_iter().map(str::to_owned).collect())
    }

    /// The class of something that the data call so.
    ///
    /// # Errors
    /// Why it has none in this scheme.
    pub(super) fn class_of(self, said: &Said) -> Result<String, String> {
        let name = match self {
            Self::AsFound if said.word.is_empty() => return Err("nobody gave it a label".to_owned()),
            Self::AsFound => Some(said.word.as_str()),
            Self::Eight => said.label.map(Label::name),
            Self::Five => said.label.filter(|label| FIVE.contains(label)).map(Label::name),
            Self::Three => said.valence.map(Valence::name),
            Self::Masked => said.masked.filter(|label| MASKED.contains(label)).map(MaskedLabel::name),
        };
        match name {
            Some(name) => Ok(name.to_owned()),
            None if said.word.is_empty() => Err("nobody gave it a label".to_owned()),
            None => Err(format!("`{}` is none of the classes of `{self}`", said.word)),
        }
    }
}

impl fmt::Display for ClassScheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for ClassScheme {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|scheme| scheme.name() == text).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            format!("there are no classes {text:?}; choose from {names}")
        })
    }
}

/// What the data say that something shows, as far as each scheme understands it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    /// The word itself.
    pub(super) word: String,
    pub(super) label: Option<Label>,
    pub(super) valence: Option<Valence>,
    pub(super) masked: Option<MaskedLabel>,
}

impl Said {
    /// A word that is a name of ours, in either case (and `CLASS` of an image folder).
    pub(super) fn of_word(word: &str) -> Self {
        let name = word.trim().to_lowercase();
        let label = Label::ALL.into_iter().find(|label| label.name() == name);
        let valence = Valence::ALL.into_iter().find(|valence| valence.name() == name);
        Self {
            word: word.trim().to_owned(),
            label,
            valence: valence.or(label.and_then(Valence::of)),
            masked: MaskedLabel::ALL.into_iter().find(|label| label.name() == name),
        }
    }

    /// A label of ours.
    pub(super) fn of_label(label: Label) -> Self {
        Self { word: label.name().to_owned(), label: Some(label), valence: Valence::of(label), masked: None }
    }
}
