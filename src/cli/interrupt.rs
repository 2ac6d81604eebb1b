//! Ctrl-C: asks the running command to finish what it is at, cleanly.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use anyhow::{Context, Result};

static IS_ASKED: AtomicBool = AtomicBool::new(false);
static INSTALLED: OnceLock<Result<(), ctrlc::Error>> = OnceLock::new();

/// From now on the first Ctrl-C (or SIGTERM) sets [`is_asked`]; a second one ends the program at once.
pub(super) fn install() -> Result<()> {
    let installed = INSTALLED.get_or_init(|| {
        ctrlc::set_handler(|| {
            if IS_ASKED.swap(true, Relaxed) {
                std::process::exit(130);
            }
        })
    });
    installed.as_ref().map_err(|error| anyhow::anyhow!("{error}")).context("cannot catch Ctrl-C").copied()
}

/// True once the user wants to stop.
pub(super) fn is_asked() -> bool {
    IS_ASKED.load(Relaxed)
}
