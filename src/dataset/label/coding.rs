//! What a coder says of one candidate, and which sayings make sense.

use serde::{Deserialize, Deserializer, Serialize};

use super::Candidate;
use super::au;
use crate::types::{EventKind, Label, MaskedLabel, OTHER_LABEL};

/// Kind and label of a candidate in which the coder sees no event.
pub const NO_EVENT: &str = "none";

/// Every label that a coder may give, in the order of the page's keys.
pub const LABELS: [&str; 13] = [
    Label::Neutral.name(),
    Label::Happiness.name(),
    Label::Surprise.name(),
    Label::Sadness.name(),
    Label::Anger.name(),
    Label::Disgust.name(),
    Label::Fear.name(),
    Label::Contempt.name(),
    OTHER_LABEL,
    MaskedLabel::HappyButSad.name(),
    MaskedLabel::HappyButAngry.name(),
    MaskedLabel::HappyButOther.name(),
    NO_EVENT,
];
const MASKED: [&str; 3] =
    [MaskedLabel::HappyButSad.name(), MaskedLabel::HappyButAngry.name(), MaskedLabel::HappyButOther.name()];

/// Longest note, in characters.
const MAX_NOTE: usize = 2000;
/// Marks lie on frames; times in files are rounded.
const TIME_SLACK_S: f64 = 1e-3;

/// What a coder says of one candidate. Empty as long as nothing is said.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Coding {
    /// `micro`, `macro`, `masked` or `none`; empty without a label.
    pub kind: String,
    /// One of [`LABELS`]; empty until it is chosen.
    pub label: String,
    /// First visible change, in seconds on the session's clock.
    pub onset_s: Option<f64>,
    /// Strongest moment.
    pub apex_s: Option<f64>,
    /// Return.
    pub offset_s: Option<f64>,
    /// As `4+7`.
    pub action_units: String,
    /// Free text.
    pub note: String,
}

/// A change of some fields of a [`Coding`]. A time of `Some(None)` is taken away.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Patch {
    /// See [`Coding::kind`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// See [`Coding::label`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// See [`Coding::onset_s`].
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "also_null")]
    pub onset_s: Option<Option<f64>>,
    /// See [`Coding::apex_s`].
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "also_null")]
    pub apex_s: Option<Option<f64>>,
    /// See [`Coding::offset_s`].
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "also_null")]
    pub offset_s: Option<Option<f64>>,
    /// See [`Coding::action_units`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action_units: Option<String>,
    /// See [`Coding::note`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// `null` is `Some(None)`; a field that is not there is `None`.
fn also_null<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<f64>>, D::Error> {
    Option::<f64>::deserialize(from).map(Some)
}

/// A field in which letters are typed one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Typed {
    ActionUnits,
    Note,
}

impl Patch {
    /// The typed field, where nothing else changes: such changes are undone together.
    pub(super) fn typed(&self) -> Option<Typed> {
        let only_typed = Self { action_units: None, note: None, ..self.clone() } == Self::default();
        match (only_typed, &self.action_units, &self.note) {
            (true, Some(_), None) => Some(Typed::ActionUnits),
            (true, None, Some(_)) => Some(Typed::Note),
            _ => None,
        }
    }

    /// Action units in their one form, times to the microsecond: what the journal keeps.
    ///
    /// # Errors
    /// What is wrong with the action units, in words for the coder.
    pub(super) fn in_one_form(mut self) -> Result<Self, String> {
        if let Some(units) = &mut self.action_units {
            *units = au::canonical(units)?;
        }
        for time in [&mut self.onset_s, &mut self.apex_s, &mut self.offset_s] {
            if let Some(Some(t_s)) = time {
                *t_s = (*t_s * 1e6).round() / 1e6;
            }
        }
        Ok(self)
    }
}

impl Coding {
    /// True as soon as a label is chosen.
    pub fn is_labelled(&self) -> bool {
        !self.label.is_empty()
    }

    /// True where the coder sees no event.
    pub fn is_no_event(&self) -> bool {
        self.label == NO_EVENT
    }

    /// With a change. A label brings its kind along; without a label there is no kind.
    #[must_use]
    pub fn with(&self, patch: &Patch) -> Self {
        let mut new = self.clone();
        let text = |to: &mut String, from: &Option<String>| {
            if let Some(from) = from {
                to.clone_from(from);
            }
        };
        let time = |to: &mut Option<f64>, from: Option<Option<f64>>| {
            if let Some(from) = from {
                *to = from;
            }
        };
        text(&mut new.label, &patch.label);
        text(&mut new.action_units, &patch.action_units);
        text(&mut new.note, &patch.note);
        time(&mut new.onset_s, patch.onset_s);
        time(&mut new.apex_s, patch.apex_s);
        time(&mut new.offset_s, patch.offset_s);
        match &patch.kind {
            Some(kind) => new.kind.clone_from(kind),
            None if patch.label.is_some() => new.kind = kind_of(&new.label, &self.kind).to_owned(),
            None => {}
        }
        new
    }

