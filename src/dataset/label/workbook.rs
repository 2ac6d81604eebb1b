//! All that one coder said, as a function of the journal's lines and of nothing else.
//!
//! The server and a replay of the journal call the same [`Workbook::apply`], so a reload shows what was there.

use std::collections::BTreeMap;

use super::coding::Typed;
use super::{Coding, Entry, Op};

/// One change that can be undone.
#[derive(Clone, Debug, PartialEq)]
struct Step {
    id: String,
    before: Coding,
    after: Coding,
    typed: Option<Typed>,
}

/// The state of a coder's work.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Workbook {
    codings: BTreeMap<String, Coding>,
    /// Revision in which each candidate was last changed.
    changed: BTreeMap<String, u64>,
    revision: u64,
    done: Vec<Step>,
    undone: Vec<Step>,
    /// False after an undo or redo: what is typed then is a change of its own.
    may_merge: bool,
    /// The last number of each open page.
    clients: BTreeMap<String, u64>,
}

impl Workbook {
    /// The state after all these lines.
    pub fn replay<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Self {
        let mut workbook = Self::default();
        for entry in entries {
            workbook.apply(entry);
        }
        workbook
    }

    /// Takes one line into account; gives the candidate that it changed.
    pub fn apply(&mut self, entry: &Entry) -> Option<String> {
        if entry.n > 0 {
            let last = self.clients.entry(entry.client.clone()).or_default();
            *last = entry.n.max(*last);
        }
        match &entry.op {
            Op::Open { .. } => {
                self.may_merge = false;
                None
            }
            Op::Set { id, set } => {
                let before = self.coding(id);
                let after = before.with(set);
                if before == after {
                    return None;
                }
                let typed = set.typed();
                self.undone.clear();
                match self.done.last_mut() {
                    Some(last)
                        if self.may_merge && typed.is_some() && last.typed == typed && last.id == *id =>
                    {
                        last.after.clone_from(&after);
                    }
                    _ => self.done.push(Step { id: id.clone(), before, after: after.clone(), typed }),
                }
                self.may_merge = true;
                Some(self.put(id, after))
            }
            Op::Undo => {
                self.may_merge = false;
                let step = self.done.pop()?;
                self.undone.push(step.clone());
                Some(self.put(&step.id, step.before))
            }
            Op::Redo => {
                self.may_merge = false;
                let step = self.undone.pop()?;
                self.done.push(step.clone());
                Some(self.put(&step.id, step.after))
            }
        }
    }

    fn put(&mut self, id: &str, coding: Coding) -> String {
        self.revision += 1;
        self.codings.insert(id.to_owned(), coding);
        self.changed.insert(id.to_owned(), self.revision);
        id.to_owned()
    }

    /// What is said of a candidate; empty where nothing is.
    pub fn coding(&self, id: &str) -> Coding {
        self.codings.get(id).cloned().unwrap_or_default()
    }

    /// Everything that is said, by candidate.
    pub fn codings(&self) -> &BTreeMap<String, Coding> {
        &self.codings
    }

    /// Rises with every change.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Candidates that changed after a revision.
    pub fn changed_since(&self, revision: u64) -> impl Iterator<Item = (&String, Coding)> {
        self.changed.iter().filter(move |(_, at)| **at > revision).map(|(id, _)| (id, self.coding(id)))
    }

    /// How many changes can be undone, and made again.
    pub fn undo_depth(&self) -> (usize, usize) {
        (self.done.len(), self.undone.len())
    }

    /// True where this page sent this number, or a later one, before.
    pub fn has_seen(&self, client: &str, n: u64) -> bool {
        self.clients.get(client).is_some_and(|last| *last >= n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(id: &str, json: &str) -> Entry {
        let op = Op::Set { id: id.to_owned(), set: serde_json::from_str(json).unwrap() };
        Entry { at_ms: 0, client: String::new(), n: 0, op }
    }

    fn plain(op: Op) -> Entry {
        Entry { at_ms: 0, client: String::new(), n: 0, op }
    }

    #[test]
    fn undo_and_redo_go_through_all_candidates() {
        let mut book = Workbook::replay(&[set("a", r#"{"label":"fear"}"#), set("b", r#"{"onset_s":1}"#)]);
        assert_eq!(book.apply(&plain(Op::Undo)).as_deref(), Some("b"));
        assert_eq!(book.apply(&plain(Op::Undo)).as_deref(), Some("a"));
        assert_eq!(book.apply(&plain(Op::Undo)), None);
        assert_eq!(book.coding("a"), Coding::default());
        assert_eq!(book.apply(&plain(Op::Redo)).as_deref(), Some("a"));
        assert_eq!(book.coding("a").label, "fear");
        assert_eq!(book.undo_depth(), (1, 1));
        // A change ends what could be made again.
        book.apply(&set("a", r#"{"label":"anger"}"#));
        assert_eq!(book.apply(&plain(Op::Redo)), None);
    }

    #[test]
    fn letters_of_one_note_are_undone_together() {
        let mut book = Workbook::default();
        for note in ["l", "li", "lid"] {
            book.apply(&set("a", &format!(r#"{{"note":"{note}"}}"#)));
        }
        book.apply(&set("b", r#"{"note":"x"}"#));
        assert_eq!(book.undo_depth(), (2, 0));
        book.apply(&plain(Op::Undo));
        assert_eq!((book.coding("a").note.as_str(), book.coding("b").note.as_str()), ("lid", ""));
        // After an undo, typing is a change of its own.
        book.apply(&set("a", r#"{"note":"lids"}"#));
        book.apply(&plain(Op::Undo));
        assert_eq!(book.coding("a").note, "lid");
        book.apply(&plain(Op::Undo));
        assert_eq!(book.coding("a").note, "");
    }

    #[test]
    fn what_changes_nothing_is_no_step() {
        let mut book = Workbook::default();
        assert!(book.apply(&set("a", r#"{"label":"fear"}"#)).is_some());
        assert!(book.apply(&set("a", r#"{"label":"fear"}"#)).is_none());
        assert_eq!((book.undo_depth(), book.revision()), ((1, 0), 1));
        assert_eq!(book.changed_since(0).count(), 1);
        assert_eq!(book.changed_since(1).count(), 0);
    }
}
