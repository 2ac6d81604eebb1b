//! What page and server say to each other, as JSON.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::candidate::ClipFrame;
use super::{Candidate, Coding, Op, Proposal};

/// Changes that a page sends, in the order in which they were made.
#[derive(Debug, Deserialize)]
pub(super) struct Batch {
    /// The open page: a random name.
    pub(super) client: String,
    /// The revision that it has seen.
    pub(super) seen: u64,
    pub(super) ops: Vec<Change>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Change {
    /// Number within the page, from 1, rising: what is sent twice is done once.
    pub(super) n: u64,
    #[serde(flatten)]
    pub(super) op: Op,
}

/// What came of it.
#[derive(Debug, Serialize)]
pub(super) struct Answer {
    pub(super) revision: u64,
    /// Codings that changed since the revision that the page had seen.
    pub(super) changed: BTreeMap<String, Coding>,
    /// The candidate of the last change: where an undo leads.
    pub(super) touched: Option<String>,
    pub(super) undo: usize,
    pub(super) redo: usize,
    pub(super) refused: Vec<Refusal>,
    /// Saved, but something beside it failed.
    pub(super) warning: Option<String>,
}

/// A change that makes no sense.
#[derive(Debug, Serialize)]
pub(super) struct Refusal {
    pub(super) n: u64,
    /// In words for the coder.
    pub(super) why: String,
}

/// Everything that a page needs to begin.
#[derive(Debug, Serialize)]
pub(super) struct State<'a> {
    pub(super) coder: &'a str,
    pub(super) dataset: &'a str,
    pub(super) is_blind: bool,
    pub(super) labels: &'a [&'a str],
    pub(super) ids: Vec<&'a str>,
    pub(super) codings: BTreeMap<&'a String, &'a Coding>,
    pub(super) revision: u64,
    pub(super) undo: usize,
    pub(super) redo: usize,
    pub(super) notices: &'a [String],
}

/// A clip as the page sees it. Stimulus and step stay away: their names tell which expression was asked for.
#[derive(Debug, Serialize)]
pub(super) struct Clip<'a> {
    pub(super) id: &'a str,
    pub(super) session: Option<&'a str>,
    pub(super) frames: &'a [ClipFrame],
    pub(super) traces: &'a BTreeMap<String, Vec<Option<f64>>>,
    pub(super) trace_t_s: &'a [f64],
    pub(super) proposal: Option<&'a Proposal>,
}

impl<'a> Clip<'a> {
    pub(super) fn of(candidate: &'a Candidate, is_blind: bool) -> Self {
        Self {
            id: &candidate.id,
            session: Some(candidate.session.as_str()).filter(|session| !session.is_empty() && !is_blind),
            frames: &candidate.frames,
            traces: &candidate.traces,
            trace_t_s: &candidate.trace_t_s,
            // Without a score it is not the spotter's: in a dataset that was built anew, it is what another coder said.
            proposal: candidate.proposal.as_ref().filter(|proposal| !is_blind && proposal.score.is_some()),
        }
    }
}
