//! What the overlay shows of a session: collects observations and renders them. Shared by the window, the headless
//! screenshot and `analyze --overlay`.

use std::collections::VecDeque;
use std::sync::Arc;

use anyhow::{Context, Result};
use image::RgbImage;

use crate::image::convert::rgb_from_frame;
use crate::overlay::{
    Canvas, FADE_S, Layers, LiveStats, OperatorView, Painter, Scene, SceneText, ShownEvent, TRACE_SETS,
};
use crate::pipeline::{FrameCounts, LatencyHistogram, RateMeter};
use crate::types::{
    Event, Frame, FrameStatus, Gap, LandmarkUpdate, Mismatch, Observability, Observation, RegionId, Signal,
    Timestamp,
};

/// Seconds that the traces show.
const TRACE_S: f64 = 5.0;
/// Events that are kept for the list.
const EVENTS: usize = 32;

/// A session as the overlay sees it.
pub(super) struct View {
    painter: Painter,
    canvas: Canvas,
    rgb: RgbImage,
    signals: VecDeque<Signal>,
    statuses: VecDeque<(f64, FrameStatus)>,
    observability: VecDeque<Observability>,
    mismatches: VecDeque<(f64, Mismatch)>,
    events: VecDeque<ShownEvent>,
    markers_s: Vec<f64>,
    update: Option<Arc<LandmarkUpdate>>,
    traced: usize,
    latency: LatencyHistogram,
    rate: RateMeter,
    stats: LiveStats,
    pub(super) counts: FrameCounts,
    pub(super) text: SceneText,
    pub(super) layers: Layers,
    pub(super) is_mirrored: bool,
}

impl View {
    /// An empty view that renders pictures of this size.
    pub(super) fn new(width_px: usize, height_px: usize, text: SceneText) -> Result<Self> {
        Ok(Self {
            painter: Painter::new()?,
            canvas: Canvas::new(width_px, height_px),
            rgb: RgbImage::default(),
            signals: VecDeque::new(),
            statuses: VecDeque::new(),
            observability: VecDeque::new(),
            mismatches: VecDeque::new(),
            events: VecDeque::new(),
            markers_s: Vec::new(),
            update: None,
            traced: 0,
            latency: LatencyHistogram::default(),
            rate: RateMeter::default(),
            stats: LiveStats::default(),
            counts: FrameCounts::default(),
            text,
            layers: Layers::default(),
            is_mirrored: false,
        })
    }

    /// Renders at another size from now on.
    pub(super) fn resize(&mut self, width_px: usize, height_px: usize) {
        if (self.canvas.width(), self.canvas.height()) != (width_px, height_px) {
            self.canvas.resize(width_px, height_px);
        }
    }

    /// Takes a result. `latency_ms` and `result_at` are known live only.
    pub(super) fn observe(&mut self, observation: &Observation, live: Option<(f64, Timestamp)>) {
        self.counts.add(observation);
        let now_s = observation.captured_at.as_secs_f64();
        if let Some(gap) = observation.gaps.last() {
            self.stats.last_loss = Some(gap.reason);
            self.statuses.push_back((gap.at.as_secs_f64(), FrameStatus::Gap));
        }
        self.statuses.push_back((now_s, observation.status));
        self.signals.extend(observation.signal.clone());
        self.observability.extend(observation.observability.clone());
        self.mismatches.extend(observation.mismatch.map(|parts| (now_s, parts)));
        let is_old = |at: Timestamp| now_s - at.as_secs_f64() > TRACE_S;
        while self.signals.front().is_some_and(|old| is_old(old.captured_at)) {
            self.signals.pop_front();
        }
        while self.observability.front().is_some_and(|old| is_old(old.captured_at)) {
            self.observability.pop_front();
        }
        while self.mismatches.front().is_some_and(|old| now_s - old.0 > TRACE_S) {
            self.mismatches.pop_front();
        }
        while self.statuses.front().is_some_and(|old| now_s - old.0 > TRACE_S) {
            self.statuses.pop_front();
        }
        if let Some(update) = &observation.update {
            self.update = Some(Arc::clone(update));
        }
        observation.events.iter().for_each(|event| self.show(event, now_s));
        self.events.retain(|shown| shown.withdrawn_s.is_none_or(|since| now_s - since < FADE_S));
        while self.events.len() > EVENTS {
            self.events.pop_front();
        }
        self.rate.tick(live.map_or(observation.captured_at, |(_, result_at)| result_at));
        if let Some((latency_ms, _)) = live {
            self.latency.record_ms(latency_ms);
        }
        self.stats = LiveStats {
            fps: self.rate.per_second() as f32,
            latency_p50_ms: self.latency.quantile_ms(0.5) as f32,
            latency_p95_ms: self.latency.quantile_ms(0.95) as f32,
            lost: self.counts.lost,
            last_loss: self.stats.last_loss,
            elapsed_s: now_s,
        };
    }

