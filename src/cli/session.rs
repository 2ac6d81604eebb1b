//! `onset session`: what is done with recorded sessions.

use anyhow::Result;
use clap::Subcommand;

use super::{session_check, session_withdraw};

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
    /// Remove everything of a participant from sessions and datasets; lists it and asks first.
    Withdraw(session_withdraw::Args),
}

/// Runs `onset session`.
pub(super) fn run(args: Args) -> Result<()> {
    match args.command {
        Command::Check(args) => session_check::run(args),
        Command::Withdraw(args) => session_withdraw::run(args),
    }
}
