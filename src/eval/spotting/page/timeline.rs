//! Timelines of one clip: truth, predictions, what could not be seen, and the traces of the regions that moved.

use super::traces::{Centred, thinned};
use crate::eval::html::{Anchor, Svg};
use crate::eval::spotting::clip_report::ClipReport;
use crate::eval::spotting::data::{Clip, PredictedEvent, TruthEvent};
use crate::eval::spotting::matching::Interval;
use crate::eval::spotting::observed::RegionMask;
use crate::eval::spotting::outcome::{happenings, has_brow_or_mouth};
use crate::eval::spotting::read_frames::Traces;
use crate::eval::spotting::report::SpottingReport;
use crate::types::{RegionId, Timestamp};

/// Strips with traces on one page; more would make it too heavy to open.
pub(super) const TRACED_STRIPS: usize = 150;
/// Longest stretch of time in one strip, in s.
const STRIP_S: f64 = 20.0;
/// Width of a strip, in px.
const WIDTH: f64 = 1160.0;
/// Where time begins: names are left of it.
const LEFT: f64 = 130.0;
/// Where time ends.
const RIGHT: f64 = WIDTH - 12.0;
/// Heights of the rows of events, and of a trace.
const ROW: f64 = 20.0;
const LANE: f64 = 50.0;

/// All strips of a clip; `budget` is how many more may have traces.
pub(super) fn strips(
    report: &SpottingReport,
    clip_report: &ClipReport,
    clip: &Clip,
    traces: &Traces,
    budget: &mut usize,
) -> String {
    let events = clip
        .truth
        .iter()
        .map(TruthEvent::interval)
        .chain(clip.predicted.iter().map(PredictedEvent::interval));
    let last_s =
        events.map(|interval| interval.offset.as_secs_f64()).fold(clip.duration_s.unwrap_or(0.0), f64::max);
    let count = (last_s / STRIP_S).ceil().max(1.0);
    let length_s = (last_s / count).max(0.5);
    let traces = Centred::of(traces, clip);
    let mut text = String::new();
    for index in 0..count as usize {
        let at = |n: usize| Timestamp::from_secs_f64(length_s * n as f64);
        let strip =
            Strip { report, clip_report, clip, time: Interval { onset: at(index), offset: at(index + 1) } };
        let is_traced = *budget > 0 && !traces.regions.is_empty() && strip.has_event();
        *budget -= usize::from(is_traced);
        text += &format!("<div class=\"scroll\">{}</div>", strip.draw(is_traced.then_some(&traces)));
    }
    text
}

struct Strip<'a> {
    report: &'a SpottingReport,
    clip_report: &'a ClipReport,
    clip: &'a Clip,
    time: Interval,
}

