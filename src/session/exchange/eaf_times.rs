//! When the annotations of an ELAN document are: slots without a time, and annotations that lie where others do.

use std::collections::{HashMap, HashSet};

use super::eaf_document::{EafAnnotation, EafDocument, EafTier, Place};

/// Begin and end of an annotation in milliseconds.
pub(super) type Span = (f64, f64);

/// Begin and end of each annotation of a tier, in the order of the file.
///
/// - A slot without a time lies evenly between its neighbours with a time, among the slots of its tier in the order of
///   the document, as ELAN shows it.
/// - An annotation that refers to one of the parent tier lies where that lies; several in a symbolic subdivision share
///   it evenly, in their order.
///
/// # Errors
/// What is missing or goes in circles.
pub(super) fn spans_of(document: &EafDocument, tier: &EafTier) -> Result<Vec<Span>, String> {
    let tiers: HashMap<&str, &EafTier> =
        document.tiers.iter().map(|tier| (tier.name.as_str(), tier)).collect();
    let order: HashMap<&str, usize> =
        document.slots.iter().enumerate().map(|(index, (id, _))| (id.as_str(), index)).collect();
    // From the tier up to one whose annotations have slots of their own.
    let mut chain = vec![tier];
    let mut seen = HashSet::from([tier.name.as_str()]);
    while let Some(refers) = chain.last().filter(|tier| has_references(tier)) {
        let name = &refers.name;
        let parent = refers.parent.as_deref().ok_or_else(|| {
            format!("annotations of the tier {name:?} refer to others, but it names no parent tier")
        })?;
        let parent = tiers.get(parent).ok_or_else(|| {
            format!("the tier {name:?} names the parent {parent:?}, which is not in the file")
        })?;
        if !seen.insert(&parent.name) {
            return Err(format!("the tier {name:?} is its own ancestor"));
        }
        chain.push(parent);
    }
    let mut spans: Vec<Span> = Vec::new();
    let mut above: Option<&EafTier> = None;
    for tier in chain.into_iter().rev() {
        let of_parent: HashMap<&str, Span> = above
            .map(|above| above.annotations.iter().map(|a| a.id.as_str()).zip(spans.iter().copied()).collect())
            .unwrap_or_default();
        let is_association = document
            .constraints
            .get(&tier.linguistic_type)
            .is_some_and(|constraint| constraint == "Symbolic_Association");
        let slots = slot_times(document, &order, tier)?;
        let shares = if is_association { HashMap::new() } else { shares(tier)? };
        let span = |annotation: &EafAnnotation| match &annotation.place {
            Place::Slots(begin, end) => {
                let time = |slot: &str| {
                    slots.get(slot).copied().ok_or_else(|| {
                        format!(
                            "line {}: the time slot {slot:?} has no time, nor have its neighbours",
                            annotation.line
                        )
                    })
                };
                let (begin, end) = (time(begin)?, time(end)?);
                if end < begin {
                    return Err(format!("line {}: the annotation ends before it begins", annotation.line));
                }
                Ok((begin, end))
            }
            Place::Of { parent, .. } => {
                let (begin, end) = of_parent.get(parent.as_str()).copied().ok_or_else(|| {
                    format!(
                        "line {}: refers to annotation {parent:?}, which is not on the parent tier",
                        annotation.line
                    )
                })?;
                let (index, count) = shares.get(annotation.id.as_str()).copied().unwrap_or((0, 1));
                let at = |share: usize| begin + (end - begin) * share as f64 / count as f64;
                Ok((at(index), at(index + 1)))
            }
        };
        spans = tier.annotations.iter().map(span).collect::<Result<_, String>>()?;
        above = Some(tier);
    }
    Ok(spans)
}

fn has_references(tier: &EafTier) -> bool {
    tier.annotations.iter().any(|annotation| matches!(annotation.place, Place::Of { .. }))
}

/// Times of the slots that a tier uses, those without one between their neighbours.
fn slot_times<'a>(
    document: &'a EafDocument,
    order: &HashMap<&str, usize>,
    tier: &EafTier,
) -> Result<HashMap<&'a str, f64>, String> {
    let mut used = Vec::new();
    for annotation in &tier.annotations {
        let Place::Slots(begin, end) = &annotation.place else { continue };
        for slot in [begin, end] {
            let index = order.get(slot.as_str());
            let missing = || format!("line {}: the time slot {slot:?} is not in the file", annotation.line);
            used.push(*index.ok_or_else(missing)?);
        }
    }
    used.sort_unstable();
    used.dedup();
    let slots: Vec<(&str, Option<f64>)> = used
        .into_iter()
        .filter_map(|index| document.slots.get(index))
        .map(|(id, ms)| (id.as_str(), ms.map(|ms| ms as f64)))
        .collect();
    let mut times = HashMap::new();
    // The last slot with a time, and where it stands.
    let mut before: Option<(usize, f64)> = None;
    for (index, (id, ms)) in slots.iter().enumerate() {
        let Some(ms) = *ms else { continue };
        if let Some((from, start)) = before {
            for (step, (between, _)) in slots[from + 1..index].iter().enumerate() {
                let share = (step + 1) as f64 / (index - from) as f64;
                times.insert(*between, start + (ms - start) * share);
            }
        }
        times.insert(*id, ms);
        before = Some((index, ms));
    }
    Ok(times)
}

/// For each annotation that refers to a parent: which part it is of how many, in the order that `PREVIOUS_ANNOTATION`
/// gives.
fn shares(tier: &EafTier) -> Result<HashMap<&str, (usize, usize)>, String> {
    let mut after: HashMap<&str, &str> = HashMap::new();
    let mut first: Vec<&str> = Vec::new();
    let mut is_used = HashSet::new();
    for annotation in &tier.annotations {
        let Place::Of { previous, .. } = &annotation.place else { continue };
        match previous {
            None => first.push(&annotation.id),
            Some(previous) => {
                if after.insert(previous, &annotation.id).is_some() {
                    return Err(format!("line {}: two annotations follow {previous:?}", annotation.line));
                }
            }
        }
    }
    let mut shares = HashMap::new();
    for id in first {
        let mut row = vec![id];
        while let Some(next) = row.last().and_then(|last| after.get(last)) {
            row.push(next);
        }
        let count = row.len();
        for (index, id) in row.into_iter().enumerate() {
            is_used.insert(id);
            shares.insert(id, (index, count));
        }
    }
    match after.values().find(|id| !is_used.contains(*id)) {
        Some(id) => Err(format!("annotation {id:?} follows one that is not in the file, or follows itself")),
        None => Ok(shares),
    }
}
