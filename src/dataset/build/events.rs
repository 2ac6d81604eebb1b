//! Which events count: people's codings win over what the program spotted.

use super::session_data::CodedEvent;
use crate::dataset::{LabelSource, SampleKind};
use crate::session::EventRecord;

/// From this overlap (intersection over union, as the challenges on spotting have it: MEGC 2019) a coding of one kind replaces a spotted event
/// of the other; of the same kind any overlap will do.
const SAME_EVENT_IOU: f64 = 0.5;
/// From this share of it within a span that a person coded as nothing, a spotted event is dropped.
const NOTHING_SHARE: f64 = 0.5;

/// An event of the dataset.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct DatasetEvent {
    /// Its name, also of its folder in `candidates`.
    pub id: String,
    pub kind: SampleKind,
    /// Empty where nobody gave one.
    pub label: String,
    pub label_source: LabelSource,
    /// Empty for spotted events.
    pub coder: String,
    pub onset_s: f64,
    pub apex_s: f64,
    pub offset_s: Option<f64>,
    pub action_units: String,
    /// Of the spotter; `None` for coded events.
    pub score: Option<f64>,
    /// Why it is not claimed; such an event is a candidate only.
    pub veto: String,
}

impl DatasetEvent {
    /// Its end; where the recording ended first, its apex.
    pub fn end_s(&self) -> f64 {
        self.offset_s.unwrap_or(self.apex_s).max(self.onset_s)
    }

    pub fn is_claimed(&self) -> bool {
        self.veto.is_empty()
    }

    pub fn contains(&self, time_s: f64) -> bool {
        (self.onset_s..=self.end_s()).contains(&time_s)
    }
}

/// A span of time.
#[derive(Clone, Copy)]
struct Span(f64, f64);

impl Span {
    fn of_coding(coding: &CodedEvent) -> Self {
        Self(coding.onset_s, coding.offset_s.unwrap_or(coding.apex_s).max(coding.onset_s))
    }

    fn of_event(event: &EventRecord) -> Self {
        Self(event.onset_s, event.offset_s.unwrap_or(event.apex_s).max(event.onset_s))
    }

    fn overlap(self, other: Self) -> Option<f64> {
        let length = self.1.min(other.1) - self.0.max(other.0);
        (length >= 0.0).then_some(length)
    }

    fn length(self) -> f64 {
        self.1 - self.0
    }

    fn iou(self, other: Self) -> f64 {
        let Some(both) = self.overlap(other) else { return 0.0 };
        let union = self.length() + other.length() - both;
        if union > 0.0 { both / union } else { 1.0 }
    }
}

/// Whether two descriptions are of one event.
fn is_same(kind: &str, span: Span, other_kind: &str, other: Span) -> bool {
    if kind == other_kind { span.overlap(other).is_some() } else { span.iou(other) >= SAME_EVENT_IOU }
}

/// Whether a coding replaces a spotted event.
fn replaces(coding: &CodedEvent, event: &EventRecord) -> bool {
    let (coded, spotted) = (Span::of_coding(coding), Span::of_event(event));
    if coding.kind == "none" {
        let share = coded
            .overlap(spotted)
            .map(|both| if spotted.length() > 0.0 { both / spotted.length() } else { 1.0 });
        return share.is_some_and(|share| share >= NOTHING_SHARE);
    }
    is_same(&coding.kind, coded, &event.kind, spotted)
}

/// The codings that are taken: those of `coders` (all, where none is named). Where coders are named, the first wins where two coded the
/// same event.
fn taken<'a>(codings: &'a [CodedEvent], coders: &[String]) -> Vec<&'a CodedEvent> {
    let mut sorted: Vec<&CodedEvent> = codings.iter().collect();
    sorted.sort_by(|a, b| {
        a.coder.cmp(&b.coder).then(a.onset_s.total_cmp(&b.onset_s)).then(a.apex_s.total_cmp(&b.apex_s))
    });
    if coders.is_empty() {
        return sorted;
    }
    let mut kept: Vec<&CodedEvent> = Vec::new();
    for coder in coders {
        let of_coder: Vec<&CodedEvent> = sorted
            .iter()
            .copied()
            .filter(|coding| coding.coder == *coder)
            .filter(|coding| {
                let span = Span::of_coding(coding);
                !kept.iter().any(|first| is_same(&first.kind, Span::of_coding(first), &coding.kind, span))
            })
            .collect();
        kept.extend(of_coder);
    }
    kept
}

/// The events of a session, by onset. Vetoed ones are among them only `with_vetoed`.
pub(super) fn dataset_events(
    session: &str,
    events: &[EventRecord],
    codings: &[CodedEvent],
    coders: &[String],
    with_vetoed: bool,
) -> Vec<DatasetEvent> {
    let codings = taken(codings, coders);
    let mut all = Vec::new();
    for event in events {
        let Some(kind) = SampleKind::of(&event.kind) else { continue };
        let is_wanted = event.veto.is_empty() || with_vetoed;
        // A vetoed event is replaced too: there is one candidate an event.
        if !is_wanted || codings.iter().any(|coding| replaces(coding, event)) {
            continue;
        }
        all.push(DatasetEvent {
            id: format!("{session}-e{:04}", event.event),
            kind,
            label: event.label.clone(),
            label_source: LabelSource::Spotter,
            coder: String::new(),
            onset_s: event.onset_s,
            apex_s: event.apex_s,
            offset_s: event.offset_s,
            action_units: event.action_units.clone(),
            score: Some(event.score),
            veto: event.veto.clone(),
        });
    }
    // Numbers, not coders' names: the names of candidates are seen by all coders.
    for (number, coding) in (1..).zip(codings) {
        let Some(kind) = SampleKind::of(&coding.kind) else { continue };
        // What the coder left open, the spotter may have said.
        let spotted = events.iter().find(|event| event.kind == coding.kind && replaces(coding, event));
        let (label, label_source) = match spotted {
            Some(event) if coding.label.is_empty() && !event.label.is_empty() => {
                (event.label.clone(), LabelSource::Spotter)
            }
            _ => (coding.label.clone(), LabelSource::Coder),
        };
        all.push(DatasetEvent {
            id: format!("{session}-c{number:04}"),
            kind,
            label,
            label_source,
            coder: coding.coder.clone(),
            onset_s: coding.onset_s,
            apex_s: coding.apex_s,
            offset_s: coding.offset_s,
            action_units: coding.action_units.clone(),
            score: None,
            veto: String::new(),
        });
    }
    all.sort_by(|a, b| a.onset_s.total_cmp(&b.onset_s).then_with(|| a.id.cmp(&b.id)));
    all
}