impl Strip<'_> {
    fn has_event(&self) -> bool {
        let is_here =
            |interval: Interval| interval.onset <= self.time.offset && interval.offset >= self.time.onset;
        self.clip.truth.iter().any(|event| event.is_micro() && is_here(event.interval()))
            || self.clip.predicted.iter().any(|event| event.is_claim() && is_here(event.interval()))
    }

    fn x(&self, at: Timestamp) -> f64 {
        let share = at.seconds_since(self.time.onset) / self.time.seconds().max(1e-9);
        LEFT + (RIGHT - LEFT) * share
    }

    /// `x` and width of the part of `interval` in this strip, at least a pixel wide; `None` where there is no such part.
    fn span(&self, interval: Interval) -> Option<(f64, f64)> {
        if interval.offset < self.time.onset || interval.onset > self.time.offset {
            return None;
        }
        let (from, to) = (self.x(interval.onset).max(LEFT), self.x(interval.offset).min(RIGHT));
        Some((from, (to - from).max(1.0)))
    }

    fn draw(&self, traces: Option<&Centred>) -> String {
        let lanes = traces.map_or(0, |traces| traces.regions.len());
        let top = 4.0;
        let bottom = top + 3.0 * ROW + lanes as f64 * LANE + 4.0;
        let mut svg = Svg::new(WIDTH, bottom + 22.0);
        self.unseen(&mut svg, [top, 3.0 * ROW], has_brow_or_mouth);
        for (index, name) in ["truth", "predicted", "other"].into_iter().enumerate() {
            svg.text([LEFT - 8.0, top + ROW * index as f64 + 14.0], Anchor::End, "name", name);
        }
        self.truth(&mut svg, top);
        self.claims(&mut svg, top + ROW);
        self.others(&mut svg, top + 2.0 * ROW);
        for (lane, id) in traces.iter().flat_map(|traces| traces.regions.iter().enumerate()) {
            let lane_top = top + 3.0 * ROW + lane as f64 * LANE;
            self.unseen(&mut svg, [lane_top + 2.0, LANE - 4.0], |regions| regions.has(*id));
            if let Some(traces) = traces {
                self.lane(&mut svg, lane_top, traces, lane, *id);
            }
        }
        self.axis(&mut svg, top, bottom);
        svg.finish("strip", &format!("timeline of {}", self.clip.name))
    }

    /// Grey where `is_seen` does not hold, lost time included.
    fn unseen(&self, svg: &mut Svg, [top, height]: [f64; 2], is_seen: impl Fn(RegionMask) -> bool) {
        let Some(observed) = &self.clip.observed else { return };
        let mut from = self.time.onset;
        let end = Interval { onset: self.time.offset, offset: self.time.offset };
        for seen in observed.stretches(is_seen).into_iter().chain([end]) {
            let gap = Interval { onset: from, offset: seen.onset.min(self.time.offset) };
            // Thinner than half a pixel is rounding.
            if gap.seconds() > 0.5 * self.time.seconds() / (RIGHT - LEFT)
                && let Some((x, width)) = self.span(gap)
            {
                svg.rect([x, top, width, height], "unseen");
            }
            from = from.max(seen.offset);
        }
    }

    fn truth(&self, svg: &mut Svg, top: f64) {
        for event in &self.clip_report.events {
            let [onset, apex, offset] =
                [event.onset_s, event.apex_s, event.offset_s].map(Timestamp::from_secs_f64);
            let Some((x, width)) = self.span(Interval { onset, offset }) else { continue };
            let amplitude =
                event.amplitude_icd.map_or_else(String::new, |icd| format!(", {:.1} % ICD", icd * 100.0));
            let units: Vec<String> = event.action_units.iter().map(u8::to_string).collect();
            let outcome = match (&event.found, &event.missed_as) {
                (Some(found), _) => format!("found, IoU {:.2}", found.iou),
                (None, missed_as) => format!("missed: {}", missed_as.as_deref().unwrap_or_default()),
            };
            let seen = if event.is_observable == Some(false) { ", not observable" } else { "" };
            let title = format!(
                "true {} {:.3}-{:.3} s, AU {}{amplitude}{seen}\n{outcome}",
                event.emotion,
                event.onset_s,
                event.offset_s,
                units.join("+"),
            );
            let class = if event.found.is_some() { "truth-found" } else { "truth-missed" };
            svg.titled_rect([x, top + 2.0, width, ROW - 4.0], class, &title);
            if self.time.contains(apex) {
                svg.line([self.x(apex), top + 2.0], [self.x(apex), top + ROW - 2.0], "tick");
            }
        }
    }

    fn claims(&self, svg: &mut Svg, top: f64) {
        let is_found =
            |id: u64| self.clip_report.events.iter().any(|e| e.found.as_ref().is_some_and(|f| f.event == id));
        for event in self.clip.predicted.iter().filter(|event| self.report.params.is_claim(event)) {
            let Some((x, width)) = self.span(event.interval()) else { continue };
            let alarm = self.clip_report.false_alarms.iter().find(|alarm| alarm.event == event.id);
            let class = if is_found(event.id) { "claim-found" } else { "claim-alarm" };
            let on = alarm.map_or_else(String::new, |alarm| format!("\nfalse alarm on: {}", alarm.on));
            svg.titled_rect([x, top + 2.0, width, ROW - 4.0], class, &(title_of(event) + &on));
            if let Some(flagged_at) = event.flagged_at.filter(|at| self.time.contains(*at)) {
                svg.line([self.x(flagged_at), top], [self.x(flagged_at), top + ROW], "tick");
            }
        }
    }

    /// Truth of other kinds above, predictions that are no claims below.
    fn others(&self, svg: &mut Svg, top: f64) {
        for event in happenings(self.clip).filter(|event| !event.is_micro()) {
            let Some((x, width)) = self.span(event.interval()) else { continue };
            let (from, to) = (event.onset.as_secs_f64(), event.offset.as_secs_f64());
            let title = format!("true {} {from:.3}-{to:.3} s", event.kind);
            svg.titled_rect([x, top + 1.0, width, 8.0], "other-truth", &title);
            if width > 46.0 {
                svg.text([x + 3.0, top + 8.0], Anchor::Start, "tiny", &event.kind);
            }
        }
        for event in self.clip.predicted.iter().filter(|event| !self.report.params.is_claim(event)) {
            let Some((x, width)) = self.span(event.interval()) else { continue };
            svg.titled_rect([x, top + 11.0, width, 7.0], "other-predicted", &title_of(event));
        }
    }

    fn lane(&self, svg: &mut Svg, top: f64, traces: &Centred, lane: usize, id: RegionId) {
        let middle = top + LANE / 2.0;
        svg.text([LEFT - 8.0, middle], Anchor::End, "name", &id.name().replace('_', " "));
        let scale = format!("± {:.1} % ICD", traces.scale_icd * 100.0);
        svg.text([LEFT - 8.0, middle + 13.0], Anchor::End, "tiny", &scale);
        svg.line([LEFT, middle], [RIGHT, middle], "grid");
        let Some(axes) = traces.displacement_icd.get(lane) else { return };
        for (values, class) in axes.iter().zip(["trace mx", "trace my"]) {
            let points = thinned(&traces.at_s, values, self.time);
            let y = |icd: f64| middle + (LANE / 2.0 - 2.0) * (icd / traces.scale_icd).clamp(-1.0, 1.0);
            svg.polyline(
                points.into_iter().map(|(at, icd)| [self.x(Timestamp::from_secs_f64(at)), y(icd)]),
                class,
            );
        }
    }

    fn axis(&self, svg: &mut Svg, top: f64, bottom: f64) {
        svg.line([LEFT, bottom], [RIGHT, bottom], "grid");
        let step = if self.time.seconds() > 8.0 { 1.0 } else { 0.2 };
        let (from, to) = (self.time.onset.as_secs_f64(), self.time.offset.as_secs_f64());
        for n in (from / step - 1e-6).ceil() as i64..=(to / step + 1e-6).floor() as i64 {
            let at = n as f64 * step;
            let x = self.x(Timestamp::from_secs_f64(at));
            let is_named = n.rem_euclid(5) == 0 || self.time.seconds() <= 3.0;
            svg.line([x, if is_named { top } else { bottom }], [x, bottom + 4.0], "grid");
            if is_named {
                let text = if step < 1.0 { format!("{at:.1} s") } else { format!("{at:.0} s") };
                svg.text([x, bottom + 17.0], Anchor::Middle, "axis", &text);
            }
        }
    }
}

fn title_of(event: &PredictedEvent) -> String {
    let (from, to) = (event.onset.as_secs_f64(), event.interval().offset.as_secs_f64());
    let veto = if event.veto.is_empty() { String::new() } else { format!(", vetoed: {}", event.veto) };
    let regions: Vec<String> = event.regions.iter().map(|id| id.name()).collect();
    format!(
        "event {}: {} {} {from:.3}-{to:.3} s, score {:.2}{veto}\n{}",
        event.id,
        event.kind,
        event.label,
        event.score,
        regions.join(", ")
    )
}
