//! Any bytes as a coder's journal: read or refused with a line, never a panic; cut anywhere, what was read stays.

#![no_main]

use libfuzzer_sys::fuzz_target;
use onset::dataset::label::{Workbook, read_journal};

fuzz_target!(|bytes: &[u8]| {
    match read_journal(bytes) {
        Ok(read) => {
            assert_eq!(read.whole_bytes + read.torn_bytes, bytes.len());
            assert_eq!(Workbook::replay(&read.entries), Workbook::replay(&read.entries));
            let cut = read_journal(&bytes[..bytes.len() / 2]).expect("a cut journal has only its last line torn");
            assert!(read.entries.starts_with(&cut.entries));
        }
        Err((line, why)) => assert!(line >= 1 && !why.is_empty()),
    }
});
