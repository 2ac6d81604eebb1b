//! Tables in memory against tables in files.

use std::fs;

use super::test_session::session;
use super::*;

fn run_facts() -> RunFacts {
    RunFacts { input: "clip.mp4".to_owned(), landmark_hz: 15.0, ..RunFacts::default() }
}

fn fill<T: TableTarget>(mut tables: T) -> T::Done {
    let (observations, end) = session();
    for observation in &observations {
        tables.push(observation).unwrap();
    }
    tables.push_gap(&end);
    tables.finish(run_facts(), Some(Timing { wall_s: 1.0, cpu_s: None })).unwrap()
}

#[test]
fn what_was_kept_in_memory_is_written_byte_by_byte_as_files_would_have_been() {
    for (candidates, evidence) in [(false, false), (true, true)] {
        let root = tempfile::tempdir().unwrap();
        let straight = OutputDir::create(root.path(), "straight", false).unwrap();
        let tables = Tables::create(&straight, &TableFormat::ALL).unwrap();
        let summary = fill(tables.with_candidates(candidates).with_label_evidence(evidence));
        let collected =
            fill(MemoryTables::default().with_candidates(candidates).with_label_evidence(evidence));
        assert!(collected.summary.files.is_empty());
        let later = OutputDir::create(root.path(), "later", false).unwrap();
        assert_eq!(collected.write(&later, &TableFormat::ALL).unwrap(), summary);
        let mut names: Vec<_> =
            fs::read_dir(straight.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names.len(), if evidence { 11 } else { 8 });
        assert_eq!(fs::read_dir(later.path()).unwrap().count(), names.len());
        for name in names {
            let [a, b] = [&straight, &later].map(|dir| fs::read(dir.path().join(&name)).unwrap());
            assert!(a == b, "{}", name.display());
        }
    }
}

#[test]
fn without_frames_rows_are_counted_and_not_kept() {
    let whole = fill(MemoryTables::default());
    let counted = fill(MemoryTables::default().with_frames(false));
    assert!(whole.frames.row_count > 5);
    assert_eq!(counted.frames.row_count, 0);
    assert_eq!(counted.summary, whole.summary);
    assert_eq!(counted.events.row_count, whole.events.row_count);
}

#[test]
fn columns_have_the_layout_of_arrow() {
    let collected = fill(MemoryTables::default());
    let rows = collected.frames.row_count;
    for column in &collected.frames.columns {
        assert_eq!(column.is_present.len(), rows, "{}", column.name);
        match &column.values {
            Values::Int(values) => assert_eq!(values.len(), rows),
            Values::Real(values) => assert_eq!(values.len(), rows),
            Values::Text { offsets, bytes } => {
                assert_eq!(offsets.len(), rows + 1);
                assert!(offsets.is_sorted());
                assert_eq!(usize::try_from(*offsets.last().unwrap()).unwrap(), bytes.len());
            }
        }
    }
}
