//! Withdrawal from made-up folders: everything of one person goes, everything of the others stays byte for byte.

use std::collections::BTreeMap;
use std::fs;

use super::*;

const HEADER: &str = "sample,path,path_colour,participant,session,step\n";
const P07: &str = "P07-20261126T111500Z";
const P08: &str = "P08-20261126T121500Z";

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn session(dir: &Path, participant: &str) {
    let record =
        format!("format = 1\nparticipant = \"{participant}\"\nstarted_utc = \"2026-11-26T11:15:00Z\"\n");
    write(&dir.join("session.toml"), &record);
    write(&dir.join("session.mcap"), "frames");
    write(&dir.join("codings/anna.csv"), "kind,label\n");
}

/// Two sessions and a dataset of both people.
fn world(root: &Path) {
    session(&root.join("sessions/one"), "P07");
    session(&root.join("sessions/two"), "P08");
    let ds = root.join("ds");
    let mut manifest = HEADER.to_owned();
    for (participant, session) in [("P07", P07), ("P08", P08)] {
        for n in 0..2 {
            let name = format!("{participant}-{n}.png");
            let label = if participant == "P07" { "anger" } else { "disgust" };
            let (gray, colour) = (
                format!("questionnaire/micro/{label}/gray/{name}"),
                format!("questionnaire/micro/{label}/colour/{name}"),
            );
            write(&ds.join(&gray), "gray");
            write(&ds.join(&colour), "colour");
            manifest += &format!("{participant}-{n},{gray},{colour},{participant},{session},\"a, b\"\n");
        }
        let id = format!("c-{participant}");
        write(
            &ds.join("candidates").join(&id).join("clip.json"),
            &format!("{{\"id\":\"{id}\",\"session\":\"{session}\",\"participant\":\"{participant}\"}}"),
        );
        write(&ds.join("candidates").join(&id).join("0000.jpg"), "frame");
    }
    write(&ds.join("manifest.csv"), &manifest);
    write(&ds.join("manifest.parquet"), "P07 and P08");
    write(&ds.join("codings/anna.csv"), "id,kind,label\nc-P07,micro,anger\nc-P08,micro,disgust\n");
    write(
        &ds.join("codings/anna.jsonl"),
        "{\"id\":\"c-P08\",\"key\":\"a\"}\n{\"id\":\"c-P07\",\"key\":\"b\"}\n{\"id\":\"c-P07\",\"ke",
    );
    write(&ds.join("splits/eighty.csv"), "sample,part\nP07-0,train\nP08-0,test\n");
    write(
        &ds.join("dataset.toml"),
        &format!(
            "version = 1\n[[session]]\nid = \"{P07}\"\nsha256 = \"a\"\n[[session]]\nid = \"{P08}\"\nsha256 = \"b\"\n"
        ),
    );
}

