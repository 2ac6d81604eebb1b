//! The windows of a recorded session: the participant's, which shows what is asked, and the operator's, with the live overlay.

use std::path::PathBuf;

use anyhow::{Context, Result};
use image::RgbImage;

use super::interrupt;
use super::record_run::Running;
use crate::overlay::{
    Action, Canvas, OperatorView, SessionKey, Shown, StimulusPainter, StimulusScene, Window,
};
use crate::pipeline::DisplayFrame;
use crate::session::RunnerKey;
use crate::session::protocol::picture_from_file;

/// The windows are served at least this often, in seconds.
const REFRESH_S: f64 = 0.05;
/// Size of the windows as they open, in pixels.
const SIZE: (usize, usize) = (1280, 720);

/// Both windows, or the operator's alone.
pub(super) struct Face {
    operator: Window,
    participant: Option<Window>,
    painter: StimulusPainter,
    canvas: Canvas,
    /// The picture of the step that is shown, and its file.
    picture: Option<(PathBuf, RgbImage)>,
}

impl Face {
    /// Opens them: the participant's last, so that it lies on top and can be moved to their screen.
    pub(super) fn open(operator_only: bool) -> Result<Self> {
        let operator = Window::open("Onset: operator", SIZE.0, SIZE.1)?;
        let participant = match operator_only {
            true => None,
            false => Some(Window::open("Onset", SIZE.0, SIZE.1)?),
        };
        Ok(Self {
            operator,
            participant,
            painter: StimulusPainter::new()?,
            canvas: Canvas::new(SIZE.0, SIZE.1),
            picture: None,
        })
    }

    /// The window that the participant reads: their own, or the only one.
    fn readers_window(&mut self) -> &mut Window {
        self.participant.as_mut().unwrap_or(&mut self.operator)
    }

    /// Runs the session until its protocol or its source ends, or the operator stops it.
    pub(super) fn run(mut self, running: &mut Running) -> Result<()> {
        let mut shown: Option<Box<DisplayFrame>> = None;
        let mut drawn_at_s = f64::MIN;
        let mut drawn_step = None;
        loop {
            if !running.take_items() {
                return Ok(());
            }
            let newer = running.session.display_frame();
            let is_new = newer.is_some();
            if let Some(newer) = newer
                && let Some(older) = shown.replace(newer)
            {
                running.session.give_back(older);
            }
            let keys = self.keys(running);
            let goes_on = running.advance(&keys)?;
            let now_s = running.settings.clock.now().as_secs_f64();
            let step = running.runner.step();
            let is_due = now_s - drawn_at_s > REFRESH_S;
            if is_new || is_due {
                self.draw_operator(running, shown.as_deref())?;
            }
            // What is asked changes with the step; its bar moves slowly.
            if step != drawn_step || is_due {
                self.draw_participant(running)?;
                drawn_step = step;
            }
            if is_new || is_due {
                drawn_at_s = now_s;
            } else {
                Running::idle();
            }
            if !goes_on {
                return Ok(());
            }
        }
    }

    fn keys(&mut self, running: &mut Running) -> Vec<RunnerKey> {
        let mut keys = Vec::new();
        if interrupt::is_asked() {
            keys.push(RunnerKey::Stop);
        }
        // The participant's window answers; it cannot end the session, closed or not.
        if let Some(window) = &mut self.participant {
            let answers = window.poll_session();
            keys.extend(answers.iter().filter(|key| **key == SessionKey::Answer).map(|_| RunnerKey::Answer));
        }
        for key in self.operator.poll_session() {
            match key {
                SessionKey::Answer => keys.push(RunnerKey::Answer),
                SessionKey::Next => keys.push(RunnerKey::Next),
                SessionKey::Stop => keys.push(RunnerKey::Stop),
                SessionKey::Digit(digit) => keys.push(RunnerKey::Marker(digit)),
                SessionKey::View(Action::ToggleLayer(layer)) => running.view.layers.toggle(layer),
                SessionKey::View(Action::Mirror) => running.view.is_mirrored = !running.view.is_mirrored,
                SessionKey::View(Action::NextRegions) => drop(running.view.next_traces()),
                SessionKey::View(Action::Help) => running.view.layers.help = !running.view.layers.help,
                SessionKey::View(_) | SessionKey::Agree | SessionKey::Back => {}
            }
        }
        keys
    }

