//! `onset session`: what is done with sessions that were recorded.

use anyhow::Result;
use clap::Subcommand;

use super::session_withdraw;

/// Options of `onset session`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Remove everything of a participant from sessions and datasets; lists it and asks first.
    Withdraw(session_withdraw::Args),
}

/// Runs the subcommand.
pub(super) fn run(args: Args) -> Result<()> {
    match args.command {
        Command::Withdraw(args) => session_withdraw::run(args),
    }
}
