//! Cells of a manifest back to values, each with what would be right where it is wrong.

use super::row::{LabelSource, Role, SampleKind};

/// Times beyond this many seconds (30 years) are mistakes.
const MAX_TIME_S: f64 = 1e9;

/// What is wrong with a cell, and what would be right.
pub(super) type Problem = String;

pub(super) fn role(text: &str) -> Result<Role, Problem> {
    one_of(text, &Role::ALL, Role::name)
}

pub(super) fn kind(text: &str) -> Result<SampleKind, Problem> {
    one_of(text, &SampleKind::ALL, SampleKind::name)
}

pub(super) fn label_source(text: &str) -> Result<LabelSource, Problem> {
    one_of(text, &LabelSource::ALL, LabelSource::name)
}

fn one_of<T: Copy>(text: &str, all: &[T], name: fn(T) -> &'static str) -> Result<T, Problem> {
    all.iter().copied().find(|value| name(*value) == text).ok_or_else(|| {
        let names: Vec<&str> = all.iter().map(|value| name(*value)).collect();
        format!("{text:?} is not known; it is one of {}", names.join(", "))
    })
}

/// A text that must be there.
pub(super) fn filled(text: &str) -> Result<String, Problem> {
    if text.is_empty() { Err("it is empty, and needs a value".to_owned()) } else { Ok(text.to_owned()) }
}

/// A file within the dataset: relative, with `/`, and never out of the folder.
pub(super) fn inner_path(text: &str) -> Result<String, Problem> {
    let is_inner = text.split('/').all(|part| !part.is_empty() && part != "." && part != "..")
        && !text.contains(['\\', ':', '\0']);
    if is_inner {
        Ok(text.to_owned())
    } else {
        Err(format!("{text:?} is not a path within the dataset; it is like image/micro/anger/gray/NAME.png"))
    }
}

/// A time in seconds; `None` where the cell is empty.
pub(super) fn time(text: &str) -> Result<Option<f64>, Problem> {
    if text.is_empty() {
        return Ok(None);
    }
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() && value.abs() <= MAX_TIME_S => Ok(Some(value)),
        Ok(_) => Err(format!("{text} s is not a time within a recording; it is in seconds from its start")),
        Err(_) => Err(format!("{text:?} is not a number; it is a time in seconds, like 12.5")),
    }
}

/// A time that must be there.
pub(super) fn required_time(text: &str) -> Result<f64, Problem> {
    time(text)?.ok_or_else(|| "it is empty, and needs a time in seconds".to_owned())
}
