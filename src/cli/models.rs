//! `onset models`.

use anyhow::Result;

/// Options of `onset models`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

/// Runs the subcommand.
pub(super) fn run(_args: Args) -> Result<()> {
    anyhow::bail!("not yet written")
}
