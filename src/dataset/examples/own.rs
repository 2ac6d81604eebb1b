//! Onset's own datasets as examples: their manifest says everything (docs/dataset.md).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::draft::Found;
use super::scheme::Said;
use super::{Clip, Example, Media, OpenParams, Unit};
use crate::dataset::{DatasetError, MANIFEST_CSV, Role, Sample, files, read_manifest};

/// Reads `manifest.csv` of a dataset's folder (or the file itself).
///
/// # Errors
/// [`DatasetError::Manifest`].
pub(super) fn read(path: &Path, params: &OpenParams) -> Result<Found, DatasetError> {
    let manifest = if path.is_dir() { path.join(MANIFEST_CSV) } else { path.to_owned() };
    let dir = manifest.parent().unwrap_or(Path::new("")).to_owned();
    let mut samples = read_manifest(&manifest)?;
    samples.retain(|sample| params.kind.is_none_or(|kind| sample.kind == kind));
    let mut found = Found::default();
    match params.unit {
        Unit::Picture => {
            for sample in samples.iter().filter(|sample| params.roles.contains(&sample.role)) {
                match media_of(&dir, sample) {
                    Ok(media) => {
                        let said = Said::of_word(&sample.label);
                        let example = example_of(&dir, sample, sample.sample.clone(), media);
                        found.take(example, &said, params.classes);
                    }
                    Err(why) => found.leave_out(sample.sample.clone(), why),
                }
            }
        }
        Unit::Clip => {
            let mut events: BTreeMap<&str, Vec<&Sample>> = BTreeMap::new();
            for sample in samples.iter().filter(|sample| !sample.event.is_empty()) {
                events.entry(&sample.event).or_default().push(sample);
            }
            for (event, samples) in events {
                match clip_of(&dir, event, &samples) {
                    Ok((apex, clip)) => {
                        let said = Said::of_word(&apex.label);
                        let media = Media::Clip(Arc::new(clip));
                        let example = example_of(&dir, apex, event.to_owned(), media);
                        found.take(example, &said, params.classes);
                    }
                    Err(why) => found.leave_out(event, why),
                }
            }
        }
    }
    Ok(found)
}

fn example_of(dir: &Path, sample: &Sample, name: String, media: Media) -> Example {
    Example {
        name,
        subject: sample.participant.clone(),
        class: 0,
        shares: None,
        part: String::new(),
        corpus: dir.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        gender: sample.gender.clone(),
        stimulus: sample.stimulus.clone(),
        kind: sample.kind.name().to_owned(),
        emotion: sample.label.clone(),
        action_units: sample.action_units.clone(),
        media,
    }
}

fn media_of(dir: &Path, sample: &Sample) -> Result<Media, String> {
    let gray = crop(dir, &sample.path)?;
    // A lab may have kept the gray crops only.
    let colour = Some(dir.join(&sample.path_colour)).filter(|path| path.is_file());
    Ok(Media::Picture { gray, colour })
}

fn crop(dir: &Path, path: &str) -> Result<PathBuf, String> {
    let file = dir.join(path);
    if file.is_file() {
        Ok(file)
    } else {
        Err(format!("{path} is not there; copy it back, or take its row out of {MANIFEST_CSV}"))
    }
}

/// The crops of an event, and its apex sample.
fn clip_of<'a>(dir: &Path, event: &str, samples: &[&'a Sample]) -> Result<(&'a Sample, Clip), String> {
    let of = |role: Role| samples.iter().copied().find(|sample| sample.role == role);
    let (Some(onset), Some(apex)) = (of(Role::Onset), of(Role::Apex)) else {
        return Err(
            "the event has no sample at its onset or none at its apex (left_out.csv says why)".to_owned()
        );
    };
    let mut frames = vec![crop(dir, &onset.path)?, crop(dir, &apex.path)?];
    let offset = of(Role::Offset).and_then(|offset| crop(dir, &offset.path).ok());
    frames.extend(offset);
    let traces = dir.join(files::CANDIDATES).join(event).join("clip.json");
    let clip = Clip {
        offset: (frames.len() > 2).then_some(2),
        frames,
        onset: 0,
        apex: 1,
        fps: 0.0,
        traces: traces.is_file().then_some(traces),
    };
    Ok((apex, clip))
}
