//! Opens what a path names: a recorded session, a video, a picture, a folder of pictures.

use std::path::{Path, PathBuf};

use super::AnalysisError;
use crate::capture::{SessionClock, Source, SourceSpec, open_source};
use crate::session::{Identities, SessionReader};

/// Says so where nothing is at `path`.
///
/// # Errors
/// [`AnalysisError::Missing`].
pub fn require(path: &Path) -> Result<(), AnalysisError> {
    if path.exists() { Ok(()) } else { Err(AnalysisError::Missing { path: path.to_owned() }) }
}

/// Opens a session as if its camera were there, or any other path. `fps` is for folders of pictures without times;
/// `identities` are paths of key files for encrypted sessions, read only where the path is a session.
///
/// # Errors
/// [`AnalysisError::Capture`], [`AnalysisError::Session`].
pub fn open_path(
    path: &Path,
    fps: Option<f64>,
    identities: &[PathBuf],
    clock: SessionClock,
) -> Result<Box<dyn Source>, AnalysisError> {
    if !SessionReader::is_session(path) {
        return Ok(open_source(&SourceSpec::Path { path: path.to_owned(), fps }, clock)?);
    }
    let identities = Identities::load(identities)?;
    let reader = SessionReader::open(path, &identities)?;
    Ok(Box::new(reader.source(&identities)?))
}

/// Each folder that holds session folders becomes these; everything else stays.
pub fn with_sessions_found(paths: &[PathBuf]) -> Vec<PathBuf> {
    let found = |path: &PathBuf| match SessionReader::find(path) {
        Ok(sessions) if path.is_dir() => sessions,
        _ => vec![path.clone()],
    };
    paths.iter().flat_map(found).collect()
}
