//! One live session, timed: the same threads, queues and drawing as `onset live`.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Result;
use crossbeam_channel::RecvTimeoutError;

use super::view::View;
use crate::bench::{Stopwatch, Times, Usage, UsageAt};
use crate::capture::{CaptureError, Captured, SessionClock, Source, SourceInfo};
use crate::overlay::SceneText;
use crate::pipeline::{AnalyzerParams, LiveItem, LiveOptions, LiveSession, Probes, start_timed};
use crate::types::{Frame, Stage, StageProbe, Timestamp};

/// What a session is to be.
#[derive(Clone)]
pub(super) struct SessionPlan {
    pub(super) analyzer: AnalyzerParams,
    pub(super) warm_up_s: f64,
    pub(super) seconds: f64,
    /// Size of the overlay; `None` draws nothing.
    pub(super) picture: Option<(usize, usize)>,
    pub(super) allocations: fn() -> u64,
}

/// What came of it, without the warm-up.
pub(super) struct Measured {
    pub(super) times: Times,
    pub(super) frames: u64,
    pub(super) lost: u64,
    pub(super) drawn: u64,
    pub(super) seconds: f64,
    pub(super) usage: Usage,
}

impl Measured {
    /// From a frame's arrival to its result.
    pub(super) const TO_RESULT: &'static str = "arrival to result";
    /// From a frame's arrival to its picture.
    pub(super) const TO_PICTURE: &'static str = "arrival to picture";
}

/// Runs a session and measures it.
pub(super) fn measure(source: Box<dyn Source>, clock: SessionClock, plan: &SessionPlan) -> Result<Measured> {
    let info = source.info().clone();
    let from = Timestamp::from_secs_f64(clock.now().as_secs_f64() + plan.warm_up_s);
    let times = Arc::new(Mutex::new(Times::default()));
    let watch = || Stopwatch::new(clock, from, &times);
    let mut view = plan.picture.map(|(width, height)| view_of(&info, width, height)).transpose()?;
    let options = LiveOptions {
        analyzer: plan.analyzer.clone(),
        pace: true,
        lossless: false,
        display: view.is_some(),
        duration_s: None,
    };
    let probes = Probes { analysis: Box::new(watch()), landmarks: Box::new(watch()) };
    let timed = TimedSource { source, watch: watch() };
    let mut session = start_timed(Box::new(timed), clock, options, probes)?;
    let mut taken = Taken::new(clock, from, plan, watch());
    while taken.step(&mut session, view.as_mut())? {}
    let measured = taken.end();
    session.finish()?;
    // The threads have ended, and with them the last stopwatches.
    let times = std::mem::take(&mut *times.lock().unwrap_or_else(PoisonError::into_inner));
    Ok(Measured { times, ..measured })
}

fn view_of(info: &SourceInfo, width: usize, height: usize) -> Result<View> {
    View::new(width, height, SceneText { source: info.name.clone(), ..SceneText::default() })
}

/// What the main thread has taken of a session.
struct Taken<'a> {
    clock: SessionClock,
    from: Timestamp,
    plan: &'a SessionPlan,
    watch: Stopwatch,
    began: Option<(Timestamp, UsageAt)>,
    frames: u64,
    lost: u64,
    drawn: u64,
}

impl<'a> Taken<'a> {
    fn new(clock: SessionClock, from: Timestamp, plan: &'a SessionPlan, watch: Stopwatch) -> Self {
        Self { clock, from, plan, watch, began: None, frames: 0, lost: 0, drawn: 0 }
    }

    /// One turn of the main thread's loop, as that of the window: false once the session has ended.
    fn step(&mut self, session: &mut LiveSession, mut view: Option<&mut View>) -> Result<bool> {
        // As long as the window waits for input between two pictures.
        let mut item = session.items().recv_timeout(Duration::from_millis(4));
        if let Err(RecvTimeoutError::Disconnected) = item {
            return Ok(false);
        }
        while let Ok(taken) = item {
            self.take(taken, view.as_deref_mut());
            item = session.items().try_recv().map_err(|_| RecvTimeoutError::Timeout);
        }
        if let (Some(view), Some(shown)) = (view, session.display_frame()) {
            let began = self.clock.now();
            view.render(&shown.frame, shown.observation.as_ref(), &shown.region_points_px)?;
            self.watch.add_since(Stage::Draw.name(), began);
            self.watch.add_since(Measured::TO_PICTURE, shown.frame.arrived_at);
            self.drawn += u64::from(self.began.is_some());
            session.give_back(shown);
        }
        let is_over =
            self.began.is_some_and(|(began, _)| self.clock.now().seconds_since(began) >= self.plan.seconds);
        if is_over {
            session.stop();
        }
        Ok(true)
    }

    fn take(&mut self, item: LiveItem, view: Option<&mut View>) {
        match item {
            LiveItem::Observation { observation, latency_ms, result_at } => {
                if result_at >= self.from {
                    if self.began.is_none() {
                        self.began = Some((result_at, UsageAt::now(Some((self.plan.allocations)()))));
                    } else {
                        self.frames += 1;
                        self.lost += observation.gaps.iter().map(|gap| gap.count).sum::<u64>();
                    }
                    let arrived_ns = result_at.as_nanos() - (latency_ms * 1e6) as i64;
                    self.watch.add_between(Measured::TO_RESULT, Timestamp::from_nanos(arrived_ns), result_at);
                }
                if let Some(view) = view {
                    view.observe(&observation, Some((latency_ms, result_at)));
                }
            }
            LiveItem::Gap(gap) if self.began.is_some() => self.lost += gap.count,
            _ => {}
        }
    }

    fn end(self) -> Measured {
        let now = self.clock.now();
        let (seconds, usage) = self.began.map_or((0.0, Usage::default()), |(began, before)| {
            let after = UsageAt::now(Some((self.plan.allocations)()));
            (now.seconds_since(began), Usage::between(&before, &after))
        });
        Measured {
            times: Times::default(),
            frames: self.frames,
            lost: self.lost,
            drawn: self.drawn,
            seconds,
            usage,
        }
    }
}

/// A source whose frames are timed; for a camera, the wait for its frame is in it.
struct TimedSource {
    source: Box<dyn Source>,
    watch: Stopwatch,
}

impl Source for TimedSource {
    fn info(&self) -> &SourceInfo {
        self.source.info()
    }

    fn next(&mut self, frame: &mut Frame) -> Result<Captured, CaptureError> {
        self.watch.begin();
        let captured = self.source.next(frame);
        self.watch.end(Stage::Capture);
        captured
    }

    fn warnings(&self) -> Vec<String> {
        self.source.warnings()
    }
}