    /// Whether it makes sense as the coding of this candidate.
    ///
    /// # Errors
    /// What is wrong, in words for the coder.
    pub fn check(&self, candidate: &Candidate) -> Result<(), String> {
        if !self.label.is_empty() && !LABELS.contains(&self.label.as_str()) {
            let label: String = self.label.chars().take(40).collect();
            return Err(format!("there is no label {label:?}; there are {}", LABELS.join(", ")));
        }
        if kind_of(&self.label, &self.kind) != self.kind {
            return Err(match (self.label.as_str(), self.kind.as_str()) {
                ("", _) => "choose a label first: without one there is no kind".to_owned(),
                (label, kind) => {
                    format!("{label} cannot be of kind {:?}", kind.chars().take(40).collect::<String>())
                }
            });
        }
        let (first, last) = candidate.span_s();
        let marks = [("onset", self.onset_s), ("apex", self.apex_s), ("offset", self.offset_s)];
        for (name, at) in marks {
            if let Some(at) = at.filter(|at| !(first - TIME_SLACK_S..=last + TIME_SLACK_S).contains(at)) {
                return Err(format!("{name} {at} s is not in this clip ({first:.3} to {last:.3} s)"));
            }
        }
        for (earlier, later) in [(0, 1), (0, 2), (1, 2)] {
            let ((before, Some(a)), (after, Some(b))) = (marks[earlier], marks[later]) else { continue };
            if a > b {
                return Err(format!(
                    "{after} would come before {before} ({:.0} ms): onset, apex, offset follow one another",
                    (a - b) * 1e3
                ));
            }
        }
        let length = self.note.chars().count();
        if length > MAX_NOTE {
            return Err(format!("the note has {length} characters: at most {MAX_NOTE}"));
        }
        if self.note.chars().any(char::is_control) {
            return Err(
                "the note has a line break or another control character: keep it on one line".to_owned()
            );
        }
        Ok(())
    }
}

/// The kind that goes with a label: `now`, where that is one of those that do.
fn kind_of<'a>(label: &str, now: &'a str) -> &'a str {
    match label {
        "" => "",
        NO_EVENT => NO_EVENT,
        label if MASKED.contains(&label) => EventKind::Masked.name(),
        _ if now == EventKind::Macro.name() => now,
        _ => EventKind::Micro.name(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::clip_file;
    use super::*;

    fn patch(json: &str) -> Patch {
        serde_json::from_str(json).unwrap()
    }

    fn candidate() -> Candidate {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("candidates/c1");
        std::fs::create_dir_all(&folder).unwrap();
        let text = r#"{"id":"c1","frames":[{"t_s":1.0,"file":"0.jpg"},{"t_s":2.0,"file":"1.jpg"}]}"#;
        assert!(clip_file::parse(text, "c1").is_ok());
        std::fs::write(folder.join("clip.json"), text).unwrap();
        super::super::Candidates::read(dir.path()).unwrap().all.remove(0)
    }

    #[test]
    fn a_label_brings_its_kind() {
        let mut coding = Coding::default();
        for (change, kind) in [
            (r#"{"label":"anger"}"#, "micro"),
            (r#"{"kind":"macro"}"#, "macro"),
            (r#"{"label":"fear"}"#, "macro"),
            (r#"{"label":"happy_but_sad"}"#, "masked"),
            (r#"{"label":"other"}"#, "micro"),
            (r#"{"label":"none"}"#, "none"),
            (r#"{"label":""}"#, ""),
        ] {
            coding = coding.with(&patch(change));
            assert_eq!(coding.kind, kind, "{change}");
            assert_eq!(coding.check(&candidate()), Ok(()));
        }
    }

    #[test]
    fn null_takes_a_mark_away_and_nothing_leaves_it() {
        let coding = Coding { onset_s: Some(1.0), apex_s: Some(1.5), ..Coding::default() };
        let new = coding.with(&patch(r#"{"onset_s":null,"offset_s":1.75}"#));
        assert_eq!((new.onset_s, new.apex_s, new.offset_s), (None, Some(1.5), Some(1.75)));
        assert_eq!(serde_json::to_string(&patch(r#"{"onset_s":null}"#)).unwrap(), r#"{"onset_s":null}"#);
        assert!(serde_json::from_str::<Patch>(r#"{"onset":1}"#).is_err());
    }

    #[test]
    fn what_makes_no_sense_is_refused_in_words() {
        let candidate = candidate();
        let empty = Coding::default();
        for (change, why) in [
            (r#"{"label":"rage"}"#, "no label"),
            (r#"{"kind":"micro"}"#, "choose a label first"),
            (r#"{"label":"anger","kind":"masked"}"#, "cannot be of kind"),
            (r#"{"label":"none","kind":"micro"}"#, "cannot be of kind"),
            (r#"{"onset_s":1.5,"apex_s":1.2}"#, "apex would come before onset (300 ms)"),
            (r#"{"onset_s":1.5,"offset_s":1.2}"#, "offset would come before onset"),
            (r#"{"apex_s":1.5,"offset_s":1.2}"#, "offset would come before apex"),
            (r#"{"onset_s":0.5}"#, "not in this clip"),
            (r#"{"offset_s":1e300}"#, "not in this clip"),
            (r#"{"note":"a\nb"}"#, "one line"),
        ] {
            let error = empty.with(&patch(change)).check(&candidate).unwrap_err();
            assert!(error.contains(why), "{change}: {error}");
        }
        let long = Coding { note: "x".repeat(2001), ..empty.clone() };
        assert!(long.check(&candidate).is_err());
        let same = empty.with(&patch(r#"{"onset_s":1.0,"apex_s":1.0,"offset_s":1.0}"#));
        assert_eq!(same.check(&candidate), Ok(()));
    }

    #[test]
    fn only_typing_is_typing() {
        assert_eq!(patch(r#"{"note":"a"}"#).typed(), Some(Typed::Note));
        assert_eq!(patch(r#"{"action_units":"4"}"#).typed(), Some(Typed::ActionUnits));
        assert_eq!(patch(r#"{"note":"a","label":"fear"}"#).typed(), None);
        assert_eq!(patch(r#"{"note":"a","action_units":"4"}"#).typed(), None);
        assert_eq!(patch("{}").typed(), None);
    }
}
