//! Any bytes as the coding table of each corpus: rows or an error, never a panic; what is read names a clip or its onset.

#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use onset::dataset::{CorpusKind, parse_coding_table};

fuzz_target!(|bytes: &[u8]| {
    // A torn .xls makes its reader panic; the library catches that, and the fuzzer would not let it.
    if bytes.starts_with(b"\xd0\xcf\x11\xe0") {
        return;
    }
    for kind in CorpusKind::ALL {
        if let Ok(clips) = parse_coding_table(Path::new("table"), bytes, kind) {
            for clip in clips {
                assert!(clip.row > 0 && (clip.onset.is_some() || !clip.clip.is_empty()));
                assert!(clip.action_units.chars().all(|c| c == '+' || c.is_ascii_digit()));
            }
        }
    }
});
