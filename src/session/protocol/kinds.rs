//! The words of a protocol file: what is shown, what it is meant to evoke, what is shuffled.

use crate::types::{Label, MaskedLabel};

/// What a protocol shows: the top folder of a dataset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stimulus {
    /// Questions.
    Questionnaire,
    /// Images.
    Image,
    /// Free talk.
    Interview,
}

impl Stimulus {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Questionnaire, Self::Image, Self::Interview];

    /// The name used in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Questionnaire => "questionnaire",
            Self::Image => "image",
            Self::Interview => "interview",
        }
    }
}

/// What a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StepKind {
    /// Words that explain or ask for something.
    Prompt,
    /// A question that is answered aloud.
    Question,
    /// A picture.
    Image,
    /// An empty screen.
    Blank,
    /// A cross to look at, between two things.
    Rest,
    /// Free talk.
    Interview,
}

impl StepKind {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Prompt, Self::Question, Self::Image, Self::Blank, Self::Rest, Self::Interview];

    /// The name used in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Prompt => "prompt",
            Self::Question => "question",
            Self::Image => "image",
            Self::Blank => "blank",
            Self::Rest => "rest",
            Self::Interview => "interview",
        }
    }

    /// It is meant to evoke its block's target. Nothing is asked in the others.
    pub const fn has_target(self) -> bool {
        !matches!(self, Self::Blank | Self::Rest)
    }

    /// It changes places when steps are shuffled. The others are where they are for a reason: before, between, after.
    pub const fn is_shuffled(self) -> bool {
        matches!(self, Self::Question | Self::Image | Self::Interview)
    }
}

/// What a block is meant to evoke.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// An expression.
    Label(Label),
    /// A smile that eyes and brows contradict.
    Masked(MaskedLabel),
    /// Nothing in particular.
    None,
}

impl Target {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        let labels = Label::ALL.into_iter().map(Self::Label);
        labels.chain(MaskedLabel::ALL.into_iter().map(Self::Masked)).chain([Self::None])
    }

    /// The name used in protocol files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Label(label) => label.name(),
            Self::Masked(label) => label.name(),
            Self::None => "none",
        }
    }
}

/// What is shuffled, by the session's seed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Order {
    /// Nothing.
    #[default]
    AsWritten,
    /// Blocks with a target change places; blocks without one (an opening, rests, an ending) stay where they are.
    Blocks,
    /// Questions, images and interviews change places within their block; everything else stays where it is.
    Steps,
}

impl Order {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::AsWritten, Self::Blocks, Self::Steps];

    /// The name used in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AsWritten => "as_written",
            Self::Blocks => "blocks",
            Self::Steps => "steps",
        }
    }
}
