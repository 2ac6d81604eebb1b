//! What the detectors propose, brought together: one candidate for what moved at the same time.

use super::detector::{Proposal, Stage};
use crate::types::{REGION_COUNT, Timestamp};

/// A proposal and the detector that made it.
#[derive(Clone, Debug)]
pub struct Member {
    /// Index of the detector.
    pub source: usize,
    /// Its newest word.
    pub proposal: Proposal,
    /// It has no vote, while another member has one: it says nothing of the event.
    pub is_silent: bool,
}

/// Movements that began together.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// At least one.
    pub members: Vec<Member>,
    /// Number and time of the flag, once it was given out.
    pub flag: Option<(u64, Timestamp)>,
    /// When a longer expression was told of.
    pub lasting_since: Option<Timestamp>,
    /// Something was said that has not been judged.
    pub is_news: bool,
}

impl Candidate {
    /// A candidate with one member.
    pub fn new(source: usize, proposal: Proposal) -> Self {
        Self {
            members: vec![Member { source, proposal, is_silent: false }],
            flag: None,
            lasting_since: None,
            is_news: true,
        }
    }

    /// Whether the proposal under `key` of `source` belongs to it.
    pub fn has(&self, source: usize, key: u64) -> bool {
        self.members.iter().any(|member| member.source == source && member.proposal.key == key)
    }

    /// Whether a new proposal is part of the same movement: brief, still open, and begun within `together_s`.
    pub fn is_joined_by(&self, proposal: &Proposal, together_s: f64) -> bool {
        let is_brief = |stage| matches!(stage, Stage::Provisional | Stage::Returned);
        is_brief(proposal.stage)
            && self.members.iter().all(|member| is_brief(member.proposal.stage))
            && self.members.iter().any(|member| {
                let apart_s = proposal.onset.seconds_since(member.proposal.onset).abs();
                apart_s <= together_s || overlap(&member.proposal, proposal) >= 0.5
            })
    }

    fn speakers(&self) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(|member| !member.is_silent)
    }

    /// The member that moved most surely: it gives the times.
    pub fn lead(&self) -> Option<&Proposal> {
        self.speakers().map(|member| &member.proposal).max_by(|a, b| a.score.total_cmp(&b.score))
    }

    /// Whether all members have returned.
    pub fn has_returned(&self) -> bool {
        self.speakers().all(|member| member.proposal.stage == Stage::Returned)
    }

    /// Each region's longest motion among the members.
    pub fn motion_icd(&self) -> [[f32; 2]; REGION_COUNT] {
        let length = |[x, y]: [f32; 2]| x.hypot(y);
        std::array::from_fn(|region| {
            self.speakers().fold([0.0; 2], |longest, member| {
                let motion = member.proposal.motion_icd[region];
                if length(motion) > length(longest) { motion } else { longest }
            })
        })
    }
}

/// Intersection over union of two proposals in time; 0 where one has no offset yet.
fn overlap(a: &Proposal, b: &Proposal) -> f64 {
    let (Some(a_end), Some(b_end)) = (a.offset, b.offset) else { return 0.0 };
    let both_s = a_end.min(b_end).seconds_since(a.onset.max(b.onset));
    let any_s = a_end.max(b_end).seconds_since(a.onset.min(b.onset));
    if any_s > 0.0 { (both_s / any_s).max(0.0) } else { 0.0 }
}
