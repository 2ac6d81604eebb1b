//! Arbitrary bytes as the manifest of a dataset: an error or rows, never a panic.
#![no_main]

use std::path::Path;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(samples) = onset::dataset::parse_manifest(Path::new("manifest.csv"), bytes) {
        for sample in samples {
            assert!(!sample.path.split('/').any(|part| part == ".."));
        }
    }
});
