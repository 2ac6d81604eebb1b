//! A coding as the value of one annotation, and back: `label AU4+7 note`.
//!
//! The kind follows from the label where it can (`happy_but_sad` is a masked smile; an emotion alone is a
//! micro-expression); else its name stands first: `macro anger AU4`, `blink`. Where the note begins like one of these
//! parts, ` | ` stands before it, and everything after the bar is the note.

use crate::session::Coding;
use crate::session::coding::{
    KINDS, action_units_from_text, kind_from_name, labels_of, text_from_action_units,
};
use crate::types::EventKind;

/// What an annotation's value says.
#[derive(Clone, Debug, PartialEq)]
pub struct CodingValue {
    /// What sort of event.
    pub kind: EventKind,
    /// The label; empty where only a kind is given.
    pub label: String,
    /// Action units.
    pub action_units: Vec<u8>,
    /// The rest.
    pub note: String,
}

/// The value of a coding's annotation.
pub fn coding_value(coding: &Coding) -> String {
    let mut words = Vec::new();
    let is_plain = !coding.label.is_empty() && matches!(coding.kind, EventKind::Micro | EventKind::Masked);
    if !is_plain {
        words.push(coding.kind.name().to_owned());
    }
    if !coding.label.is_empty() {
        words.push(coding.label.clone());
    }
    if !coding.action_units.is_empty() {
        words.push(format!("AU{}", text_from_action_units(&coding.action_units)));
    }
    let head = words.join(" ");
    if coding.note.is_empty() {
        return head;
    }
    let plain = format!("{head} {}", coding.note);
    let is_read_back = parse_coding_value(&plain).is_ok_and(|value| {
        (value.kind, &value.label, &value.action_units, &value.note)
            == (coding.kind, &coding.label, &coding.action_units, &coding.note)
    });
    if is_read_back { plain } else { format!("{head} | {}", coding.note) }
}

/// Reads an annotation's value.
///
/// # Errors
/// What is wrong: an unknown label, a label that does not go with the kind, action units that are none.
pub fn parse_coding_value(text: &str) -> Result<CodingValue, String> {
    let (head, verbatim) = match text.split_once('|') {
        Some((head, note)) => (head, Some(note.strip_prefix(' ').unwrap_or(note))),
        None => (text, None),
    };
    let mut rest = head.trim_start();
    let mut kind = None;
    if let Some(named) = kind_from_name(&first_word(rest).to_lowercase()) {
        kind = Some(named);
        rest = after_word(rest);
    }
    let mut label = String::new();
    let word = first_word(rest).to_lowercase();
    let known = KINDS.into_iter().find(|kind| labels_of(*kind).contains(&word.as_str()));
    match (known, kind) {
        (Some(of_label), named) => {
            let kind = *kind.get_or_insert(of_label);
            if !labels_of(kind).contains(&word.as_str()) {
                let named = named.map_or("", EventKind::name);
                return Err(format!("{word:?} is no label of kind {named}"));
            }
            label = word;
            rest = after_word(rest);
        }
        (None, None) if word.is_empty() => return Err("it is empty".to_owned()),
        (None, None) => return Err(format!("unknown label {:?}", first_word(rest))),
        // After a kind's name anything may follow: `blink | slow`, `micro AU4`.
        (None, Some(_)) => {}
    }
    let mut action_units = Vec::new();
    let word = first_word(rest);
    if word.get(..2).is_some_and(|prefix| prefix.eq_ignore_ascii_case("au"))
        && word[2..].starts_with(|c: char| c.is_ascii_digit())
    {
        action_units = action_units_from_text(word)?;
        rest = after_word(rest);
    }
    let note = match verbatim {
        Some(note) if rest.trim_end().is_empty() => note.to_owned(),
        // The bar belongs to a note that began before it; `rest` is the end of `head`.
        Some(_) => text[head.len() - rest.len()..].trim_end().to_owned(),
        None => rest.trim_end().to_owned(),
    };
    let kind = kind.ok_or_else(|| "it is empty".to_owned())?;
    Ok(CodingValue { kind, label, action_units, note })
}

fn first_word(text: &str) -> &str {
    text.split_whitespace().next().unwrap_or_default()
}

fn after_word(text: &str) -> &str {
    let text = text.trim_start();
    text.trim_start_matches(|c: char| !c.is_whitespace()).trim_start()
}
