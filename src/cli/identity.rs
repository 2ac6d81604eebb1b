//! `--identity`: the keys that open encrypted sessions.

use std::path::PathBuf;

use anyhow::Result;

use crate::session::Identities;

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

    /// Where they are.
    pub(super) fn paths(&self) -> &[PathBuf] {
        &self.identity
    }
}
