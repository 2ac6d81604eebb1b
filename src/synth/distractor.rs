//! What else may happen in a clip: everything that a spotter must not mistake for a micro-expression.

use std::str::FromStr;

/// A kind of disturbance. Its name stands in `truth.csv`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Distractor {
    /// Expressions of 0.8-4 s and 4-12 % ICD.
    Macro,
    /// Both lids close and open.
    Blink,
    /// Bouts of jaw and lip motion at 3-6 Hz.
    Speech,
    /// The head turns and nods, in three dimensions.
    HeadTurn,
    /// The head sways in the picture.
    HeadShift,
    /// The head rises and falls with the breath.
    Breathing,
    /// The light changes in a step.
    Luminance,
    /// The lamps flicker at twice 50 Hz, aliased by the frame rate.
    Flicker,
    /// A hand passes before the face.
    Occlusion,
    /// The clip is encoded at low quality.
    Compression,
    /// Sensor noise.
    Noise,
    /// Frames are missing; the others keep their times.
    Dropped,
    /// Frames show the picture before them again.
    Duplicated,
    /// A dark picture, with the noise that goes with it.
    LowLight,
    /// Frames come early and late.
    VariableRate,
    /// Brows are lowered, or their inner ends raised, without a smile.
    Frown,
    /// Bouts of laughter.
    Laughter,
}

/// A distractor as it was asked for: with a strength, or with its usual one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Setting {
    /// Which.
    pub kind: Distractor,
    /// How much, in the unit of [`Distractor::strength`].
    pub strength: f64,
}

/// What a distractor's strength means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Strength {
    /// Unit, for help texts.
    pub unit: &'static str,
    /// Used where none is given.
    pub usual: f64,
    /// Lowest and highest that are accepted.
    pub range: [f64; 2],
}

impl Distractor {
    /// All of them.
    pub const ALL: [Self; 17] = [
        Self::Macro,
        Self::Blink,
        Self::Speech,
        Self::HeadTurn,
        Self::HeadShift,
        Self::Breathing,
        Self::Luminance,
        Self::Flicker,
        Self::Occlusion,
        Self::Compression,
        Self::Noise,
        Self::Dropped,
        Self::Duplicated,
        Self::LowLight,
        Self::VariableRate,
        Self::Frown,
        Self::Laughter,
    ];

    /// The name used on the command line and in `truth.csv`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Macro => "macro",
            Self::Blink => "blink",
            Self::Speech => "speech",
            Self::HeadTurn => "head_turn",
            Self::HeadShift => "head_shift",
            Self::Breathing => "breathing",
            Self::Luminance => "luminance",
            Self::Flicker => "flicker",
            Self::Occlusion => "occlusion",
            Self::Compression => "compression",
            Self::Noise => "noise",
            Self::Dropped => "dropped",
            Self::Duplicated => "duplicated",
            Self::LowLight => "low_light",
            Self::VariableRate => "variable_rate",
            Self::Frown => "frown",
            Self::Laughter => "laughter",
        }
    }

    /// Unit, usual value and range of its strength.
    pub const fn strength(self) -> Strength {
        let (unit, usual, range) = match self {
            Self::Macro => ("a minute", 3.0, [0.1, 15.0]),
            // Resting adults blink 15-20 times a minute (Bentivoglio et al. 1997).
            Self::Blink => ("a minute", 15.0, [0.1, 40.0]),
            Self::Speech => ("share of the time", 0.4, [0.01, 1.0]),
            Self::HeadTurn => ("degrees, at most", 12.0, [0.5, 15.0]),
            Self::HeadShift => ("ICD, at most", 0.15, [0.001, 0.5]),
            Self::Breathing => ("ICD", 0.01, [0.001, 0.1]),
            Self::Luminance => ("steps a minute", 6.0, [0.1, 30.0]),
            Self::Flicker => ("% of the light", 3.0, [0.1, 20.0]),
            Self::Occlusion => ("a minute", 2.0, [0.1, 10.0]),
            Self::Compression => ("x264 CRF", 28.0, [18.0, 45.0]),
            Self::Noise => ("sigma, in levels of 255", 2.0, [0.1, 20.0]),
            Self::Dropped => ("share of the frames", 0.1, [0.001, 0.8]),
            Self::Duplicated => ("share of the frames", 0.05, [0.001, 0.8]),
            Self::LowLight => ("mean luma", 40.0, [10.0, 120.0]),
            Self::VariableRate => ("share of a frame period, at most", 0.3, [0.01, 0.45]),
            Self::Frown => ("a minute", 4.0, [0.1, 15.0]),
            Self::Laughter => ("a minute", 3.0, [0.1, 12.0]),
        };
        Strength { unit, usual, range }
    }

    /// Whether `all` leaves it out: a negative of masked smiles, made of the same motions as macro-expressions and speech. Clips for spotters
    /// stay as they were before there were any.
    pub const fn is_named_only(self) -> bool {
        matches!(self, Self::Frown | Self::Laughter)
    }

    /// Whether it needs a base that holds still: a video brings its own head motion and frame times.
    pub const fn needs_still(self) -> bool {
        matches!(self, Self::HeadTurn | Self::HeadShift | Self::Breathing | Self::VariableRate)
    }
}

