//! Any bytes as an ELAN document: read or refused, never a panic; codings that are read survive export and import.

#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use onset::session::exchange::{Tracks, codings_from_eaf, eaf_from_tracks};

fuzz_target!(|bytes: &[u8]| {
    let path = Path::new("fuzz.eaf");
    if let Ok(codings) = codings_from_eaf(bytes, path, "fuzz", None)
        && !codings.is_empty()
    {
        let text = eaf_from_tracks(&Tracks { codings: &codings, ..Default::default() });
        let again = codings_from_eaf(text.as_bytes(), path, "fuzz", None).expect("what was written can be read");
        assert_eq!(again.len(), codings.len());
    }
});
