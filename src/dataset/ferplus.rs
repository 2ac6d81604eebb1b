//! One part of a corpus in the form of FER+: `labels.csv` with crowd votes, and the pictures.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use image::GrayImage;

use super::votes::{VOTE_COUNT, vote_names};
use super::{DatasetError, Votes, pictures};

/// One picture with its votes.
#[derive(Clone, Debug)]
pub struct Picture {
    /// File name.
    pub name: String,
    /// What people said.
    pub votes: Votes,
    bytes: Vec<u8>,
}

/// One part.
#[derive(Clone, Debug)]
pub struct Part {
    /// The archive or folder.
    pub path: PathBuf,
    /// Pictures that are listed and there, in the order of their names.
    pub pictures: Vec<Picture>,
    /// Names of pictures that `labels.csv` does not list: left out.
    pub unlisted: Vec<String>,
    /// Names that `labels.csv` lists, under a usage that this part has, and that are not there.
    pub missing: Vec<String>,
}

impl Part {
    /// Reads `labels.csv` and the pictures of one part. Nothing is decoded yet.
    ///
    /// # Arguments
    /// * `dir`: the folder with `labels.csv` (columns `Usage`, `Image name`, the eight labels, `unknown`, `NF`, in any
    ///   order; rows without a name are passed over, as FER+ has for pictures that were taken out).
    /// * `part`: the pictures are in `PART.tar.gz`, `PART.tar` or the folder `PART`.
    ///
    /// # Errors
    /// [`DatasetError`] naming the file and line at fault.
    pub fn read(dir: &Path, part: &str) -> Result<Self, DatasetError> {
        let labels = dir.join("labels.csv");
        let rows = read_labels(&labels)?;
        let path = pictures::find(dir, part)?;
        let found = pictures::read(&path)?;
        let count = found.len();
        let (mut listed, mut unlisted) = (Vec::new(), Vec::new());
        for (name, bytes) in found {
            match rows.get(&name) {
                Some(row) => listed.push(Picture { name, votes: row.votes, bytes }),
                None => unlisted.push(name),
            }
        }
        if listed.is_empty() {
            return Err(DatasetError::NothingListed { path, labels, pictures: count });
        }
        let there: BTreeSet<&str> = listed.iter().map(|picture| picture.name.as_str()).collect();
        let usages: BTreeSet<&str> = there.iter().map(|name| rows[*name].usage.as_str()).collect();
        let is_missing = |name: &str, row: &Row| usages.contains(row.usage.as_str()) && !there.contains(name);
        let mut missing: Vec<String> =
            rows.iter().filter(|(name, row)| is_missing(name, row)).map(|(name, _)| name.clone()).collect();
        missing.sort();
        Ok(Self { path, pictures: listed, unlisted, missing })
    }

    /// Decodes one of its pictures.
    ///
    /// # Errors
    /// [`DatasetError::Picture`] where that is not possible.
    pub fn decode(&self, picture: &Picture) -> Result<GrayImage, DatasetError> {
        image::load_from_memory(&picture.bytes).map(|decoded| decoded.into_luma8()).map_err(|error| {
            DatasetError::Picture {
                path: self.path.clone(),
                name: picture.name.clone(),
                why: error.to_string(),
            }
        })
    }
}

impl Picture {
    /// The file as it is.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

struct Row {
    usage: String,
    votes: Votes,
}

fn read_labels(path: &Path) -> Result<HashMap<String, Row>, DatasetError> {
    let wrong = |line: u64, why: String| DatasetError::Labels { path: path.to_owned(), line, why };
    let file = std::fs::File::open(path).map_err(|error| DatasetError::file(path, &error))?;
    let mut reader = csv::Reader::from_reader(file);
    let headers = reader.headers().map_err(|error| wrong(1, error.to_string()))?.clone();
    let column = |name: &str| {
        headers.iter().position(|header| header.trim() == name).ok_or_else(|| {
            let found = headers.iter().collect::<Vec<_>>().join(", ");
            wrong(1, format!("there is no column `{name}`; the header has {found}"))
        })
    };
    let (usage_at, name_at) = (column("Usage")?, column("Image name")?);
    let mut votes_at = [0; VOTE_COUNT];
    for (at, name) in votes_at.iter_mut().zip(vote_names()) {
        *at = column(name)?;
    }
    let mut rows = HashMap::new();
    for record in reader.records() {
        let record = record.map_err(|error| {
            let line = error.position().map_or(0, csv::Position::line);
            wrong(line, format!("{error}; write it again as CSV in UTF-8"))
        })?;
        let line = record.position().map_or(0, csv::Position::line);
        let name = record[name_at].trim();
        if name.is_empty() {
            continue;
        }
        let mut votes = [0; VOTE_COUNT];
        for ((vote, at), what) in votes.iter_mut().zip(votes_at).zip(vote_names()) {
            *vote = record[at].trim().parse().map_err(|_| {
                wrong(line, format!("column {what}: `{}` is not a number of votes", &record[at]))
            })?;
        }
        let row = Row { usage: record[usage_at].trim().to_owned(), votes: Votes(votes) };
        // FER+ itself lists some pictures twice, with the same votes.
        if let Some(before) = rows.insert(name.to_owned(), row)
            && before.votes != Votes(votes)
        {
            return Err(wrong(
                line,
                format!("{name} is listed twice with different votes; keep one of the rows"),
            ));
        }
    }
    Ok(rows)
}
