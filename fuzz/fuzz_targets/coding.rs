//! Any bytes as a table of codings: read or refused, never a panic; what is read comes back when written.

#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use onset::session::coding::{codings_from_csv, csv_from_codings};

fuzz_target!(|bytes: &[u8]| {
    let path = Path::new("fuzz.csv");
    if let Ok(codings) = codings_from_csv(bytes, path, "fuzz") {
        let text = csv_from_codings(&codings);
        let mut again = codings_from_csv(text.as_bytes(), path, "fuzz").expect("what was written can be read");
        // The coder's name is that of the file, and no column that is written.
        for (again, coding) in again.iter_mut().zip(&codings) {
            again.coder.clone_from(&coding.coder);
        }
        assert_eq!(again, codings);
    }
});
