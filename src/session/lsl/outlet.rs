//! What this program sends: events and stimulus markers as text, and when frames were captured.

use super::ffi::{Info, Outlet, ValueKind};
use super::{Lsl, LslError, MARKERS};
use crate::types::Timestamp;

/// The stream `Onset`, type `Markers`: one text a sample, irregular.
pub struct MarkerOutlet {
    lsl: Lsl,
    outlet: Outlet,
}

impl MarkerOutlet {
    /// Opens it; others can find it from now on.
    ///
    /// # Errors
    /// [`LslError::Refused`].
    pub fn open(lsl: &Lsl) -> Result<Self, LslError> {
        let id = lsl.source_id("markers");
        let info = Info::new(lsl.library, c"Onset", MARKERS, &[c"marker"], ValueKind::Text, &id);
        let outlet = info.and_then(|info| Outlet::new(&info));
        let outlet = outlet.ok_or(LslError::Refused { what: "open the outlet of markers" })?;
        Ok(Self { lsl: lsl.clone(), outlet })
    }

    /// Whether anyone receives.
    pub fn has_consumers(&mut self) -> bool {
        self.outlet.has_consumers()
    }

    /// Sends a marker of time `at`; `now` is the session's time now. Where nobody receives, it is gone.
    ///
    /// # Errors
    /// [`LslError::Refused`].
    pub fn push_marker(&mut self, text: &str, at: Timestamp, now: Timestamp) -> Result<(), LslError> {
        let stamp_s = self.lsl.stamp_s(at, now);
        match self.outlet.push_text(text, stamp_s) {
            true => Ok(()),
            false => Err(LslError::Refused { what: "send a marker" }),
        }
    }
}

/// The stream `Onset frames`, type `FrameTimes`: the frame's number and its capture time in seconds on the session's
/// clock, irregular. The stamp is the capture time on the clock of LSL.
pub struct FrameOutlet {
    lsl: Lsl,
    outlet: Outlet,
}

impl FrameOutlet {
    /// Opens it; others can find it from now on.
    ///
    /// # Errors
    /// [`LslError::Refused`].
    pub fn open(lsl: &Lsl) -> Result<Self, LslError> {
        let channels = [c"frame", c"captured_at_s"];
        let id = lsl.source_id("frames");
        let info = Info::new(lsl.library, c"Onset frames", c"FrameTimes", &channels, ValueKind::Double, &id);
        let outlet = info.and_then(|info| Outlet::new(&info));
        let outlet = outlet.ok_or(LslError::Refused { what: "open the outlet of frame times" })?;
        Ok(Self { lsl: lsl.clone(), outlet })
    }

    /// Sends the number and the capture time of a frame; `now` is the session's time now.
    ///
    /// # Errors
    /// [`LslError::Refused`].
    pub fn push_frame(&mut self, frame: u64, captured_at: Timestamp, now: Timestamp) -> Result<(), LslError> {
        let stamp_s = self.lsl.stamp_s(captured_at, now);
        match self.outlet.push_numbers(&[frame as f64, captured_at.as_secs_f64()], stamp_s) {
            true => Ok(()),
            false => Err(LslError::Refused { what: "send the time of a frame" }),
        }
    }
}
