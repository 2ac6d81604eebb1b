//! A corpus as it is distributed, as examples: its events, or their apex frames.

use std::path::Path;
use std::sync::Arc;

use super::draft::Found;
use super::scheme::Said;
use super::{Clip, Example, Media, OpenParams, Unit};
use crate::dataset::DatasetError;
use crate::dataset::corpora::{self, Corpus, CorpusKind, Valence};

/// Reads a corpus.
///
/// # Errors
/// [`DatasetError`]: no coding table, or one that is not in order.
pub(super) fn read(kind: CorpusKind, path: &Path, params: &OpenParams) -> Result<Found, DatasetError> {
    let corpus = kind.facts();
    let read = corpora::read(kind, path)?;
    let mut found = Found::default();
    for one in read.left_out {
        found.leave_out(one.name, one.why);
    }
    for event in read.events {
        let said = said(corpus, &event.emotion, &event.category);
        let media = match media_of(event.clip, params.unit) {
            Ok(media) => media,
            Err(why) => {
                found.leave_out(event.name, why);
                continue;
            }
        };
        let example = Example {
            name: event.name,
            subject: event.subject,
            class: 0,
            shares: None,
            part: event.part.to_owned(),
            corpus: corpus.title.to_owned(),
            gender: event.gender,
            stimulus: String::new(),
            kind: "micro".to_owned(),
            emotion: event.emotion,
            action_units: event.action_units,
            media,
        };
        found.take(example, &said, params.classes);
    }
    Ok(found)
}

fn media_of(clip: Clip, unit: Unit) -> Result<Media, String> {
    match unit {
        Unit::Clip if clip.apex == clip.onset => {
            Err("its apex is its onset frame: there is no motion between them".to_owned())
        }
        Unit::Clip => Ok(Media::Clip(Arc::new(clip))),
        Unit::Picture => match clip.frames.into_iter().nth(clip.apex) {
            Some(gray) => Ok(Media::Picture { gray, colour: None }),
            None => Err("its apex frame is not there".to_owned()),
        },
    }
}

/// What the corpus's words mean. Where its table has a category too, this is the class of MEGC 2019.
fn said(corpus: &Corpus, emotion: &str, category: &str) -> Said {
    let word = emotion.trim().to_lowercase();
    let known = corpus.emotion(emotion);
    let category = category.trim().to_lowercase();
    let valence = if category.is_empty() {
        known.and_then(|known| known.valence)
    } else {
        Valence::ALL.into_iter().find(|valence| valence.name() == category)
    };
    Said {
        word: known.and_then(|known| known.words.first()).map_or(word, |name| (*name).to_owned()),
        label: known.and_then(|known| known.label),
        valence,
        masked: None,
    }
}
