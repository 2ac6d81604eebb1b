//! The shape of the source tree: who may import whom, where threads start, what ARCHITECTURE.md lists.
//!
//! Reads the files as text; each failure names the file and what to do.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What each module directory may import from the others. A new directory needs a line here, in ARCHITECTURE.md, and
/// a thought.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("types", &[]),
    ("image", &["types"]),
    ("facs", &["types"]),
    ("infer", &["types", "image"]),
    ("face", &["types", "image", "infer"]),
    ("motion", &["types", "image", "infer", "face"]),
    ("spot", &["types", "image", "infer", "face", "motion", "facs"]),
    ("expression", &["types", "image", "infer", "face", "motion"]),
    ("calibration", &["types", "face", "motion", "spot", "expression"]),
    ("capture", &["types", "image"]),
    ("synth", &["types", "image", "infer", "face", "capture", "facs", "dataset"]),
    ("overlay", &["types", "image"]),
    ("tables", &["types"]),
    ("eval", &["types"]),
    ("bench", &["types", "infer", "capture", "eval"]),
    ("pipeline", &["types", "image", "infer", "face", "motion", "spot", "expression", "capture"]),
    (
        "session",
        &[
            "types",
            "image",
            "infer",
            "face",
            "motion",
            "spot",
            "expression",
            "calibration",
            "capture",
            "tables",
            "pipeline",
        ],
    ),
    (
        "dataset",
        &[
            "types",
            "image",
            "infer",
            "face",
            "motion",
            "spot",
            "expression",
            "calibration",
            "capture",
            "tables",
            "pipeline",
            "session",
        ],
    ),
    (
        "analysis",
        &[
            "types",
            "infer",
            "face",
            "spot",
            "expression",
            "calibration",
            "capture",
            "tables",
            "pipeline",
            "session",
        ],
    ),
    (
        "train",
        &[
            "types",
            "image",
            "infer",
            "face",
            "motion",
            "facs",
            "spot",
            "expression",
            "capture",
            "pipeline",
            "dataset",
            "eval",
        ],
    ),
    (
        "cli",
        &[
            "types",
            "image",
            "infer",
            "face",
            "motion",
            "spot",
            "expression",
            "calibration",
            "capture",
            "facs",
            "synth",
            "overlay",
            "tables",
            "eval",
            "dataset",
            "bench",
            "pipeline",
            "session",
            "analysis",
            "train",
        ],
    ),
];

/// Directories in which a thread may be started, and then only in the files that ARCHITECTURE.md lists.
const MAY_START_THREADS: &[&str] = &["pipeline", "capture", "cli", "train", "session", "dataset"];

/// Words that judge a person: the program speaks of what moved.
const NEVER_SAID: &[&str] = &["deception", "deceptive", "lie detect", "lie-detect", "true emotion", "liar"];

const MAX_LINES: usize = 500;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A source file: its path from the root with `/`, and its text.
struct Source {
    path: String,
    text: String,
}

impl Source {
    /// The module directory: `face` for `src/face/pose.rs`; `None` for `src/lib.rs`.
    fn module(&self) -> Option<&str> {
        let (module, rest) = self.path.strip_prefix("src/")?.split_once('/')?;
        (!rest.is_empty()).then_some(module)
    }

    /// Unit tests may look further than the code that they test.
    fn is_test(&self) -> bool {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        name == "tests.rs" || name.starts_with("test_") || self.path.contains("/tests/")
    }

    /// Lines with their numbers, without comments and without the test module at the end.
    fn code(&self) -> Vec<(usize, &str)> {
        let mut code = Vec::new();
        let mut lines = self.text.lines().enumerate().peekable();
        while let Some((index, line)) = lines.next() {
            let is_test_module = line.trim() == "#[cfg(test)]"
                && lines.peek().is_some_and(|(_, next)| next.trim_start().starts_with("mod tests {"));
            if is_test_module {
                break;
            }
            let line = line.split("//").next().unwrap_or_default();
            if !line.trim().is_empty() {
                code.push((index + 1, line));
            }
        }
        code
    }
}

fn rust_files(below: &str) -> Vec<Source> {
    fn walk(dir: &Path, into: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(dir).unwrap_or_else(|error| panic!("{}: {error}", dir.display())) {
            let path = entry.expect("directory entries can be read").path();
            if path.is_dir() {
                walk(&path, into);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                into.push(path);
            }
        }
    }
    let mut paths = Vec::new();
    let dir = root().join(below);
    if dir.is_dir() {
        walk(&dir, &mut paths);
    }
    paths.sort();
    let name = |path: &Path| {
        let relative = path.strip_prefix(root()).expect("it is below the root");
        relative.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
    };
    paths
        .iter()
        .map(|path| Source { path: name(path), text: fs::read_to_string(path).expect("sources are UTF-8") })
        .collect()
}

