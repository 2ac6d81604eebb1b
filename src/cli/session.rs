//! `onset session`: what is done with recorded sessions.

use anyhow::Result;
use clap::Subcommand;

use super::{session_check, session_export, session_import, session_withdraw};

/// Options of `onset session`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Say what a session holds, and repair one that was broken off.
    Check(session_check::Args),
    /// Write steps, events, markers and codings for other programs: ELAN, tab-separated, WebVTT, CSV.
    Export(session_export::Args),
    /// Take over codings that a person made in ELAN or as a CSV table.
    Import(session_import::Args),
    /// Remove everything of a participant from sessions and datasets; lists it and asks first.
    Withdraw(session_withdraw::Args),
}

/// Runs `onset session`.
pub(super) fn run(args: Args) -> Result<()> {
    match args.command {
        Command::Check(args) => session_check::run(args),
        Command::Export(args) => session_export::run(args),
        Command::Import(args) => session_import::run(args),
        Command::Withdraw(args) => session_withdraw::run(args),
    }
}
