//! Frame by frame, for capture loops of one's own.

use std::sync::{Mutex, MutexGuard};

use onset::analysis::Setup;
use onset::pipeline;
use onset::tables::{Ended, EventLog, MemoryTables, RunFacts, SourceFacts, TableTarget};
use onset::types::{Frame, Gap, GapReason, Timestamp};
use pyo3::prelude::*;
use pyo3::sync::MutexExt;

use crate::analysis::Collected;
use crate::error::{Kind, raise};
use crate::observation::Observation;
use crate::options::Options;
use crate::picture::{Channels, copy_into};

/// What errors and the summary call frames that were pushed.
const INPUT: &str = "pushed frames";
/// Events that may still change: the newest ones. An event is settled seconds after it was flagged.
const FOLLOWED_EVENTS: usize = 256;
/// Lost frames told of at once: hours of them. Each becomes a row.
const MOST_LOST: u64 = 1_000_000;

/// An analysis under way.
struct State {
    analyzer: pipeline::Analyzer,
    tables: MemoryTables,
    /// Which events were told of: a mere candidate need not be.
    told: EventLog,
    all_candidates: bool,
    channels: Channels,
    setup: Setup,
    frame: Frame,
    next_frame: u64,
    last_s: f64,
}

/// Turns frames into observations, one after the other.
#[pyclass(frozen, module = "onset._onset")]
pub(crate) struct Analyzer(Mutex<Option<State>>);

#[pymethods]
impl Analyzer {
    #[new]
    fn new(py: Python<'_>, options: Options, color: &str, keep_frames: bool) -> PyResult<Self> {
        let channels = Channels::from_name(color)?;
        let setup = options.setup()?;
        let analyzer = py.detach(|| setup.analyzer()).map_err(raise)?;
        let tables = MemoryTables::default()
            .with_frames(keep_frames)
            .with_candidates(options.candidates)
            .with_label_evidence(options.label_evidence);
        Ok(Self(Mutex::new(Some(State {
            analyzer,
            tables,
            told: EventLog::of_newest(FOLLOWED_EVENTS),
            all_candidates: options.candidates,
            channels,
            setup,
            frame: Frame::default(),
            next_frame: 0,
            last_s: 0.0,
        }))))
    }

    /// Analyses one frame.
    fn push(&self, py: Python<'_>, frame: &Bound<'_, PyAny>, t: f64) -> PyResult<Observation> {
        let mut guard = self.lock(py);
        let state = open(&mut guard)?;
        state.take(frame, t)?;
        let observed = py.detach(|| state.analyze());
        let (observation, events) = observed?;
        Ok(Observation::new(observation, events, t))
    }

    /// Tells of frames that were lost before the next one.
    fn lost(&self, py: Python<'_>, count: &Bound<'_, PyAny>, t: f64, reason: &str) -> PyResult<()> {
        // Before the lock is held: this may run code of the caller's.
        let wrong =
            || Kind::Frame.with(format!("count: {count} is not a number of lost frames, 1 to {MOST_LOST}"));
        let number: u64 = count.extract().map_err(|_| wrong())?;
        if !(1..=MOST_LOST).contains(&number) {
            return Err(wrong());
        }
        let mut guard = self.lock(py);
        let state = open(&mut guard)?;
        let known = GapReason::ALL.into_iter().find(|known| known.name() == reason).ok_or_else(|| {
            let names = GapReason::ALL.map(GapReason::name).join(", ");
            Kind::Option.with(format!("reason: {reason} is none; use {names}"))
        })?;
        state.check_time(t)?;
        let gap = Gap {
            first_seq: state.next_frame,
            count: number,
            at: Timestamp::from_secs_f64(t),
            reason: known,
        };
        state.analyzer.note_gap(gap);
        state.next_frame += number;
        state.last_s = t;
        Ok(())
    }

    /// Takes the face as it is now for its rest.
    fn recalibrate(&self, py: Python<'_>) -> PyResult<()> {
        open(&mut self.lock(py))?.analyzer.recalibrate();
        Ok(())
    }

    /// Settles what is still open, closes the analyzer, and gives its tables.
    fn finish(&self, py: Python<'_>) -> PyResult<Collected> {
        let mut guard = self.lock(py);
        open(&mut guard)?;
        let Some(state) = guard.take() else { return Err(closed()) };
        py.detach(|| state.finish()).map(Collected)
    }

