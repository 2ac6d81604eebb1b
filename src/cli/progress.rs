//! The progress bar of work that is counted in pieces.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar with its name, how many of `count` are done, the time that is left, and a message if one is set.
pub(super) fn counted(count: u64, what: &str) -> ProgressBar {
    let style = ProgressStyle::with_template("{prefix} {wide_bar} {pos}/{len}  {eta} left  {msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(count).with_style(style).with_prefix(what.to_owned())
}
