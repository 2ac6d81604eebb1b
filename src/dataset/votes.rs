//! What ten people said of one picture, and what is made of it.

use crate::types::{LABEL_COUNT, Label};

/// Columns of votes: the labels, `unknown`, and `NF` (not a face).
pub(super) const VOTE_COUNT: usize = LABEL_COUNT + 2;
/// Their names, in order. FER+ calls its labels as we do.
pub(super) fn vote_names() -> [&'static str; VOTE_COUNT] {
    let mut names = ["unknown"; VOTE_COUNT];
    for (name, label) in names.iter_mut().zip(Label::ALL) {
        *name = label.name();
    }
    names[VOTE_COUNT - 1] = "NF";
    names
}

/// Votes for one picture: the labels in the order of [`Label::ALL`], then `unknown`, then "not a face".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Votes(pub [u32; VOTE_COUNT]);

/// What most people said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Majority {
    /// This label has more votes than anything else.
    Label(Label),
    /// Two or more share the first place.
    Tie,
    /// Most could not tell, or saw no face.
    Unknown,
}

impl Votes {
    /// What most people said.
    pub fn majority(&self) -> Majority {
        let most = self.0.iter().copied().max().unwrap_or(0);
        let mut first = (0..VOTE_COUNT).filter(|index| self.0[*index] == most);
        match (first.next(), first.next()) {
            (Some(index), None) => Label::ALL.get(index).map_or(Majority::Unknown, |l| Majority::Label(*l)),
            _ => Majority::Tie,
        }
    }

    /// How likely a person is to choose each label, in the order of [`Label::ALL`]; adds up to 1. `None` where most could not tell
    /// or saw no face, and where no label has two votes.
    ///
    /// As in the code published with FER+ (Barsoum, Zhang, Canton Ferrer, Zhang, ICMI 2016, arXiv:1608.01041), what a
    /// single person said counts as an error and is left out; so is what is no expression.
    pub fn distribution(&self) -> Option<[f32; LABEL_COUNT]> {
        let kept = self.0.map(|votes| if votes > 1 { votes } else { 0 });
        let (labels, others) = kept.split_at(LABEL_COUNT);
        let most = labels.iter().copied().max().unwrap_or(0);
        if most == 0 || others.iter().any(|votes| *votes >= most) {
            return None;
        }
        let sum: u32 = labels.iter().sum();
        let mut shares = [0.0; LABEL_COUNT];
        for (share, votes) in shares.iter_mut().zip(labels) {
            *share = *votes as f32 / sum as f32;
        }
        Some(shares)
    }

    /// Whether more than half of the votes, single ones left out, are for one choice: the pictures that the published figures of FER+
    /// count.
    pub fn is_clear(&self) -> bool {
        let kept = self.0.map(|votes| if votes > 1 { votes } else { 0 });
        let sum: u32 = kept.iter().sum();
        kept.iter().any(|votes| 2 * votes > sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_majority_counts_every_column() {
        assert_eq!(Votes([4, 0, 0, 1, 3, 2, 0, 0, 0, 0]).majority(), Majority::Label(Label::Neutral));
        assert_eq!(Votes([4, 0, 0, 4, 2, 0, 0, 0, 0, 0]).majority(), Majority::Tie);
        assert_eq!(Votes([1, 0, 0, 0, 0, 0, 0, 3, 6, 0]).majority(), Majority::Unknown);
        assert_eq!(Votes([0, 0, 0, 0, 0, 0, 0, 3, 0, 7]).majority(), Majority::Unknown);
        assert_eq!(Votes([0; VOTE_COUNT]).majority(), Majority::Tie);
    }

    #[test]
    fn single_votes_and_what_is_no_expression_are_left_out() {
        let shares = Votes([4, 0, 0, 1, 3, 0, 0, 0, 2, 0]).distribution().unwrap();
        assert_eq!(shares[0], 4.0 / 7.0);
        assert_eq!(shares[4], 3.0 / 7.0);
        assert_eq!(shares.iter().sum::<f32>(), 1.0);
        assert_eq!(Votes([2, 0, 0, 0, 0, 0, 0, 0, 2, 6]).distribution(), None);
        assert_eq!(Votes([1, 1, 1, 1, 1, 1, 1, 1, 1, 1]).distribution(), None);
    }

    #[test]
    fn a_clear_majority_is_more_than_half() {
        assert!(Votes([6, 4, 0, 0, 0, 0, 0, 0, 0, 0]).is_clear());
        assert!(!Votes([5, 5, 0, 0, 0, 0, 0, 0, 0, 0]).is_clear());
        assert!(Votes([5, 1, 1, 1, 1, 1, 0, 0, 0, 0]).is_clear());
    }
}
