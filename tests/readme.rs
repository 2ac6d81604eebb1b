//! The README tells the truth: every key, every subcommand and every file that it names is there.

#[path = "support/clips.rs"]
mod clips;

use std::fs;
use std::path::Path;

use onset::overlay::KEYS;

fn readme() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap()
}

#[test]
fn every_key_is_listed_with_what_it_does() {
    let readme = readme();
    for key in KEYS {
        let row = format!("| {} | {} |", key.label, key.help);
        assert!(readme.contains(&row), "README.md lacks the key: {row}");
    }
}

#[test]
fn every_subcommand_of_the_program_is_listed() {
    let help = clips::onset().arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let (_, commands) = help.split_once("Commands:").unwrap();
    let readme = readme();
    let mut seen = 0;
    for line in commands.lines().skip(1).take_while(|line| !line.trim().is_empty()) {
        let Some(name) =
            line.split_whitespace().next().filter(|_| line.starts_with("  ") && !line.starts_with("   "))
        else {
            continue;
        };
        if name != "help" {
            assert!(readme.contains(&format!("`onset {name}")), "README.md lacks `onset {name}`");
            seen += 1;
        }
    }
    assert!(seen >= 4, "{commands}");
}

#[test]
fn every_file_that_it_links_is_there() {
    let readme = readme();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for link in readme.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
        if !link.starts_with("http") && !link.starts_with('#') {
            assert!(root.join(link).exists(), "README.md links {link}, which is not there");
        }
    }
}
