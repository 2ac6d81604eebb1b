//! `onset live`.

use anyhow::Result;

/// Options of `onset live`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

/// Runs the subcommand.
pub(super) fn run(_args: Args) -> Result<()> {
    anyhow::bail!("not yet written")
}