    /// Takes a new or changed event. A candidate that was never flagged is not shown; a flag that is withdrawn fades.
    fn show(&mut self, event: &Event, now_s: f64) {
        let withdrawn_s = event.veto.map(|_| now_s);
        match self.events.iter_mut().find(|shown| shown.event.id == event.id) {
            Some(shown) => {
                let withdrawn_s = shown.withdrawn_s.or(withdrawn_s);
                *shown = ShownEvent { event: event.clone(), withdrawn_s };
            }
            None if event.veto.is_none() => {
                self.events.push_back(ShownEvent { event: event.clone(), withdrawn_s });
            }
            None => {}
        }
    }

    /// Takes losses that no frame has followed yet.
    pub(super) fn observe_gap(&mut self, gap: &Gap) {
        self.counts.add_gap(gap);
        self.stats.lost = self.counts.lost;
        self.stats.last_loss = Some(gap.reason);
    }

    /// The user marks this moment.
    pub(super) fn mark(&mut self, at_s: f64) {
        self.markers_s.push(at_s);
    }

    /// Shows the next set of traces and gives its name.
    pub(super) fn next_traces(&mut self) -> &'static str {
        self.traced = (self.traced + 1) % TRACE_SETS.len();
        TRACE_SETS[self.traced].name
    }

    /// Live figures so far.
    pub(super) fn stats(&self) -> LiveStats {
        self.stats
    }

    /// Draws a frame with all that is known.
    pub(super) fn render(
        &mut self,
        frame: &Frame,
        observation: Option<&Observation>,
        region_points_px: &[(RegionId, [f32; 2])],
    ) -> Result<&Canvas> {
        self.render_with(frame, observation, region_points_px, None)
    }

    /// [`View::render`], with the operator's strip of a recorded session below.
    pub(super) fn render_with(
        &mut self,
        frame: &Frame,
        observation: Option<&Observation>,
        region_points_px: &[(RegionId, [f32; 2])],
        operator: Option<&OperatorView<'_>>,
    ) -> Result<&Canvas> {
        rgb_from_frame(frame, &mut self.rgb).context("cannot show this frame")?;
        let scene = Scene {
            picture: &self.rgb,
            is_mirrored: self.is_mirrored,
            observation,
            update: self.update.as_deref(),
            region_points_px,
            signals: self.signals.make_contiguous(),
            observability: self.observability.make_contiguous(),
            statuses: self.statuses.make_contiguous(),
            mismatches: self.mismatches.make_contiguous(),
            traced: TRACE_SETS[self.traced].regions,
            events: self.events.make_contiguous(),
            markers_s: &self.markers_s,
            stats: self.stats,
            text: &self.text,
            layers: self.layers,
        };
        match operator {
            None => self.painter.draw(&scene, &mut self.canvas),
            Some(operator) => self.painter.draw_session(&scene, operator, &mut self.canvas),
        }
        Ok(&self.canvas)
    }
}
