//! Events as they last stood: an event is told again under its number when it changes, and may be withdrawn.

use std::collections::BTreeMap;

use crate::types::Event;

/// Keeps the newest state of each event, and tells claimed events from candidates.
#[derive(Clone, Debug, Default)]
pub struct EventLog {
    events: BTreeMap<u64, Event>,
    keep: Option<usize>,
    /// Claimed events among those that were let go.
    forgotten: u64,
}

impl EventLog {
    /// A log that keeps only the newest `keep` events, for sessions without an end; it counts the others.
    pub fn of_newest(keep: usize) -> Self {
        Self { keep: Some(keep), ..Self::default() }
    }

    /// Takes a new or changed event. False for a candidate that was never claimed: whoever follows the events as they
    /// come need not hear of it. True for one that is claimed, and for one that is withdrawn.
    pub fn push(&mut self, event: &Event) -> bool {
        let before = self.events.insert(event.id, event.clone());
        while self.keep.is_some_and(|keep| self.events.len() > keep)
            && let Some((_, old)) = self.events.pop_first()
        {
            self.forgotten += u64::from(old.veto.is_none());
        }
        event.veto.is_none() || before.is_some_and(|before| before.veto.is_none())
    }

    /// Every event and candidate as it last stood, in order of flagging.
    pub fn all(&self) -> impl Iterator<Item = &Event> {
        self.events.values()
    }

    /// Those that are claimed.
    pub fn claimed(&self) -> impl Iterator<Item = &Event> {
        self.all().filter(|event| event.veto.is_none())
    }

    /// How many events were claimed and not withdrawn, those that were let go included.
    pub fn claimed_count(&self) -> u64 {
        self.forgotten + self.claimed().count() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_session::event;
    use super::*;
    use crate::types::Veto;

    #[test]
    fn a_withdrawn_flag_is_told_and_a_mere_candidate_is_not() {
        let mut log = EventLog::default();
        assert!(log.push(&event(0, "", None)));
        assert!(!log.push(&Event { veto: Some(Veto::Lone), ..event(1, "", None) }));
        assert!(!log.push(&Event { veto: Some(Veto::Lone), ..event(1, "", None) }));
        assert!(log.push(&Event { veto: Some(Veto::Blink), ..event(0, "", None) }));
        assert!(log.push(&event(2, "", None)));
        assert_eq!(log.claimed().map(|event| event.id).collect::<Vec<_>>(), [2]);
        assert_eq!(log.all().count(), 3);
    }

    #[test]
    fn what_is_let_go_stays_counted() {
        let mut log = EventLog::of_newest(2);
        for id in 0..5 {
            let veto = (id == 1).then_some(Veto::Speech);
            log.push(&Event { veto, ..event(id, "", None) });
        }
        assert_eq!((log.all().count(), log.claimed_count()), (2, 4));
    }
}
