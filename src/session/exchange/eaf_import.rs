//! Codings from an ELAN document: which tier they are on, what their annotations say, which apex is whose.

use std::path::Path;

use super::ImportError;
use super::eaf_document::{EafDocument, EafTier, document_from_bytes};
use super::eaf_times::{Span, spans_of};
use super::tiers::{APEX, APEX_AT_END, CODING, EVENTS, MARKERS, STEPS, lane_name};
use super::value::parse_coding_value;
use crate::session::Coding;
use crate::session::coding::labels_of;
use crate::types::EventKind;

/// The codings on one tier of an `.eaf` file; `path` is for messages, `coder` goes into the codings.
///
/// Without a name, the tier is `Coding CODER`, else the only one whose annotator is the coder, else the only one with
/// annotations that this program did not export itself. Apexes are taken from the tier `NAME apex`. Times are whole
/// milliseconds; codings come in order of time.
///
/// # Errors
/// See [`ImportError`]; annotations that are no codings are listed all at once.
pub fn codings_from_eaf(
    bytes: &[u8],
    path: &Path,
    coder: &str,
    tier: Option<&str>,
) -> Result<Vec<Coding>, ImportError> {
    let document = document_from_bytes(bytes, path)?;
    let fail = |problem: String| ImportError::File { path: path.to_owned(), problem };
    let chosen = choose(&document, coder, tier).map_err(fail)?;
    let mut codings = Vec::new();
    let mut problems = Vec::new();
    for lane in lanes_of(&document, chosen) {
        let spans = spans_of(&document, lane).map_err(fail)?;
        let mut of_lane = Vec::new();
        for (annotation, span) in lane.annotations.iter().zip(spans) {
            let [onset_s, offset_s] = [span.0, span.1].map(seconds);
            match parse_coding_value(&annotation.value) {
                Err(problem) => problems.push(format!("{onset_s:.3} s, {:?}: {problem}", annotation.value)),
                Ok(value) => of_lane.push(Coding {
                    kind: value.kind,
                    label: value.label,
                    onset_s,
                    apex_s: None,
                    offset_s,
                    action_units: value.action_units,
                    note: value.note,
                    coder: coder.to_owned(),
                    id: String::new(),
                }),
            }
        }
        of_lane.sort_by(|a, b| a.onset_s.total_cmp(&b.onset_s));
        let apexes = document.tiers.iter().find(|tier| tier.name == format!("{}{APEX}", lane.name));
        // Codings that were refused leave their apexes without an owner: not to be complained of too.
        if let Some(apexes) = apexes.filter(|_| of_lane.len() == lane.annotations.len()) {
            let spans = spans_of(&document, apexes).map_err(fail)?;
            let values = apexes.annotations.iter().map(|annotation| annotation.value.as_str());
            problems.extend(
                values.zip(spans).filter_map(|(value, span)| give_apex(&mut of_lane, value, span).err()),
            );
        }
        codings.append(&mut of_lane);
    }
    if !problems.is_empty() {
        let known = [EventKind::Micro, EventKind::Masked].into_iter().flat_map(labels_of).collect::<Vec<_>>();
        let known = known.join(", ");
        return Err(ImportError::Values {
            path: path.to_owned(),
            tier: chosen.name.clone(),
            known,
            problems,
        });
    }
    codings.sort_by(|a, b| a.onset_s.total_cmp(&b.onset_s).then(a.offset_s.total_cmp(&b.offset_s)));
    for coding in &codings {
        coding.check_times().map_err(|(_, problem)| fail(format!("tier {:?}: {problem}", chosen.name)))?;
    }
    Ok(codings)
}

/// Whole milliseconds as seconds.
fn seconds(ms: f64) -> f64 {
    ms.round() / 1000.0
}

fn choose<'a>(document: &'a EafDocument, coder: &str, tier: Option<&str>) -> Result<&'a EafTier, String> {
    let listed = || {
        let list = document.tiers.iter().map(|tier| format!("{:?} ({})", tier.name, tier.annotations.len()));
        let list: Vec<String> = list.collect();
        if list.is_empty() { "none".to_owned() } else { list.join(", ") }
    };
    let named = |name: &str| document.tiers.iter().find(|tier| tier.name == name);
    if let Some(name) = tier {
        return named(name).ok_or_else(|| {
            format!(
                "there is no tier {name:?}; its tiers, with their numbers of annotations, are {}",
                listed()
            )
        });
    }
    if let Some(own) = named(&format!("{CODING}{coder}")) {
        return Ok(own);
    }
    let is_exported = |name: &str| {
        // Another coder's tier is nobody else's work.
        let is_ours = name == STEPS || name.starts_with(&format!("{STEPS} ")) || name == MARKERS;
        is_ours || name.starts_with(EVENTS) || name.starts_with(CODING)
    };
    let candidates: Vec<&EafTier> = document
        .tiers
        .iter()
        .filter(|tier| !tier.annotations.is_empty() && !is_exported(&tier.name) && !tier.name.ends_with(APEX))
        .collect();
    let by_coder: Vec<&EafTier> = candidates.iter().copied().filter(|tier| tier.annotator == coder).collect();
    match (by_coder.as_slice(), candidates.as_slice()) {
        ([one], _) | ([], [one]) => Ok(one),
        _ => Err(format!(
            "which tier holds the codings? Say it with --tier NAME; its tiers, with their numbers of annotations, are {}",
            listed()
        )),
    }
}

/// The tier with those that took what overlapped when this program exported it: `Coding anna`, `Coding anna 2`.
fn lanes_of<'a>(document: &'a EafDocument, chosen: &'a EafTier) -> Vec<&'a EafTier> {
    let mut lanes = vec![chosen];
    if chosen.name.starts_with(CODING) {
        let lane = |index| document.tiers.iter().find(|tier| tier.name == lane_name(&chosen.name, index));
        lanes.extend((1..document.tiers.len()).map_while(lane));
    }
    lanes
}

/// Gives an apex to the coding within which it lies.
fn give_apex(codings: &mut [Coding], value: &str, span: Span) -> Result<(), String> {
    let is_at_end = value.trim() == APEX_AT_END;
    let apex_s = seconds(if is_at_end { span.1 } else { span.0 });
    // Sorted, and of one tier: the last that begins before is the only one that can hold it.
    let begins_before =
        |coding: &Coding| if is_at_end { coding.onset_s < apex_s } else { coding.onset_s <= apex_s };
    let owner = codings.iter_mut().rev().find(|coding| begins_before(coding));
    match owner.filter(|coding| apex_s <= coding.offset_s) {
        None => {
            Err(format!("{apex_s:.3} s, {value:?}: this apex lies within no coding; move it, or remove it"))
        }
        Some(coding) if coding.apex_s.is_some() => Err(format!(
            "{apex_s:.3} s, {value:?}: a second apex of the coding at {:.3} s; remove one",
            coding.onset_s
        )),
        Some(coding) => {
            coding.apex_s = Some(apex_s);
            Ok(())
        }
    }
}