fn report(problems: &[String]) {
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

/// The first identifiers after each `crate::` in `code`, braces spelled out: `crate::{image, types::Frame}` gives both.
fn imported(code: &str) -> Vec<String> {
    let identifier =
        |text: &str| -> String { text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect() };
    let mut names = Vec::new();
    for (start, _) in code.match_indices("crate::") {
        // `$crate::` and the end of a longer word don't count.
        if code[..start].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let rest = &code[start + "crate::".len()..];
        let Some(group) = rest.strip_prefix('{') else {
            names.push(identifier(rest));
            continue;
        };
        let mut depth = 0;
        let mut is_at_start = true;
        for (index, c) in group.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => is_at_start = true,
                c if is_at_start && !c.is_whitespace() => {
                    names.push(identifier(&group[index..]));
                    is_at_start = false;
                }
                _ => {}
            }
        }
    }
    names
}

#[test]
fn imports_are_read_as_rust_reads_them() {
    let code = "use crate::face::X; fn f() { crate::infer::g() }\nuse crate::{\n image::{a, b}, types,\n};";
    assert_eq!(imported(code), ["face", "infer", "image", "types"]);
    let source = Source {
        path: "src/face/x.rs".to_owned(),
        text: "// crate::cli\nuse crate::types::A; // crate::cli\n#[cfg(test)]\nmod tests {\nuse crate::cli::B;\n}"
            .to_owned(),
    };
    assert_eq!(source.code(), [(2, "use crate::types::A; ")]);
}

#[test]
fn data_flows_one_way() {
    let modules: BTreeSet<&str> = MAY_IMPORT.iter().map(|(module, _)| *module).collect();
    let mut problems = Vec::new();
    for source in rust_files("src") {
        let Some(module) = source.module() else { continue };
        let Some((_, allowed)) = MAY_IMPORT.iter().find(|(name, _)| *name == module) else {
            problems.push(format!(
                "{}: say in MAY_IMPORT (tests/structure.rs) what src/{module} may import",
                source.path
            ));
            continue;
        };
        if source.is_test() {
            continue;
        }
        let code: String = source.code().iter().map(|(_, line)| format!("{line}\n")).collect();
        let mut names = imported(&code);
        // The other way up: from src/face/x.rs, `super::super::cli` is `crate::cli` too.
        for module in &modules {
            if code.contains(&format!("super::super::{module}::")) {
                names.push((*module).to_owned());
            }
        }
        for name in names {
            if modules.contains(name.as_str()) && name != module && !allowed.contains(&name.as_str()) {
                problems.push(format!(
                    "{}: {module} must not import {name}; it may import {allowed:?}",
                    source.path
                ));
            }
        }
    }
    report(&problems);
}

/// The first sentence of a file's `//!` lines, for a table cell: links and bars undone.
fn first_sentence(text: &str) -> String {
    let lines = text.lines().map_while(|line| line.strip_prefix("//!")).map(str::trim);
    let paragraph = lines.take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
    let sentence = match paragraph.split_once(". ") {
        Some((first, _)) => first,
        None => paragraph.trim_end_matches('.'),
    };
    // [`Analyzer`](path) and [`Analyzer`] become `Analyzer`.
    let mut plain = String::new();
    let mut rest = sentence;
    while let Some((before, after)) = rest.split_once("[`") {
        let Some((name, after)) = after.split_once("`]") else { break };
        let name = name.rsplit("::").next().unwrap_or(name);
        plain += &format!("{before}`{name}`");
        rest = match after.strip_prefix('(').and_then(|target| target.split_once(')')) {
            Some((_, after)) => after,
            None => after,
        };
    }
    (plain + rest).replace('|', "\\|")
}

