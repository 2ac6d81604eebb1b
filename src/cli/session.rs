//! `onset session`: what is done with sessions that were recorded.

use anyhow::Result;
use clap::Subcommand;

use super::{session_export, session_import};

/// Options of `onset session`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write steps, events, markers and codings for other programs: ELAN, tab-separated, WebVTT, CSV.
    Export(session_export::Args),
    /// Take over codings that a person made in ELAN or as a CSV table.
    Import(session_import::Args),
}

/// Runs the subcommand.
pub(super) fn run(args: Args) -> Result<()> {
    match args.command {
        Command::Export(args) => session_export::run(args),
        Command::Import(args) => session_import::run(args),
    }
}
