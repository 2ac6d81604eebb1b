//! FER+ as examples: the class is what most people said, the shares are how often they said each.

use std::path::Path;
use std::sync::Arc;

use super::draft::Found;
use super::scheme::Said;
use super::{ClassScheme, Example, Media, OpenParams, Unit};
use crate::dataset::{DatasetError, Majority, Part, Votes, pictures};
use crate::types::Label;

/// Parts that are read where none is asked for.
const PARTS: [&str; 3] = ["train", "valid", "test"];

/// Reads one part, or all three as far as they are there.
///
/// # Errors
/// As [`Part::read`]; [`DatasetError::Unfit`] where clips are wanted.
pub(super) fn read(dir: &Path, params: &OpenParams) -> Result<Found, DatasetError> {
    if params.unit == Unit::Clip {
        return Err(DatasetError::Unfit {
            path: dir.to_owned(),
            why: "FER+ has single pictures, and events are wanted; choose a network for pictures, or other data".to_owned(),
        });
    }
    let scheme = match params.classes {
        ClassScheme::AsFound => ClassScheme::Eight,
        scheme => scheme,
    };
    let mut found = Found::default();
    if scheme == ClassScheme::Eight {
        for label in Label::ALL {
            found.know_class(label.name().to_owned());
        }
    }
    let parts: Vec<&str> = match &params.part {
        Some(part) => vec![part],
        None => {
            let there: Vec<&str> =
                PARTS.into_iter().filter(|part| pictures::find(dir, part).is_ok()).collect();
            if there.is_empty() { vec![PARTS[0]] } else { there }
        }
    };
    for part in parts {
        read_part(dir, part, scheme, &mut found)?;
    }
    Ok(found)
}

fn read_part(dir: &Path, part: &str, scheme: ClassScheme, found: &mut Found) -> Result<(), DatasetError> {
    let read = Part::read(dir, part)?;
    for name in read.unlisted {
        found.leave_out(format!("{part}/{name}"), "labels.csv does not list it");
    }
    for name in read.missing {
        found.leave_out(format!("{part}/{name}"), "labels.csv lists it, and it is not there");
    }
    for picture in &read.pictures {
        let name = format!("{part}/{}", picture.name);
        match judged(&picture.votes, scheme) {
            Err(why) => found.leave_out(name, why),
            Ok((label, shares)) => {
                let example = Example {
                    name,
                    subject: String::new(),
                    class: 0,
                    shares: Some(shares),
                    part: part.to_owned(),
                    corpus: "FER+".to_owned(),
                    gender: String::new(),
                    stimulus: String::new(),
                    kind: String::new(),
                    emotion: label.name().to_owned(),
                    action_units: String::new(),
                    media: Media::Packed(Arc::from(picture.bytes())),
                };
                found.take(example, &Said::of_label(label), scheme);
            }
        }
    }
    Ok(())
}

/// What most said, and the share of each class of the scheme among the votes for any of them.
fn judged(votes: &Votes, scheme: ClassScheme) -> Result<(Label, Vec<f32>), String> {
    let label = match votes.majority() {
        Majority::Label(label) => label,
        Majority::Tie => return Err("two labels share the first place".to_owned()),
        Majority::Unknown => return Err("most people could not tell, or saw no face".to_owned()),
    };
    let Some(distribution) = votes.distribution() else {
        return Err("no label has the votes of two people and more than `unknown`".to_owned());
    };
    let classes = scheme.classes().unwrap_or_default();
    let mut shares = vec![0.0f32; classes.len()];
    for (label, share) in Label::ALL.into_iter().zip(distribution) {
        let class = scheme.class_of(&Said::of_label(label)).ok();
        let place = class.and_then(|class| classes.iter().position(|name| *name == class));
        if let Some(sum) = place.and_then(|place| shares.get_mut(place)) {
            *sum += share;
        }
    }
    let sum: f32 = shares.iter().sum();
    if sum > 0.0 {
        shares.iter_mut().for_each(|share| *share /= sum);
    }
    Ok((label, shares))
}
