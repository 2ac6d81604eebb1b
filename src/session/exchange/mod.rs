//! Events, steps, markers and codings to and from other programs: ELAN, tab-separated tiers, WebVTT, CSV.
//!
//! Pure: [`Tracks`] in, text out; bytes in, [`Coding`]s out. docs/exchange.md describes the forms for their users.

mod csv_table;
mod eaf_document;
mod eaf_import;
mod eaf_times;
mod eaf_write;
mod error;
#[cfg(test)]
mod tests;
mod tiers;
mod tsv;
mod value;
mod vtt;

use super::{Coding, EventRecord, Marker, StepSpan};

pub use csv_table::csv_from_tracks;
pub use eaf_import::codings_from_eaf;
pub use eaf_write::eaf_from_tracks;
pub use error::ImportError;
pub use tsv::tsv_from_tracks;
pub use value::{coding_value, parse_coding_value};
pub use vtt::vtt_from_tracks;

/// What is known of a session beside its frames, to be exported.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tracks<'a> {
    /// Steps of the protocol.
    pub steps: &'a [StepSpan],
    /// Spotted events; those with a veto are left out, as nothing claims them.
    pub events: &'a [EventRecord],
    /// Markers.
    pub markers: &'a [Marker],
    /// Codings of any number of coders.
    pub codings: &'a [Coding],
    /// Length of the session in seconds: where a step or an event ends that the recording broke off within.
    pub duration_s: f64,
    /// The wall-clock time of second 0, RFC 3339: the date of the document, as no clock is read here. Empty: 1970.
    pub started_utc: &'a str,
    /// A video of the session, as the other program will find it: a path from the exported file, or a URL.
    pub media: Option<&'a str>,
}
