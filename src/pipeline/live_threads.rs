//! What the threads of a live session do: free functions over a plain context that each owns. Started by `live.rs`.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender};

use super::analyzer::copy_frame;
use super::live::{Controls, DisplayFrame, LiveItem, LiveOptions};
use super::ring::{FrameReader, FrameWriter, add};
use super::{Analyzer, AnalyzerError};
use crate::capture::{CaptureError, Captured, SessionClock, Source};
use crate::types::{Frame, Timestamp};

/// Frames are shown at most this often, in seconds of media: 30 pictures a second (less a tolerance for jittering time stamps) are
/// what an eye follows, and a picture costs more than the analysis of its frame.
const SHOWN_EVERY_S: f64 = 1.0 / 30.0 - 0.004;

/// The `analyze` thread.
pub(super) struct Analysis {
    pub(super) analyzer: Analyzer,
    pub(super) reader: FrameReader,
    pub(super) clock: SessionClock,
    pub(super) items: Sender<LiveItem>,
    pub(super) display: Sender<Box<DisplayFrame>>,
    pub(super) display_free: Receiver<Box<DisplayFrame>>,
    pub(super) controls: Arc<Controls>,
    /// When the frame that was last given for display was captured.
    pub(super) shown_at: Option<Timestamp>,
}

impl Analysis {
    pub(super) fn run(mut self) -> Result<(), AnalyzerError> {
        while let Ok(has_come) = self.reader.wait(Duration::from_millis(200)) {
            if !has_come {
                continue;
            }
            while let Some(mut slot) = self.reader.take() {
                let gaps = slot.gaps.take();
                let has_caller = if slot.has_frame {
                    gaps.into_iter().for_each(|gap| self.analyzer.note_gap(gap));
                    self.analyze(&slot.frame)?
                } else {
                    gaps.into_iter().all(|gap| self.items.send(LiveItem::Gap(gap)).is_ok())
                };
                self.reader.give_back(slot);
                if !has_caller {
                    return Ok(());
                }
            }
        }
        for gap in self.analyzer.take_gaps() {
            let _ = self.items.send(LiveItem::Gap(gap));
        }
        if let Some(update) = self.analyzer.finish()? {
            let _ = self.items.send(LiveItem::LastUpdate(update));
        }
        let last_events = self.analyzer.take_last_events();
        if !last_events.is_empty() {
            let _ = self.items.send(LiveItem::LastEvents(last_events));
        }
        Ok(())
    }

    /// False when the caller is gone.
    fn analyze(&mut self, frame: &Frame) -> Result<bool, AnalyzerError> {
        if self.controls.recalibrate.swap(false, Relaxed) {
            self.analyzer.recalibrate();
        }
        let Some(observation) = self.analyzer.push(frame)? else { return Ok(true) };
        let result_at = self.clock.now();
        let at = frame.captured_at;
        let is_due = self.shown_at.is_none_or(|shown| at.seconds_since(shown) >= SHOWN_EVERY_S);
        if is_due && let Ok(mut shown) = self.display_free.try_recv() {
            self.shown_at = Some(at);
            copy_frame(frame, &mut shown.frame);
            shown.observation = Some(observation.clone());
            shown.region_points_px = self.analyzer.region_points();
            let _ = self.display.try_send(shown);
        }
        let latency_ms = result_at.millis_since(frame.arrived_at);
        let item = LiveItem::Observation { observation, latency_ms, result_at };
        Ok(self.items.send(item).is_ok())
    }
}

/// The `capture` thread.
pub(super) struct Capture {
    pub(super) source: Box<dyn Source>,
    pub(super) writer: FrameWriter,
    /// Every frame again, for a recorder; `None` without one, and once it is gone.
    pub(super) recording: Option<FrameWriter>,
    pub(super) clock: SessionClock,
    pub(super) controls: Arc<Controls>,
    pub(super) options: LiveOptions,
}

impl Capture {
    pub(super) fn run(mut self) -> Result<(), CaptureError> {
        let is_live = self.source.info().is_live;
        let mut origin = None;
        while !self.controls.stop.load(Relaxed) {
            let captured = {
                let slot = self.writer.slot();
                let captured = self.source.next(&mut slot.frame)?;
                slot.has_frame = captured == Captured::Frame;
                if let Captured::Gap(gap) = captured {
                    add(&mut slot.gaps, gap);
                }
                captured
            };
            let media = self.writer.slot().frame.captured_at;
            match captured {
                Captured::End => break,
                Captured::Gap(_) => {}
                Captured::Waiting => continue,
                Captured::Frame => {
                    if self.options.duration_s.is_some_and(|limit| media.as_secs_f64() >= limit) {
                        break;
                    }
                    if self.options.pace && !is_live {
                        self.hold(media, &mut origin);
                    }
                    self.writer.slot().frame.arrived_at = self.clock.now();
                }
            }
            self.record(captured);
            if self.writer.publish().is_err() {
                return Ok(());
            }
        }
        // The last losses, where no frame came after them. A reader that is gone has no use for them.
        let _ = self.writer.publish_losses();
        if let Some(mut recording) = self.recording.take() {
            let _ = recording.publish_losses();
        }
        Ok(())
    }

    /// Hands what came to the recorder as well: into a slot that is there already, never waiting. A recorder that is gone ends
    /// the recording, not the session.
    fn record(&mut self, captured: Captured) {
        let Some(recording) = &mut self.recording else { return };
        let slot = recording.slot();
        match captured {
            Captured::Frame => {
                copy_frame(&self.writer.slot().frame, &mut slot.frame);
                slot.has_frame = true;
            }
            Captured::Gap(gap) => add(&mut slot.gaps, gap),
            Captured::Waiting | Captured::End => return,
        }
        if recording.publish().is_err() {
            self.recording = None;
        }
    }

    /// Sleeps until the frame's time has come. `origin`: the session's time at media time zero.
    fn hold(&self, media: Timestamp, origin: &mut Option<f64>) {
        let origin = origin.get_or_insert(self.clock.now().as_secs_f64() - media.as_secs_f64());
        if self.controls.is_paused.load(Relaxed) {
            let paused_from = self.clock.now();
            while self.controls.is_paused.load(Relaxed) && !self.controls.stop.load(Relaxed) {
                std::thread::sleep(Duration::from_millis(10));
            }
            *origin += self.clock.now().seconds_since(paused_from);
        }
        let wait = self.clock.until(Timestamp::from_secs_f64(media.as_secs_f64() + *origin));
        if !wait.is_zero() {
            std::thread::sleep(wait);
        }
    }
}
