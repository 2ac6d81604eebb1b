//! Opens what a path names: a recorded session, a video, a picture, a folder of pictures.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::capture::{SessionClock, Source, SourceSpec, open_source};
use crate::session::{Identities, SessionReader};

/// Keys for encrypted sessions.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct IdentityArgs {
    /// Key file (as `age-keygen` makes it) that opens encrypted sessions; may be given several times.
    #[arg(long, value_name = "FILE")]
    identity: Vec<PathBuf>,
}

impl IdentityArgs {
    /// The keys.
    pub(super) fn load(&self) -> Result<Identities> {
        Ok(Identities::load(&self.identity)?)
    }
}

/// Opens a session as if its camera were there, or any other path. `fps` is for folders of pictures without times.
pub(super) fn open_path(
    path: &Path,
    fps: Option<f64>,
    identities: &IdentityArgs,
    clock: SessionClock,
) -> Result<Box<dyn Source>> {
    if !SessionReader::is_session(path) {
        return Ok(open_source(&SourceSpec::Path { path: path.to_owned(), fps }, clock)?);
    }
    let identities = identities.load()?;
    let reader = SessionReader::open(path, &identities)?;
    Ok(Box::new(reader.source(&identities)?))
}

/// Each folder that holds session folders becomes these; everything else stays.
pub(super) fn with_sessions_found(paths: &[PathBuf]) -> Vec<PathBuf> {
    let found = |path: &PathBuf| match SessionReader::find(path) {
        Ok(sessions) if path.is_dir() => sessions,
        _ => vec![path.clone()],
    };
    paths.iter().flat_map(found).collect()
}
