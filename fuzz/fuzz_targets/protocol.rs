//! Any bytes as a protocol file: read or refused, never a panic; what is read has a plan, and comes back when written.

#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use onset::session::protocol::{Protocol, ProtocolFile};

fuzz_target!(|text: &str| {
    if let Ok(file) = ProtocolFile::parse(text, "fuzz.toml")
        && file.problems().is_empty()
    {
        let written = toml::to_string(&file).expect("what was read can be written");
        assert_eq!(ProtocolFile::parse(&written, "fuzz.toml").expect("and be read again"), file);
    }
    // Pictures are looked for where there are none.
    if let Ok(protocol) = Protocol::from_text(text, "fuzz.toml", Path::new("/nonexistent")) {
        let plan = protocol.plan(text.len() as u64);
        let count: usize = protocol.blocks.iter().map(|block| block.steps.len()).sum();
        assert_eq!(plan.steps.len(), count + 1);
    }
});
