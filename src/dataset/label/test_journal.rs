//! Properties of journal and workbook: no bytes make the reader fall over, and what was done is what a replay shows.

use proptest::prelude::*;

use super::journal::line_of;
use super::{Candidates, Desk, Entry, Op, Patch, Workbook, read_journal};

fn text() -> impl Strategy<Value = Option<String>> {
    proptest::option::of("[a-z0-9 ,\"\\\\äß]{0,8}")
}

fn time() -> impl Strategy<Value = Option<Option<f64>>> {
    // As the journal keeps them: whole microseconds.
    proptest::option::of(proptest::option::of((0_u32..400_000_000).prop_map(|us| f64::from(us) / 1e6)))
}

fn patch() -> impl Strategy<Value = Patch> {
    (text(), text(), time(), time(), time(), text(), text()).prop_map(
        |(kind, label, onset_s, apex_s, offset_s, action_units, note)| Patch {
            kind,
            label,
            onset_s,
            apex_s,
            offset_s,
            action_units,
            note,
        },
    )
}

fn note() -> impl Strategy<Value = Patch> {
    "[a-c]{0,2}".prop_map(|note| Patch { note: Some(note), ..Patch::default() })
}

fn op() -> impl Strategy<Value = Op> {
    let set = |patch| ("c[1-3]", patch).prop_map(|(id, set)| Op::Set { id, set });
    let open = Op::Open { version: 1, coder: "a".to_owned(), onset: "0".to_owned(), blind: true };
    prop_oneof![
        3 => set(patch().boxed()),
        4 => set(note().boxed()),
        3 => Just(Op::Undo),
        2 => Just(Op::Redo),
        1 => Just(open),
    ]
}

fn entries() -> impl Strategy<Value = Vec<Entry>> {
    let entry = (any::<u64>(), "[a-f0-9]{0,4}", 0_u64..9, op());
    proptest::collection::vec(entry.prop_map(|(at_ms, client, n, op)| Entry { at_ms, client, n, op }), 0..40)
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(read) = read_journal(&bytes) {
            prop_assert_eq!(read.whole_bytes + read.torn_bytes, bytes.len());
            Workbook::replay(&read.entries);
        }
    }

    #[test]
    fn a_journal_with_a_byte_changed_is_read_or_refused(
        entries in entries(), at in any::<prop::sample::Index>(), byte in any::<u8>()
    ) {
        let mut bytes: Vec<u8> = entries.iter().flat_map(|entry| line_of(entry).unwrap().into_bytes()).collect();
        if !bytes.is_empty() {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(read) = read_journal(&bytes) {
            Workbook::replay(&read.entries);
        }
    }

    #[test]
    fn a_replay_from_the_file_shows_what_was_done(entries in entries()) {
        let mut live = Workbook::default();
        let mut file = String::new();
        for entry in &entries {
            live.apply(entry);
            file += &line_of(entry).unwrap();
            // At any moment, not only at the end.
            if entries.len() < 12 {
                let read = read_journal(file.as_bytes()).unwrap();
                prop_assert_eq!(&Workbook::replay(&read.entries), &live);
            }
        }
        let read = read_journal(file.as_bytes()).unwrap();
        prop_assert_eq!(&read.entries, &entries);
        prop_assert_eq!(Workbook::replay(&read.entries), live);
    }

    #[test]
    fn undoing_everything_leads_to_the_beginning_and_redoing_it_back(patches in proptest::collection::vec(("c[1-2]", patch()), 0..20)) {
        let entry = |op| Entry { at_ms: 0, client: String::new(), n: 0, op };
        let mut book = Workbook::default();
        for (id, set) in patches {
            book.apply(&entry(Op::Set { id, set }));
        }
        let all = book.codings().clone();
        let (steps, _) = book.undo_depth();
        for _ in 0..steps {
            prop_assert!(book.apply(&entry(Op::Undo)).is_some());
        }
        prop_assert!(book.codings().values().all(|coding| *coding == super::Coding::default()));
        for _ in 0..steps {
            book.apply(&entry(Op::Redo));
        }
        prop_assert_eq!(book.codings(), &all);
    }
}

/// A journal cut at any byte opens again, and goes on where the last whole line ended.
#[test]
fn a_journal_cut_anywhere_opens_and_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("candidates/c1");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("clip.json"), r#"{"id":"c1","frames":[{"t_s":0.5,"file":"0.jpg"}]}"#).unwrap();
    assert_eq!(Candidates::read(dir.path()).unwrap().all.len(), 1);
    let path = dir.path().join("codings/a.jsonl");
    let set = |n: u64, label: &str| super::wire::Batch {
        client: "k".to_owned(),
        seen: 0,
        ops: vec![
            serde_json::from_str(&format!(r#"{{"n":{n},"op":"set","id":"c1","set":{{"label":"{label}"}}}}"#))
                .unwrap(),
        ],
    };
    let mut desk = Desk::open(dir.path(), "a", false, 1).unwrap();
    desk.carry_out(&set(1, "fear"), 2).unwrap();
    desk.carry_out(&set(2, "anger"), 3).unwrap();
    drop(desk);
    let whole = std::fs::read(&path).unwrap();
    for cut in 0..=whole.len() {
        std::fs::write(&path, &whole[..cut]).unwrap();
        let mut desk = Desk::open(dir.path(), "a", false, 4).unwrap();
        let label = desk.workbook().coding("c1").label;
        desk.carry_out(&set(9, "disgust"), 5).unwrap();
        drop(desk);
        let read = read_journal(&std::fs::read(&path).unwrap()).unwrap();
        assert_eq!(read.torn_bytes, 0, "cut at {cut}");
        let mut book = Workbook::replay(&read.entries);
        assert_eq!(book.coding("c1").label, "disgust");
        book.apply(&Entry { at_ms: 0, client: String::new(), n: 0, op: Op::Undo });
        assert_eq!(book.coding("c1").label, label);
    }
}
