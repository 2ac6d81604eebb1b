//! `onset dataset label`: the page on which a person codes candidates, until Ctrl-C.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::Result;

use super::print::print;
use super::{UsageError, interrupt};
use crate::capture::SessionClock;
use crate::dataset::label::{LabelError, Options, Server, serve};

/// Options of `onset dataset label`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The dataset: a folder with candidates/ in it.
    #[arg(value_name = "DS")]
    dataset: PathBuf,
    /// Your name or pseudonym: letters, digits, - and _. Your work is codings/NAME.jsonl and NAME.csv.
    #[arg(long, value_name = "NAME")]
    coder: String,
    /// The page's port on 127.0.0.1; 0 takes any that is free.
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    port: u16,
    /// Hide what the spotter proposes, so that it does not lead you.
    #[arg(long)]
    blind: bool,
    /// Only print the page's address, don't open a browser.
    #[arg(long)]
    no_open: bool,
    /// Print the address as JSON, for machines.
    #[arg(long)]
    json: bool,
}

/// Runs `onset dataset label`.
pub(super) fn run(args: &Args) -> Result<()> {
    if !args.dataset.is_dir() {
        return Err(UsageError(format!(
            "{}: there is no such folder; give a dataset that `onset dataset build` made",
            args.dataset.display()
        ))
        .into());
    }
    interrupt::install()?;
    let options = Options { port: args.port, is_blind: args.blind, clock: SessionClock::start() };
    let server = Server::bind(&args.dataset, &args.coder, options).map_err(|error| match error {
        LabelError::CoderName { .. } => UsageError(error.to_string()).into(),
        other => anyhow::Error::from(other),
    })?;
    server.notices().iter().for_each(|notice| eprintln!("onset: {notice}"));
    let url = server.url();
    let (labelled, candidates) = server.progress();
    let text = if args.json {
        serde_json::json!({
            "url": url, "coder": args.coder, "blind": args.blind, "labelled": labelled, "candidates": candidates,
        })
        .to_string()
            + "\n"
    } else {
        format!("{url}\n")
    };
    print(&text)?;
    if !args.json {
        eprintln!(
            "{}: {labelled} of {candidates} labelled. Open the address above; Ctrl-C ends it.",
            args.coder
        );
    }
    if !args.no_open {
        open_browser(&url);
    }
    serve(&server, interrupt::is_asked)?;
    let (labelled, _) = server.progress();
    eprintln!("{}: {labelled} of {candidates} labelled; everything is saved.", args.coder);
    Ok(())
}

/// Asks the desktop to show the page. Where it can't, the printed address is enough.
fn open_browser(url: &str) {
    let program = if cfg!(target_os = "macos") {
        "open"
    } else if cfg!(windows) {
        "explorer"
    } else {
        let has_display = ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some());
        if !has_display {
            return;
        }
        "xdg-open"
    };
    let mut command = Command::new(program);
    command.arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if let Err(error) = command.spawn() {
        eprintln!("onset: cannot open a browser ({program}: {error}); open the address by hand");
    }
}
