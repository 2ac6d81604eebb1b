//! Pictures that may become parts of composites: of a corpus with crowd votes, or of a table of photos.

use std::path::Path;

use super::kind::PARTS;
use crate::dataset::{Part, Votes};
use crate::synth::SynthError;
use crate::types::Label;

/// Share of the votes from which a picture shows its label plainly.
pub const CLEAR_SHARE: f32 = 0.6;

/// A labelled picture, not yet decoded.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// File name in its corpus, or path as the table has it: the name in `chimeras.csv`.
    pub name: String,
    /// What it shows.
    pub label: Label,
    /// The file as it is.
    pub bytes: Vec<u8>,
}

/// The pictures of a part that most people gave one of the labels that composites need.
///
/// # Errors
/// [`SynthError::NoChimera`] where there is none.
pub fn candidates_of_part(part: &Part) -> Result<Vec<Candidate>, SynthError> {
    let candidates: Vec<Candidate> = part
        .pictures
        .iter()
        .filter_map(|picture| {
            let label = PARTS.into_iter().find(|label| share(picture.votes, *label) >= CLEAR_SHARE)?;
            Some(Candidate { name: picture.name.clone(), label, bytes: picture.bytes().to_vec() })
        })
        .collect();
    if candidates.is_empty() {
        return Err(SynthError::NoChimera(format!(
            "{}: none of its {} pictures has at least {:.0} % of its votes for happiness, sadness, anger or neutral; \
             choose another --part",
            part.path.display(),
            part.pictures.len(),
            100.0 * CLEAR_SHARE
        )));
    }
    Ok(candidates)
}

fn share(votes: Votes, label: Label) -> f32 {
    let sum: u32 = votes.0.iter().sum();
    votes.0[label.index()] as f32 / sum.max(1) as f32
}

/// The photos that a table lists: columns `path` (relative to the table) and `label`, others are passed over.
///
/// # Errors
/// [`SynthError::File`] and [`SynthError::Row`] naming the file and line at fault; [`SynthError::NoChimera`] for a table without rows.
pub fn candidates_of_table(path: &Path) -> Result<Vec<Candidate>, SynthError> {
    let wrong = |line: u64, why: String| SynthError::Row { path: path.to_owned(), line, why };
    let bytes = std::fs::read(path).map_err(|error| SynthError::file(path, &error))?;
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes.as_slice());
    let headers = reader.headers().map_err(|error| wrong(1, error.to_string()))?.clone();
    let column = |name: &str| {
        headers.iter().position(|header| header == name).ok_or_else(|| {
            let found = headers.iter().collect::<Vec<_>>().join(", ");
            wrong(1, format!("there is no column `{name}` (the header has `{found}`); give path,label"))
        })
    };
    let (path_at, label_at) = (column("path")?, column("label")?);
    let dir = path.parent().unwrap_or(Path::new(""));
    let mut candidates: Vec<Candidate> = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| {
            let line = error.position().map_or(0, csv::Position::line);
            wrong(line, format!("{error}; write it again as CSV in UTF-8"))
        })?;
        let line = record.position().map_or(0, csv::Position::line);
        let name = record[path_at].to_owned();
        let label = PARTS.into_iter().find(|label| label.name() == &record[label_at]).ok_or_else(|| {
            let known = PARTS.map(Label::name).join(", ");
            wrong(
                line,
                format!(
                    "`{}` is no label that composites are made of; choose from {known}",
                    &record[label_at]
                ),
            )
        })?;
        if candidates.iter().any(|candidate| candidate.name == name) {
            return Err(wrong(line, format!("{name} is listed twice; keep one of the rows")));
        }
        let bytes = std::fs::read(dir.join(&name)).map_err(|error| {
            wrong(line, format!("{}: {error}; paths are relative to the table", dir.join(&name).display()))
        })?;
        candidates.push(Candidate { name, label, bytes });
    }
    if candidates.is_empty() {
        return Err(SynthError::NoChimera(format!(
            "{}: it lists no photo; give rows of path,label",
            path.display()
        )));
    }
    Ok(candidates)
}
