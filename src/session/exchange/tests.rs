//! The exchange forms: round trips through ELAN's, what ELAN itself writes, broken documents, the texts.

mod forms;
mod import;
mod round_trip;

use std::path::Path;

use super::{ImportError, codings_from_eaf};
use crate::session::Coding;
use crate::types::EventKind;

/// A document as ELAN 6 saves it, written by hand: several tiers, each of another stereotype.
const FROM_ELAN: &str = include_str!("tests/elan.eaf");

fn import(text: &str, coder: &str, tier: Option<&str>) -> Result<Vec<Coding>, ImportError> {
    codings_from_eaf(text.as_bytes(), Path::new("P07.eaf"), coder, tier)
}

fn refusal(text: &str, tier: Option<&str>) -> String {
    import(text, "anna", tier).expect_err("it should be refused").to_string()
}

fn coding(label: &str, onset_s: f64, apex_s: Option<f64>, offset_s: f64) -> Coding {
    Coding {
        kind: EventKind::Micro,
        label: label.to_owned(),
        onset_s,
        apex_s,
        offset_s,
        action_units: Vec::new(),
        note: String::new(),
        coder: "anna".to_owned(),
        id: String::new(),
    }
}