/// Pairs of coded events that are one event by two coders.
pub(super) fn coded_twice(events: &[DatasetEvent]) -> usize {
    let coded: Vec<&DatasetEvent> = events.iter().filter(|event| !event.coder.is_empty()).collect();
    let mut pairs = 0;
    for (index, event) in coded.iter().enumerate() {
        let span = Span(event.onset_s, event.end_s());
        pairs += coded
            .iter()
            .skip(index + 1)
            .filter(|other| other.coder != event.coder)
            .filter(|other| {
                is_same(event.kind.name(), span, other.kind.name(), Span(other.onset_s, other.end_s()))
            })
            .count();
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spotted(number: u64, kind: &str, onset_s: f64, offset_s: f64) -> EventRecord {
        EventRecord {
            event: number,
            kind: kind.to_owned(),
            label: "anger".to_owned(),
            score: 0.7,
            onset_s,
            apex_s: (onset_s + offset_s) / 2.0,
            offset_s: Some(offset_s),
            ..EventRecord::default()
        }
    }

    fn coded(coder: &str, kind: &str, label: &str, onset_s: f64, offset_s: f64) -> CodedEvent {
        CodedEvent {
            coder: coder.to_owned(),
            kind: kind.to_owned(),
            label: label.to_owned(),
            onset_s,
            apex_s: onset_s,
            offset_s: Some(offset_s),
            ..CodedEvent::default()
        }
    }

    fn ids(events: &[DatasetEvent]) -> Vec<&str> {
        events.iter().map(|event| event.id.as_str()).collect()
    }

    #[test]
    fn codings_win_where_they_are_of_the_same_event() {
        let events = [
            spotted(1, "micro", 1.0, 1.3),
            spotted(2, "masked", 4.0, 9.0),
            spotted(3, "micro", 20.0, 20.3),
            spotted(4, "macro", 30.0, 33.0),
            EventRecord { veto: "blink".to_owned(), ..spotted(5, "micro", 40.0, 40.3) },
        ];
        assert_eq!(ids(&dataset_events("S", &events, &[], &[], false)), ["S-e0001", "S-e0002", "S-e0003"]);
        assert_eq!(dataset_events("S", &events, &[], &[], true).len(), 4);
        // A brief motion within a long smile does not replace the smile; the same moment coded as a smile replaces the brief motion.
        let codings =
            [coded("ann", "micro", "fear", 5.0, 5.3), coded("ann", "masked", "happy_but_sad", 1.0, 1.4)];
        let with = dataset_events("S", &events, &codings, &[], false);
        assert_eq!(ids(&with), ["S-c0001", "S-e0002", "S-c0002", "S-e0003"]);
        assert_eq!((with[0].kind, with[0].label_source), (SampleKind::Masked, LabelSource::Coder));
        // Nothing was there; another kind was there.
        let codings = [coded("ann", "none", "", 19.9, 20.25), coded("ann", "blink", "", 1.0, 1.35)];
        assert_eq!(ids(&dataset_events("S", &events, &codings, &[], false)), ["S-e0002"]);
    }

    #[test]
    fn a_label_that_the_coder_left_open_is_the_spotters() {
        let events = [spotted(1, "micro", 1.0, 1.3)];
        let with = dataset_events("S", &events, &[coded("ann", "micro", "", 1.1, 1.2)], &[], false);
        assert_eq!((with[0].label.as_str(), with[0].label_source), ("anger", LabelSource::Spotter));
        assert_eq!((with[0].coder.as_str(), with[0].onset_s), ("ann", 1.1));
        let alone = dataset_events("S", &[], &[coded("ann", "micro", "", 1.1, 1.2)], &[], false);
        assert_eq!((alone[0].label.as_str(), alone[0].label_source), ("", LabelSource::Coder));
    }

    #[test]
    fn of_two_coders_both_stay_unless_their_order_is_given() {
        let codings = [
            coded("bob", "micro", "fear", 1.0, 1.3),
            coded("ann", "micro", "anger", 1.1, 1.4),
            coded("bob", "micro", "fear", 7.0, 7.3),
        ];
        let both = dataset_events("S", &[], &codings, &[], false);
        assert_eq!(ids(&both), ["S-c0002", "S-c0001", "S-c0003"]);
        assert_eq!(coded_twice(&both), 1);
        let ordered = dataset_events("S", &[], &codings, &["ann".to_owned(), "bob".to_owned()], false);
        assert_eq!(ids(&ordered), ["S-c0001", "S-c0002"]);
        assert_eq!(coded_twice(&ordered), 0);
        assert_eq!(ids(&dataset_events("S", &[], &codings, &["ann".to_owned()], false)), ["S-c0001"]);
    }
}
