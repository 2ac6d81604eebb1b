//! Expression labels: the eight of FER+, and the masked smiles.

/// Number of expression labels.
pub const LABEL_COUNT: usize = 8;

/// An expression, as in FER+.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Label {
    /// No expression.
    Neutral,
    /// Happiness.
    Happiness,
    /// Surprise.
    Surprise,
    /// Sadness.
    Sadness,
    /// Anger.
    Anger,
    /// Disgust.
    Disgust,
    /// Fear.
    Fear,
    /// Contempt.
    Contempt,
}

impl Label {
    /// All labels, in the order of every table and probability vector.
    pub const ALL: [Self; LABEL_COUNT] = [
        Self::Neutral,
        Self::Happiness,
        Self::Surprise,
        Self::Sadness,
        Self::Anger,
        Self::Disgust,
        Self::Fear,
        Self::Contempt,
    ];

    /// The name used in files and on the screen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Neutral => "neutral",
            Self::Happiness => "happiness",
            Self::Surprise => "surprise",
            Self::Sadness => "sadness",
            Self::Anger => "anger",
            Self::Disgust => "disgust",
            Self::Fear => "fear",
            Self::Contempt => "contempt",
        }
    }

    /// Position in [`Label::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }
}

/// A smile that eyes and brows contradict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MaskedLabel {
    /// The upper face looks sad.
    HappyButSad,
    /// The upper face looks angry.
    HappyButAngry,
    /// The upper face does not smile; which other expression it shows is unclear.
    HappyButOther,
}

impl MaskedLabel {
    /// All masked labels.
    pub const ALL: [Self; 3] = [Self::HappyButSad, Self::HappyButAngry, Self::HappyButOther];

    /// The name used in files and on the screen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::HappyButSad => "happy_but_sad",
            Self::HappyButAngry => "happy_but_angry",
            Self::HappyButOther => "happy_but_other",
        }
    }
}

/// Probability of each [`Label`], in order; `None` for a label that the network does not know.
pub type Probabilities = [Option<f32>; LABEL_COUNT];

/// All eight probabilities; `None` where one is not known.
pub fn complete(probabilities: &Probabilities) -> Option<[f32; LABEL_COUNT]> {
    let mut all = [0.0; LABEL_COUNT];
    for (to, from) in all.iter_mut().zip(probabilities) {
        *to = (*from)?;
    }
    Some(all)
}

/// The label of an event that no emotion resembles clearly.
pub const OTHER_LABEL: &str = "other";

/// What a face shows, as a whole and around the eyes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Expression {
    /// The classifier of the whole face.
    pub face: Probabilities,
    /// The classifier of the eye region, which never sees the mouth; `None` where it did not run.
    pub eyes: Option<Probabilities>,
}

/// How the networks' log-probabilities changed from an event's onset to its apex, each label against the mean of all.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ExpressionChange {
    /// The whole face's.
    pub face: [f32; LABEL_COUNT],
    /// The eyes'.
    pub eyes: [f32; LABEL_COUNT],
}

/// What the label of an event was decided on.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LabelEvidence {
    /// Share of the motion that the best prototype of each emotion explains, less what its action units cost, `[0, 1]`; 0 where
    /// none acts.
    pub fits: [f32; LABEL_COUNT],
    /// `None` where the networks did not measure before the onset and at the apex.
    pub change: Option<ExpressionChange>,
}