/// The lists of files as ARCHITECTURE.md should have them: made from the first sentence of each file.
fn module_lists() -> String {
    let sources = rust_files("src");
    let mut text = String::from("\n### src/\n\n| file | what it is |\n|---|---|\n");
    let row = |name: &str, source: &Source| format!("| `{name}` | {} |\n", first_sentence(&source.text));
    for source in sources.iter().filter(|source| source.module().is_none()) {
        text += &row(source.path.trim_start_matches("src/"), source);
    }
    for (module, allowed) in MAY_IMPORT {
        let prefix = format!("src/{module}/");
        let may = match allowed {
            [] => "Imports nothing of ours".to_owned(),
            some => format!("May import {}", some.join(", ")),
        };
        text += &format!("\n### {prefix}\n\n{may}.\n\n| file | what it is |\n|---|---|\n");
        for source in sources.iter().filter(|source| !source.is_test()) {
            if let Some(name) = source.path.strip_prefix(&prefix) {
                text += &row(name, source);
            }
        }
    }
    let may = "The compiled part of the Python package. May import every module of the library but `cli`; what users call is Python, in `package/onset`.";
    text += &format!("\n### python/src/\n\n{may}\n\n| file | what it is |\n|---|---|\n");
    for source in rust_files("python/src") {
        text += &row(source.path.trim_start_matches("python/src/"), &source);
    }
    text + "\n"
}

#[test]
fn the_python_package_does_not_run_the_program() {
    let mut problems = Vec::new();
    for source in rust_files("python/src") {
        for (number, line) in source.code() {
            if line.contains("onset::cli") {
                problems.push(format!("{}:{number} uses onset::cli: call the library", source.path));
            }
        }
    }
    report(&problems);
}

#[test]
fn architecture_lists_every_source_file_and_no_other() {
    let path = root().join("ARCHITECTURE.md");
    let text = fs::read_to_string(&path).expect("ARCHITECTURE.md is there");
    let start = text.find("## Modules\n").expect("ARCHITECTURE.md has a section \"## Modules\"");
    let start = start + text[start..].find("-->\n").expect("it begins with a comment") + "-->\n".len();
    let end = start + text[start..].find("\n## ").expect("another section follows") + 1;
    let expected = module_lists();
    if text[start..end] == expected {
        return;
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, format!("{}{expected}{}", &text[..start], &text[end..])).expect("it can be written");
        return;
    }
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<BTreeSet<_>>();
    let (is, should) = (lines(&text[start..end]), lines(&expected));
    let missing =
        should.difference(&is).map(|line| format!("missing or outdated in ARCHITECTURE.md: {line}"));
    let surplus = is.difference(&should).map(|line| format!("no longer true in ARCHITECTURE.md: {line}"));
    let mut problems: Vec<String> = missing.chain(surplus).collect();
    problems.push("UPDATE_DOCS=1 cargo test --test structure writes the lists anew".to_owned());
    report(&problems);
}

#[test]
fn threads_start_where_architecture_says() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md is there");
    let section: String = text
        .lines()
        .skip_while(|line| *line != "## Where threads start")
        .skip(1)
        .take_while(|line| !line.starts_with("## "))
        .collect();
    assert!(!section.is_empty(), "ARCHITECTURE.md has no section \"## Where threads start\"");
    let mut problems = Vec::new();
    for source in ["src", "python/src"].iter().flat_map(|below| rust_files(below)) {
        if source.is_test() {
            continue;
        }
        for (number, line) in source.code() {
            let is_start =
                ["thread::spawn", "thread::scope", "thread::Builder", "Builder::new().name(", "spawn_named("]
                    .iter()
                    .any(|start| line.contains(start));
            if !is_start {
                continue;
            }
            let is_allowed = source.module().is_some_and(|module| MAY_START_THREADS.contains(&module));
            if !is_allowed || !section.contains(&format!("`{}`", source.path)) {
                problems.push(format!(
                    "{}:{number} starts a thread: only {MAY_START_THREADS:?} may, in files listed in ARCHITECTURE.md, \
                     \"Where threads start\"",
                    source.path
                ));
            }
        }
    }
    report(&problems);
}

#[test]
fn files_are_short_and_say_first_what_they_are() {
    let mut problems = Vec::new();
    for source in ["src", "tests", "benches", "python/src"].iter().flat_map(|below| rust_files(below)) {
        let count = source.text.lines().count();
        if count > MAX_LINES {
            problems.push(format!("{} has {count} lines: split it (at most {MAX_LINES})", source.path));
        }
        if !source.text.starts_with("//! ") {
            problems.push(format!("{} must begin with //! and say what it is and how it fits", source.path));
        }
    }
    report(&problems);
}

#[test]
fn the_program_says_what_moved_and_never_judges_the_person() {
    let mut problems = Vec::new();
    for source in ["src", "python/src"].iter().flat_map(|below| rust_files(below)) {
        for (number, line) in source.code() {
            let line = line.to_lowercase();
            for word in NEVER_SAID.iter().filter(|word| line.contains(**word)) {
                problems.push(format!("{}:{number} says {word:?}: name what moved instead", source.path));
            }
        }
    }
    report(&problems);
}
