//! `onset dataset label`: a page on this machine where a person goes through candidates and codes them.
//!
//! [`Candidate`] is what a coder sees; [`Coding`] what a coder says of it; [`Workbook`] all that one coder said, rebuilt from
//! a journal of one line a keystroke; [`Desk`] the files of one coder, locked while they are open; [`serve`] the page.
//! Everything runs on the thread that calls it: one person types slower than one thread works.

mod au;
mod candidate;
mod clip_file;
mod coding;
mod csv_file;
mod desk;
mod error;
mod guard;
mod journal;
mod server;
#[cfg(test)]
mod test_journal;
mod token;
mod wire;
mod workbook;

pub use candidate::{Candidate, Candidates, Proposal};
pub use coding::{Coding, LABELS, NO_EVENT, Patch};
pub use desk::Desk;
pub use error::LabelError;
pub use journal::{Entry, Op, Read as JournalRead, read as read_journal};
pub use server::{Options, Server, serve};
pub use token::Token;
pub use workbook::Workbook;
