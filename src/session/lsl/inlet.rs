//! What this program receives: markers of every stream of type `Markers` but our own.

use super::ffi::{Info, Inlet, Nothing, Resolver};
use super::{Lsl, LslError, MARKERS};
use crate::session::Marker;
use crate::types::Timestamp;

/// How often new streams are looked for.
const LOOK_EVERY_S: f64 = 0.5;
/// Markers taken from one stream at a call, so that a flood of them cannot hold the caller up; the rest waits in the
/// library (six minutes of it).
const MAX_AT_ONCE: usize = 1000;

struct Stream {
    /// What stays the same when the sender comes back.
    key: (String, String),
    info: Info,
    inlet: Inlet,
}

/// Receives the markers of all streams that are there, and of those that come later.
pub struct MarkerInlet {
    lsl: Lsl,
    resolver: Resolver,
    streams: Vec<Stream>,
    looked_at: Option<Timestamp>,
}

impl MarkerInlet {
    /// Begins to look for streams.
    ///
    /// # Errors
    /// [`LslError::Refused`].
    pub fn open(lsl: &Lsl) -> Result<Self, LslError> {
        let resolver = Resolver::new(lsl.library, c"type", MARKERS);
        let resolver = resolver.ok_or(LslError::Refused { what: "look for streams" })?;
        Ok(Self { lsl: lsl.clone(), resolver, streams: Vec::new(), looked_at: None })
    }

    /// Names of the streams that are received.
    pub fn streams(&self) -> Vec<String> {
        self.streams.iter().map(|stream| stream.info.name()).collect()
    }

    /// The markers that have come since the last call, in order of time, on the session's clock, of which `now` is the
    /// time now. Never waits. A stream's first markers come once its clock has been compared with ours (about a second);
    /// none is lost meanwhile.
    pub fn poll(&mut self, now: Timestamp) -> Vec<Marker> {
        if self.looked_at.is_none_or(|looked_at| now.seconds_since(looked_at) >= LOOK_EVERY_S) {
            self.looked_at = Some(now);
            self.look();
        }
        let mut markers = Vec::new();
        let lsl = &self.lsl;
        self.streams.retain_mut(|stream| {
            let Some(correction_s) = stream.inlet.time_correction_s() else { return true };
            for _ in 0..MAX_AT_ONCE {
                match stream.inlet.pull_text(&stream.info) {
                    Ok((name, stamp_s)) => {
                        let age_s = lsl.library.clock_s() - (stamp_s + correction_s);
                        markers.push(Marker {
                            t_s: now.as_secs_f64() - age_s,
                            name,
                            origin: "lsl".to_owned(),
                        });
                    }
                    Err(Nothing::Yet) => break,
                    Err(Nothing::Lost) => return false,
                }
            }
            true
        });
        markers.sort_by(|a, b| a.t_s.total_cmp(&b.t_s));
        markers
    }

    fn look(&mut self) {
        for info in self.resolver.found() {
            let source_id = info.source_id();
            if source_id.starts_with(&self.lsl.source) {
                continue;
            }
            // The library itself finds a sender with a source id again; one without is another stream each time.
            let identity = if source_id.is_empty() { info.uid() } else { source_id };
            let key = (info.name(), identity);
            if self.streams.iter().any(|stream| stream.key == key) {
                continue;
            }
            if let Some(inlet) = Inlet::new(&info) {
                self.streams.push(Stream { key, info, inlet });
            }
        }
    }
}