impl FromStr for Setting {
    type Err = String;

    /// `blink`, or `blink=20`.
    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (text, None),
        };
        let Some(kind) = Distractor::ALL.into_iter().find(|kind| kind.name() == name) else {
            let names: Vec<_> = Distractor::ALL.iter().map(|kind| kind.name()).collect();
            return Err(format!(
                "there is no distractor {name:?}; choose from {}, all, none",
                names.join(", ")
            ));
        };
        let Strength { unit, usual, range: [low, high] } = kind.strength();
        let strength = match value {
            None => usual,
            Some(value) => value.parse().ok().filter(|v| (low..=high).contains(v)).ok_or_else(|| {
                format!("{name}={value}: {name} takes a number from {low} to {high} ({unit})")
            })?,
        };
        Ok(Self { kind, strength })
    }
}

/// The distractors of a clip.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Distractors(Vec<Setting>);

impl Distractors {
    /// These; of two settings of one kind the last holds.
    pub fn new(settings: impl IntoIterator<Item = Setting>) -> Self {
        let mut chosen: Vec<Setting> = Vec::new();
        for setting in settings {
            chosen.retain(|known| known.kind != setting.kind);
            chosen.push(setting);
        }
        chosen.sort_by_key(|setting| setting.kind);
        Self(chosen)
    }

    /// Every one with its usual strength, but for the negatives of masked smiles, see [`Distractor::is_named_only`].
    pub fn all() -> Self {
        let usual = Distractor::ALL.into_iter().filter(|kind| !kind.is_named_only());
        Self::new(usual.map(|kind| Setting { kind, strength: kind.strength().usual }))
    }

    /// These, with `others` in place of those of their kinds.
    pub fn with(&self, others: &Self) -> Self {
        Self::new(self.0.iter().chain(&others.0).copied())
    }

    /// The strength of one; `None` where it is off.
    pub fn strength(&self, kind: Distractor) -> Option<f64> {
        self.0.iter().find(|setting| setting.kind == kind).map(|setting| setting.strength)
    }

    /// Those that are on.
    pub fn kinds(&self) -> impl Iterator<Item = Distractor> {
        self.0.iter().map(|setting| setting.kind)
    }

    /// Those that a video can have too.
    pub fn without_still_only(&self) -> Self {
        Self(self.0.iter().filter(|setting| !setting.kind.needs_still()).copied().collect())
    }

    /// Their names, joined by `+`.
    pub fn names(&self) -> String {
        self.kinds().map(Distractor::name).collect::<Vec<_>>().join("+")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_strengths_are_read() {
        assert_eq!("blink".parse(), Ok(Setting { kind: Distractor::Blink, strength: 15.0 }));
        assert_eq!("noise=3.5".parse(), Ok(Setting { kind: Distractor::Noise, strength: 3.5 }));
        let error = "noise=99".parse::<Setting>().unwrap_err();
        assert!(error.contains("0.1 to 20"), "{error}");
        assert!("dance".parse::<Setting>().unwrap_err().contains("head_turn"));
        for kind in Distractor::ALL {
            let Strength { usual, range: [low, high], .. } = kind.strength();
            assert!((low..=high).contains(&usual), "{kind:?}");
        }
    }

    #[test]
    fn the_last_setting_of_a_kind_holds() {
        let both = Distractors::new(["blink=3", "noise", "blink=5"].map(|text| text.parse().unwrap()));
        assert_eq!(both.names(), "blink+noise");
        assert_eq!(both.strength(Distractor::Blink), Some(5.0));
        assert_eq!(both.strength(Distractor::Macro), None);
    }
}
