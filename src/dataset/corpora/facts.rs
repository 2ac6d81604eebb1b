//! What a corpus's own file says of it.

use super::CorpusKind;
use crate::types::Label;

/// The facts of one corpus.
#[derive(Debug)]
pub struct Corpus {
    /// Name on the command line.
    pub name: &'static str,
    /// Name in texts, and [`crate::dataset::Example::corpus`].
    pub title: &'static str,
    /// Corpora that show the same people share this word.
    pub people: &'static str,
    /// How it calls a subject that its table gives as a number: what stands before it, and how many digits it has.
    pub subject: (&'static str, usize),
    /// Frames a second; 0 where it differs from clip to clip.
    pub fps: f64,
    /// File names of the coding table, without the ending: lower case, letters, digits and `^` only, `*` for anything. Empty where none is needed.
    pub tables: &'static [&'static str],
    /// A file name as distributed, for messages.
    pub table_example: &'static str,
    /// Whether the corpus comes with several tables, all of which are read.
    pub has_many_tables: bool,
    /// The names of each column, letters and digits in lower case; the first that is there is used.
    pub columns: &'static [(Column, &'static [&'static str])],
    /// Columns without which nothing can be read.
    pub required: &'static [Column],
    /// The columns in order, where the table as distributed has no header.
    pub headless: &'static [Column],
    /// Last components of the path of a clip's frames: text, and the tokens `{subject}`, `{clip}`, `{video}` (the clip without its last
    /// `_N`), `{emotion}`, `{onset}`, and for CAS(ME)^2 `{folder}`, `{number}`, `{code}`. The first that is there is used.
    pub layouts: &'static [&'static str],
    /// The corpus whose table gives the emotions, where this one's has none.
    pub emotions_from: Option<CorpusKind>,
    /// What its words mean.
    pub emotions: &'static [Emotion],
    /// The publication, and where its form was learned.
    pub source: &'static str,
}

/// What a column says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    /// Whose face it is.
    Subject,
    /// The clip or event.
    Clip,
    /// Number of the onset frame.
    Onset,
    /// Number of the apex frame.
    Apex,
    /// Number of the offset frame.
    Offset,
    /// FACS action units.
    ActionUnits,
    /// The emotion.
    Emotion,
    /// negative, positive, surprise or others, where the table says it beside the emotion.
    Category,
    /// Micro- or macro-expression.
    Kind,
    /// Number of the first frame in the clip's folder.
    First,
    /// Frames a second.
    Fps,
    /// Gender of the subject.
    Gender,
}

impl Column {
    /// What it says, for messages.
    pub const fn what(self) -> &'static str {
        match self {
            Self::Subject => "the subject",
            Self::Clip => "the clip",
            Self::Onset => "the onset frame",
            Self::Apex => "the apex frame",
            Self::Offset => "the offset frame",
            Self::ActionUnits => "the action units",
            Self::Emotion => "the emotion",
            Self::Category => "the category of the emotion",
            Self::Kind => "micro- or macro-expression",
            Self::First => "the first frame",
            Self::Fps => "the frame rate",
            Self::Gender => "the gender",
        }
    }
}

/// The classes of MEGC 2019.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Valence {
    /// Anger, contempt, disgust, fear, sadness, repression.
    Negative,
    /// Happiness.
    Positive,
    /// Surprise.
    Surprise,
}

impl Valence {
    /// All, in the order of class numbers in public flow maps.
    pub const ALL: [Self; 3] = [Self::Negative, Self::Positive, Self::Surprise];

    /// The name used in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Negative => "negative",
            Self::Positive => "positive",
            Self::Surprise => "surprise",
        }
    }

    /// The class of a label; none of a neutral face.
    pub const fn of(label: Label) -> Option<Self> {
        match label {
            Label::Neutral => None,
            Label::Happiness => Some(Self::Positive),
            Label::Surprise => Some(Self::Surprise),
            Label::Sadness | Label::Anger | Label::Disgust | Label::Fear | Label::Contempt => {
                Some(Self::Negative)
            }
        }
    }
}

/// A word of a corpus, and what it is for us.
#[derive(Clone, Copy, Debug)]
pub struct Emotion {
    /// Its spellings, in lower case; the first is the name of the class.
    pub words: &'static [&'static str],
    /// Our label; `None` where none of them is meant.
    pub label: Option<Label>,
    /// The class of MEGC 2019; `None` where it has none.
    pub valence: Option<Valence>,
}

impl Emotion {
    /// A word for a label of ours.
    pub(super) const fn label(words: &'static [&'static str], label: Label) -> Self {
        Self { words, label: Some(label), valence: Valence::of(label) }
    }

    /// A word for a class of MEGC 2019 that is no single label.
    pub(super) const fn valence(words: &'static [&'static str], valence: Valence) -> Self {
        Self { words, label: None, valence: Some(valence) }
    }

    /// A word that is none of our classes.
    pub(super) const fn other(words: &'static [&'static str]) -> Self {
        Self { words, label: None, valence: None }
    }
}

impl Corpus {
    /// What a word of this corpus means, in either case; `None` for one that its table of facts does not know.
    pub fn emotion(&self, word: &str) -> Option<&'static Emotion> {
        let word = word.trim().to_lowercase();
        self.emotions.iter().find(|emotion| emotion.words.contains(&word.as_str()))
    }

    /// A subject as the corpus's folders call it, whether its table says `1`, `01` or `sub01`: corpora that share people then agree on them.
    pub(super) fn subject_of(&self, said: &str) -> String {
        let (before, digits) = self.subject;
        let said = said.trim();
        let has_prefix = said.get(..before.len()).is_some_and(|start| start.eq_ignore_ascii_case(before));
        let number = if has_prefix { said.get(before.len()..).unwrap_or_default() } else { said };
        match number.parse::<u32>() {
            Ok(number) => format!("{before}{number:0digits$}"),
            Err(_) => said.to_owned(),
        }
    }

    /// The names of a column.
    pub(super) fn names_of(&self, column: Column) -> &'static [&'static str] {
        self.columns.iter().find(|(known, _)| *known == column).map_or(&[], |(_, names)| names)
    }
}
