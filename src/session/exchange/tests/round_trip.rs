//! Export to ELAN and import again gives the same codings, to the millisecond.

use proptest::prelude::*;

use super::super::{Tracks, coding_value, eaf_from_tracks, parse_coding_value};
use super::*;
use crate::session::coding::tests::any_coding;

fn ms(seconds: f64) -> i64 {
    (seconds * 1000.0).round() as i64
}

/// What ELAN can hold of a coding: whole milliseconds, no control characters, at least one millisecond.
fn as_elan_holds_it(mut coding: Coding) -> Coding {
    let second = |ms: i64| ms as f64 / 1000.0;
    let onset = ms(coding.onset_s);
    let offset = ms(coding.offset_s).max(onset + 1);
    coding.apex_s = coding.apex_s.map(|apex_s| second(ms(apex_s)));
    (coding.onset_s, coding.offset_s) = (second(onset), second(offset));
    let is_held =
        |c: &char| matches!(c, '\t' | '\n' | '\r') || (*c >= ' ' && !matches!(c, '\u{fffe}' | '\u{ffff}'));
    coding.note.retain(|c| is_held(&c));
    coding
}

fn sorted(mut codings: Vec<Coding>) -> Vec<Coding> {
    let key = |coding: &Coding| format!("{coding:?}");
    codings.sort_by(|a, b| a.onset_s.total_cmp(&b.onset_s).then_with(|| key(a).cmp(&key(b))));
    codings
}

#[test]
fn overlapping_codings_and_edges_survive() {
    let mut two_lines = coding("anger", 1.0, Some(1.2), 1.2);
    two_lines.note = "AU4? a|b\n <&>\"' ]]> \r\n".to_owned();
    let codings = vec![
        two_lines,
        coding("fear", 1.1, Some(1.1), 1.3),
        coding("", 1.15, None, 1.18),
        coding("sadness", 1.2, Some(1.201), 1.203),
    ];
    let text = eaf_from_tracks(&Tracks { codings: &codings, ..Default::default() });
    assert_eq!(import(&text, "anna", None).unwrap(), codings);
    assert_eq!(import(&text, "ben", Some("Coding anna")).unwrap().len(), 4);
    // Another coder's tier is taken by name only.
    assert!(import(&text, "ben", None).unwrap_err().to_string().contains("Say it with --tier NAME"));
}

proptest! {
    #[test]
    fn codings_come_back(codings in prop::collection::vec(any_coding(), 1..12)) {
        // Dense in time, so that many overlap.
        let codings: Vec<Coding> = codings
            .into_iter()
            .map(|mut coding| {
                let shift = coding.onset_s - coding.onset_s % 10.0;
                coding.onset_s -= shift;
                coding.offset_s -= shift;
                coding.apex_s = coding.apex_s.map(|at| (at - shift).clamp(coding.onset_s, coding.offset_s));
                coding
            })
            .map(as_elan_holds_it)
            .collect();
        let text = eaf_from_tracks(&Tracks { codings: &codings, ..Default::default() });
        let read = import(&text, "anna", None).map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(sorted(read), sorted(codings));
    }

    #[test]
    fn values_are_read_back(coding in any_coding()) {
        let value = parse_coding_value(&coding_value(&coding)).map_err(TestCaseError::fail)?;
        prop_assert_eq!(value.kind, coding.kind);
        prop_assert_eq!(value.label, coding.label);
        prop_assert_eq!(value.action_units, coding.action_units);
        prop_assert_eq!(value.note, coding.note);
    }

    #[test]
    fn damaged_documents_give_an_answer(at in any::<prop::sample::Index>(), put in "[<>&\"a-z0-9/= ]{0,6}", cut in 0usize..40) {
        let at = at.index(FROM_ELAN.len());
        let end = (at + cut).min(FROM_ELAN.len());
        let text = [&FROM_ELAN.as_bytes()[..at], put.as_bytes(), &FROM_ELAN.as_bytes()[end..]].concat();
        for tier in ["micro", "thirds", "halves"] {
            if let Ok(codings) = codings_from_eaf(&text, Path::new("x.eaf"), "anna", Some(tier)) {
                prop_assert!(codings.iter().all(|coding| coding.check_times().is_ok()));
            }
        }
    }
}