fn tree(root: &Path) -> BTreeMap<PathBuf, String> {
    fn walk(dir: &Path, root: &Path, into: &mut BTreeMap<PathBuf, String>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                into.insert(path.strip_prefix(root).unwrap().to_owned(), "folder".to_owned());
                walk(&path, root, into);
            } else {
                into.insert(path.strip_prefix(root).unwrap().to_owned(), fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut all = BTreeMap::new();
    walk(root, root, &mut all);
    all
}

fn no_parquet(csv: &Path, parquet: &Path) -> Result<(), String> {
    let rows = fs::read_to_string(csv).unwrap().matches("P08-").count();
    assert!(!parquet.exists(), "nobody finds the old rows while the new file is made");
    fs::write(parquet, format!("{rows}")).map_err(|error| error.to_string())
}

#[test]
fn everything_of_one_person_goes_and_nothing_of_the_others() {
    let dir = tempfile::tempdir().unwrap();
    world(dir.path());
    let before = tree(dir.path());
    let findings = Findings::find("P07", &[dir.path().to_owned(), dir.path().join("ds")]);
    assert_eq!(findings.unreadable, []);
    assert_eq!(findings.participants.iter().collect::<Vec<_>>(), ["P07", "P08"]);
    assert_eq!(tree(dir.path()), before, "looking changes nothing");
    let kinds = |wanted: fn(&Removal) -> bool| findings.found.iter().filter(|f| wanted(&f.removal)).count();
    assert_eq!(kinds(|r| matches!(r, Removal::Folder)), 2);
    assert_eq!(kinds(|r| matches!(r, Removal::File)), 4);
    assert_eq!(kinds(|r| matches!(r, Removal::Rows(_))), 5);
    assert!(findings.found.last().unwrap().path.ends_with("manifest.csv"), "the index goes last");

    let removed = findings.remove(&mut no_parquet);
    assert_eq!(removed.failed, []);
    let after = tree(dir.path());
    for (path, text) in &after {
        assert!(
            !text.contains("P07") && !path.to_string_lossy().contains("P07"),
            "{}: {text}",
            path.display()
        );
        if path.starts_with("sessions/two") || path.extension().is_some_and(|e| e == "png" || e == "jpg") {
            assert_eq!(before.get(path), Some(text));
        }
    }
    assert!(!after.contains_key(Path::new("ds/questionnaire/micro/anger")), "empty folders go");
    assert!(after.contains_key(Path::new("ds/questionnaire/micro/disgust/gray")));
    assert!(after[Path::new("ds/manifest.csv")].starts_with(HEADER));
    assert!(after[Path::new("ds/manifest.csv")].contains("\"a, b\""));
    assert_eq!(after[Path::new("ds/codings/anna.jsonl")], "{\"id\":\"c-P08\",\"key\":\"a\"}\n");
    assert!(after[Path::new("ds/dataset.toml")].contains(P08));
    assert!(Findings::find("P07", &[dir.path().to_owned()]).is_empty());
}

#[test]
fn nothing_outside_a_dataset_is_removed_on_a_tables_word() {
    let dir = tempfile::tempdir().unwrap();
    let ds = dir.path().join("ds");
    write(&dir.path().join("precious.png"), "mine");
    write(&dir.path().join("other/linked.png"), "mine");
    write(
        &ds.join("manifest.csv"),
        &format!(
            "{HEADER}a,../precious.png,{},P07,s,x\nb,link/linked.png,.,P07,s,x\n",
            dir.path().join("precious.png").display()
        ),
    );
    #[cfg(unix)]
    std::os::unix::fs::symlink(dir.path().join("other"), ds.join("link")).unwrap();
    let findings = Findings::find("P07", std::slice::from_ref(&ds));
    let outside = findings.unreadable.iter().filter(|(_, why)| why.contains("outside the dataset")).count();
    assert_eq!(outside, if cfg!(unix) { 4 } else { 3 }, "{:?}", findings.unreadable);
    findings.remove(&mut no_parquet);
    assert!(
        dir.path().join("precious.png").exists()
            && dir.path().join("other/linked.png").exists()
            && ds.exists()
    );
}

#[test]
fn another_persons_session_inside_stays() {
    let dir = tempfile::tempdir().unwrap();
    session(dir.path(), "P07");
    session(&dir.path().join("inner"), "P08");
    let before = tree(&dir.path().join("inner"));
    let findings = Findings::find("P07", &[dir.path().to_owned()]);
    assert_eq!(findings.remove(&mut no_parquet).failed, []);
    assert_eq!(tree(&dir.path().join("inner")), before);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn what_cannot_be_read_is_named_and_kept() {
    let dir = tempfile::tempdir().unwrap();
    write(&dir.path().join("broken/session.toml"), "participant = ");
    write(&dir.path().join("half/session.toml"), "format = 1\n");
    write(&dir.path().join("ds/dataset.toml"), "version = 1\n");
    write(&dir.path().join("ds/manifest.csv"), "path,label\n");
    write(&dir.path().join("ds/candidates/c1/clip.json"), "{");
    write(&dir.path().join("ds/codings/anna.jsonl"), "{\"id\"\n");
    let before = tree(dir.path());
    let findings = Findings::find("P07", &[dir.path().to_owned(), dir.path().join("missing")]);
    let named: Vec<String> = findings
        .unreadable
        .iter()
        .map(|(path, _)| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    for name in ["session.toml", "manifest.csv", "clip.json", "anna.jsonl", "missing"] {
        assert!(named.iter().any(|named| named == name), "{name} is not in {named:?}");
    }
    assert_eq!(named.iter().filter(|name| *name == "session.toml").count(), 2);
    assert!(findings.is_empty());
    assert_eq!(tree(dir.path()), before);
}

#[test]
fn a_parquet_that_cannot_be_made_again_is_said_and_holds_nothing_of_theirs() {
    let dir = tempfile::tempdir().unwrap();
    world(dir.path());
    let findings = Findings::find("P07", &[dir.path().to_owned()]);
    let removed = findings.remove(&mut |_, _| Err("no room".to_owned()));
    assert!(removed.failed.len() == 1 && removed.failed[0].1.contains("no room"), "{:?}", removed.failed);
    assert!(!dir.path().join("ds/manifest.parquet").exists());
}

#[test]
fn where_a_file_stays_the_manifest_still_knows_it() {
    let dir = tempfile::tempdir().unwrap();
    world(dir.path());
    let findings = Findings::find("P07", &[dir.path().to_owned()]);
    // What was a file can no longer be removed as one.
    let stuck = dir.path().join("ds/questionnaire/micro/anger/gray/P07-0.png");
    fs::remove_file(&stuck).unwrap();
    fs::create_dir(&stuck).unwrap();
    let removed = findings.remove(&mut no_parquet);
    assert_eq!(removed.failed.len(), 2, "{:?}", removed.failed);
    assert!(
        removed.failed[1].0.ends_with("manifest.csv")
            && removed.failed[1].1.contains("run the command again")
    );
    assert!(fs::read_to_string(dir.path().join("ds/manifest.csv")).unwrap().contains("P07"));

    fs::remove_dir(&stuck).unwrap();
    let again = Findings::find("P07", &[dir.path().to_owned()]);
    assert_eq!(again.remove(&mut no_parquet).failed, []);
    assert!(Findings::find("P07", &[dir.path().to_owned()]).is_empty());
}
