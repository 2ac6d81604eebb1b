//! `onset session withdraw` from the outside: it lists, asks, and removes nothing without a yes.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

fn onset() -> Command {
    Command::new(assert_cmd::cargo::cargo_bin!("onset"))
}

fn session(dir: &Path, participant: &str) {
    fs::create_dir_all(dir).unwrap();
    fs::write(dir.join("session.toml"), format!("participant = \"{participant}\"\n")).unwrap();
    fs::write(dir.join("session.mcap"), "frames").unwrap();
}

#[test]
fn without_a_terminal_nothing_goes_until_yes() {
    let dir = tempfile::tempdir().unwrap();
    session(&dir.path().join("a"), "P07");
    session(&dir.path().join("b"), "P08");
    let withdraw = |args: &[&str]| {
        let mut command = onset();
        command.current_dir(dir.path()).args(["session", "withdraw"]).args(args);
        command.assert()
    };
    withdraw(&["P07"])
        .code(2)
        .stdout(contains("everything of P07").and(contains("session")))
        .stderr(contains("--yes"));
    assert!(dir.path().join("a/session.toml").exists());
    withdraw(&["P7", "--yes"]).success().stdout(contains("nothing of P7").and(contains("P07, P08")));
    withdraw(&["P07", ".", "--yes"]).success().stdout(contains("removed:"));
    assert!(!dir.path().join("a").exists() && dir.path().join("b/session.mcap").exists());
    withdraw(&["P07", "missing", "--yes"])
        .code(1)
        .stdout(contains("missing").and(contains("check the path")));
}