    /// Closes it; what it holds is let go.
    fn close(&self, py: Python<'_>) {
        let state = self.lock(py).take();
        // Ends the landmarks thread, which may be at work.
        py.detach(|| drop(state));
    }

    /// True once it was finished or closed.
    #[getter]
    fn closed(&self, py: Python<'_>) -> bool {
        self.lock(py).is_none()
    }
}

impl Analyzer {
    /// Waits without the interpreter where another thread is in `push`. After a panic the analyzer counts as closed.
    fn lock(&self, py: Python<'_>) -> MutexGuard<'_, Option<State>> {
        self.0.lock_py_attached(py).unwrap_or_else(|poisoned| {
            let mut guard = poisoned.into_inner();
            *guard = None;
            guard
        })
    }
}

fn open<'a>(guard: &'a mut MutexGuard<'_, Option<State>>) -> PyResult<&'a mut State> {
    guard.as_mut().ok_or_else(closed)
}

fn closed() -> PyErr {
    Kind::Closed.with("this analyzer was closed or finished; make a new onset.Analyzer()")
}

impl State {
    /// The frame and its time, checked; the analysis is as it was where something is wrong.
    fn take(&mut self, array: &Bound<'_, PyAny>, t: f64) -> PyResult<()> {
        self.check_time(t)?;
        let before = (self.frame.width, self.frame.height);
        copy_into(array, self.channels, &mut self.frame)?;
        let (width, height) = (self.frame.width, self.frame.height);
        if before == (0, 0) {
            if let Err(error) = self.setup.in_force.check_size(INPUT, width, height) {
                (self.frame.width, self.frame.height) = (0, 0);
                return Err(raise(error));
            }
        } else if before != (width, height) {
            (self.frame.width, self.frame.height) = before;
            return Err(Kind::Frame.with(format!(
                "this frame has {width}x{height} px, those before it {}x{}; make a new onset.Analyzer() for another size",
                before.0, before.1
            )));
        }
        self.frame.seq = self.next_frame;
        self.frame.captured_at = Timestamp::from_secs_f64(t);
        self.frame.arrived_at = self.frame.captured_at;
        self.next_frame += 1;
        self.last_s = t;
        Ok(())
    }

    fn check_time(&self, t: f64) -> PyResult<()> {
        // What a signed 64-bit number of nanoseconds can hold: until the year 2261.
        if !(0.0..9.2e9).contains(&t) {
            let hint = if t >= 9.2e9 { "; is it in milliseconds or nanoseconds?" } else { "" };
            return Err(Kind::Frame.with(format!("t: {t} is not a time in seconds, 0 to 9.2e9{hint}")));
        }
        if t < self.last_s {
            return Err(Kind::Frame.with(format!(
                "t: {t} s comes before {} s, the time of the frame before; times must not go back (use time.monotonic())",
                self.last_s
            )));
        }
        Ok(())
    }

    fn analyze(&mut self) -> PyResult<(onset::types::Observation, Vec<onset::types::Event>)> {
        let observed = self.analyzer.push(&self.frame).map_err(|error| Kind::Analysis.with(error))?;
        let observation = observed.ok_or_else(|| {
            Kind::Analysis.with("the frame could not be read; this is a bug, please report it")
        })?;
        self.tables.push(&observation).map_err(raise)?;
        let mut events = observation.events.clone();
        events.retain(|event| self.told.push(event) || self.all_candidates);
        Ok((observation, events))
    }

    fn finish(mut self) -> PyResult<onset::tables::Collected> {
        for gap in self.analyzer.take_gaps() {
            self.tables.push_gap(&gap);
        }
        if let Some(update) = self.analyzer.finish().map_err(|error| Kind::Analysis.with(error))? {
            self.tables.push_update(&update);
        }
        self.tables.push_events(&self.analyzer.take_last_events());
        let seen = RunFacts {
            input: INPUT.to_owned(),
            // Nothing that a hash could be taken of.
            input_sha256: String::new(),
            ended: Ended::EndOfInput,
            source: SourceFacts {
                width: self.frame.width,
                height: self.frame.height,
                nominal_fps: None,
                timestamp_source: "caller".to_owned(),
            },
            ..RunFacts::default()
        };
        let facts = self.setup.facts(seen, self.tables.measured().fps).map_err(raise)?;
        self.tables.finish(facts, None).map_err(raise)
    }
}