    fn draw_operator(&mut self, running: &mut Running, shown: Option<&DisplayFrame>) -> Result<()> {
        let Some(shown) = shown else {
            // A window that is not served is taken for one that hangs.
            return Ok(());
        };
        let (width, height) = self.operator.size_px();
        running.view.resize(width, height);
        let now = running.now().unwrap_or_default();
        let figures = running.figures();
        let steps = running.runner.steps();
        let index = running.runner.step();
        let step = index.and_then(|index| steps.get(index)).cloned().unwrap_or_default();
        let left = running.runner.left(now);
        let markers: Vec<(char, &str)> =
            running.settings.plan.markers.iter().map(|marker| (marker.key, marker.name.as_str())).collect();
        let operator = OperatorView {
            step: &step.id,
            kind: &step.kind,
            text: if step.text.is_empty() { &step.image } else { &step.text },
            number: (index.map_or(0, |index| index + 1), steps.len()),
            step_left_s: running.runner.step_left_s(now),
            session_left_s: left.max_s,
            progress: progress(running),
            disk_left_min: running.disk_left_s().map(|left_s| left_s / 60.0),
            frames_lost: figures.frames_lost,
            queue_fill: figures.queued as f32 / figures.slots.max(1) as f32,
            bytes_written: figures.bytes,
            markers: &markers,
            marker_count: running.marker_count,
            last_marker: running
                .last_marker
                .as_ref()
                .map(|(name, at)| (name.as_str(), now.seconds_since(*at))),
            notice: running.recorder.status().failed().unwrap_or_default(),
        };
        let canvas = running.view.render_with(
            &shown.frame,
            shown.observation.as_ref(),
            &shown.region_points_px,
            Some(&operator),
        )?;
        self.operator.show(canvas)?;
        Ok(())
    }

    fn draw_participant(&mut self, running: &Running) -> Result<()> {
        let Some(window) = &mut self.participant else { return Ok(()) };
        let step = running.runner.step();
        let planned = step.and_then(|step| running.runner.steps().get(step)).cloned().unwrap_or_default();
        let file = step.and_then(|step| running.settings.plan.picture(step));
        if let Some(file) = file
            && self.picture.as_ref().is_none_or(|(shown, _)| shown != file)
        {
            let picture = picture_from_file(file).map_err(anyhow::Error::msg);
            let picture = picture.with_context(|| {
                format!("{}: it could be read before the session, and not now", file.display())
            })?;
            self.picture = Some((file.to_owned(), picture.0));
        }
        let shown = match (planned.kind.as_str(), &self.picture) {
            ("image", Some((_, image))) => Shown::Picture { image, words: &planned.text },
            ("blank", _) => Shown::Blank,
            ("rest", _) => Shown::Cross(&planned.text),
            _ => Shown::Words(&planned.text),
        };
        let hint = if planned.until_key { "press the space bar to go on" } else { "" };
        let scene = StimulusScene { shown, progress: progress(running), hint };
        let (width, height) = window.size_px();
        self.canvas.resize(width, height);
        self.painter.draw(&scene, &mut self.canvas);
        window.show(&self.canvas)?;
        Ok(())
    }
}

/// How much of the session is over, by steps.
fn progress(running: &Running) -> Option<f32> {
    let steps = running.runner.steps().len();
    Some(running.runner.step()? as f32 / steps.max(1) as f32)
}

/// Shows the text page by page; true once the participant agrees (Y on the last page), false if they do not (N, or the window is closed).
pub(super) fn ask_in_window(face: &mut Face, text: &str) -> Result<bool> {
    let mut page = 0;
    loop {
        if interrupt::is_asked() {
            return Ok(false);
        }
        let (width, height) = face.readers_window().size_px();
        let pages = face.painter.consent_pages(text, width, height).max(1);
        page = page.min(pages - 1);
        let is_last = page + 1 == pages;
        let hint = if is_last { "Y: I agree    N: I do not agree" } else { "space: next page" };
        face.canvas.resize(width, height);
        let scene = StimulusScene { shown: Shown::Consent { text, page }, progress: None, hint };
        face.painter.draw(&scene, &mut face.canvas);
        let Face { operator, participant, canvas, .. } = face;
        participant.as_mut().unwrap_or(operator).show(canvas)?;
        for key in face.readers_window().poll_session() {
            match key {
                SessionKey::Agree if is_last => return Ok(true),
                SessionKey::Next | SessionKey::Stop => return Ok(false),
                SessionKey::Answer => page += 1,
                SessionKey::Back => page = page.saturating_sub(1),
                _ => {}
            }
        }
        if face.participant.is_some() && face.operator.poll_session().contains(&SessionKey::Stop) {
            return Ok(false);
        }
        std::thread::sleep(std::time::Duration::from_millis(15));
    }
}
