//! The data sets of a study: kind, stimulus and gender, their order and their names.

use super::{HOLDOUT, MASKED, MICRO, SUBJECT};

/// What a run was trained and tested on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct DataSet<'a> {
    pub(super) kind: &'a str,
    pub(super) stimulus: Option<&'a str>,
    pub(super) gender: Option<&'a str>,
}

/// The seed paper's table that a data set belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum PaperTable {
    Micro,
    Female,
    Male,
    Masked,
    /// None of them: another kind or gender.
    Other,
}

impl<'a> DataSet<'a> {
    pub(super) fn table(&self) -> PaperTable {
        match (self.kind, self.gender) {
            (MICRO, None) => PaperTable::Micro,
            (MICRO, Some("female")) => PaperTable::Female,
            (MICRO, Some("male")) => PaperTable::Male,
            (MASKED, _) => PaperTable::Masked,
            _ => PaperTable::Other,
        }
    }

    /// Everybody before one gender, and then in the paper's order: micro before masked, questionnaire before image.
    pub(super) fn order(&self) -> impl Ord + use<'a> {
        let stimulus = (stimulus_order(self.stimulus), self.stimulus);
        (self.gender.is_some(), self.table(), self.gender, stimulus, self.kind)
    }

    /// `Micro-expressions by questionnaire, women`.
    pub(super) fn title(&self) -> String {
        let kind = match self.kind {
            MICRO => "Micro-expressions",
            MASKED => "Masked expressions",
            other => other,
        };
        let stimulus = self.stimulus.map_or_else(String::new, |stimulus| format!(" by {stimulus}"));
        let gender = match self.gender {
            None => String::new(),
            Some("female") => ", women".to_owned(),
            Some("male") => ", men".to_owned(),
            Some(other) => format!(", {other}"),
        };
        format!("{kind}{stimulus}{gender}")
    }
}

/// All stimuli together, then the paper's two in its order, then others.
pub(super) fn stimulus_order(stimulus: Option<&str>) -> u8 {
    match stimulus {
        None => 0,
        Some("questionnaire") => 1,
        Some("image") => 2,
        Some(_) => 3,
    }
}

/// A protocol's name for people.
pub(super) fn protocol_name(protocol: &str) -> &str {
    match protocol {
        HOLDOUT => "frame split",
        SUBJECT => "subject-disjoint",
        "loso" => "leave one subject out",
        "cross-corpus" => "across corpora",
        other => other,
    }
}

/// The paper's protocol first, then the one without people in both parts.
pub(super) fn protocol_order(protocol: &str) -> (u8, &str) {
    match protocol {
        HOLDOUT => (0, ""),
        SUBJECT => (1, ""),
        other => (2, other),
    }
}
