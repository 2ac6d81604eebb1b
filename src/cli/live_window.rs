//! `onset live` in a window: shows frames as they are analysed, and does what the keys say.

use std::path::PathBuf;
use std::time::{Duration, UNIX_EPOCH};

use anyhow::{Context, Result};
use crossbeam_channel::TryRecvError;

use super::interrupt;
use super::live_headless::save_picture;
use super::view::View;
use crate::capture::{SessionClock, Source};
use crate::overlay::{Action, Window};
use crate::pipeline::{DisplayFrame, LiveItem, LiveOptions, LiveSession, start};

/// Seconds that a notice stays.
const NOTICE_S: f64 = 3.0;
/// Pause between two looks for a new frame: well under a frame at 120 fps.
const IDLE: Duration = Duration::from_millis(2);
/// The window is served at least this often, in seconds, new frames or not.
const REFRESH_S: f64 = 0.05;

/// Runs a session in a window until the user quits or the source ends.
pub(super) fn run(
    window: Window,
    source: Box<dyn Source>,
    clock: SessionClock,
    options: LiveOptions,
    view: View,
    screenshot: Option<PathBuf>,
) -> Result<()> {
    interrupt::install()?;
    let is_live = source.info().is_live;
    let session = start(source, clock, options)?;
    let mut live = Live {
        window,
        session,
        view,
        shown: None,
        notice_until_s: 0.0,
        drawn_at_s: 0.0,
        is_live,
        screenshot,
    };
    live.run()?;
    live.session.finish()?;
    Ok(())
}

struct Live {
    window: Window,
    session: LiveSession,
    view: View,
    shown: Option<Box<DisplayFrame>>,
    notice_until_s: f64,
    drawn_at_s: f64,
    is_live: bool,
    screenshot: Option<PathBuf>,
}

impl Live {
    fn run(&mut self) -> Result<()> {
        while !interrupt::is_asked() {
            let has_ended = !self.take_items();
            let now_s = self.now_s();
            let is_new = self.take_frame();
            if is_new || now_s - self.drawn_at_s > REFRESH_S {
                self.drawn_at_s = now_s;
                self.draw(now_s)?;
            } else {
                std::thread::sleep(IDLE);
            }
            for action in self.window.poll() {
                if !self.act(action)? {
                    return Ok(());
                }
            }
            if has_ended {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Takes every waiting result; false when the session has ended.
    fn take_items(&mut self) -> bool {
        loop {
            match self.session.items().try_recv() {
                Ok(LiveItem::Observation { observation, latency_ms, result_at }) => {
                    self.view.observe(&observation, Some((latency_ms, result_at)));
                }
                Ok(LiveItem::Gap(gap)) => {
                    self.view.observe_gap(&gap);
                    self.notify(format!("no frames: the camera does not answer ({} lost)", gap.count));
                }
                Ok(LiveItem::LastUpdate(_) | LiveItem::LastEvents(_)) => {}
                Err(TryRecvError::Empty) => return true,
                Err(TryRecvError::Disconnected) => return false,
            }
        }
    }

    /// Takes the newest frame, unless a camera's picture is frozen; true when there is one.
    fn take_frame(&mut self) -> bool {
        let Some(newer) = self.session.display_frame() else { return false };
        if self.is_live && self.view.text.is_paused && self.shown.is_some() {
            self.session.give_back(newer);
            return false;
        }
        if let Some(older) = self.shown.replace(newer) {
            self.session.give_back(older);
        }
        true
    }

    fn draw(&mut self, now_s: f64) -> Result<()> {
        if now_s > self.notice_until_s {
            self.view.text.notice.clear();
        }
        let (width, height) = self.window.size_px();
        self.view.resize(width, height);
        if let Some(shown) = &self.shown {
            let canvas =
                self.view.render(&shown.frame, shown.observation.as_ref(), &shown.region_points_px)?;
            self.window.show(canvas)?;
        }
        Ok(())
    }

    /// Does what a key asks; false to quit.
    fn act(&mut self, action: Action) -> Result<bool> {
        match action {
            Action::Quit => return Ok(false),
            Action::Pause => {
                self.view.text.is_paused = !self.view.text.is_paused;
                self.session.set_paused(self.view.text.is_paused);
            }
            Action::Marker => {
                let at_s = self.view.stats().elapsed_s;
                self.view.mark(at_s);
                self.notify(format!("marker at {at_s:.2} s"));
            }
            Action::Screenshot => self.screenshot()?,
            Action::Recalibrate => {
                self.session.recalibrate();
                self.notify("this face, as it is now, is taken as its rest".to_owned());
            }
            Action::Mirror => self.view.is_mirrored = !self.view.is_mirrored,
            Action::NextRegions => {
                let name = self.view.next_traces();
                self.notify(format!("traces: {name}"));
            }
            Action::ToggleLayer(layer) => self.view.layers.toggle(layer),
            Action::Help => self.view.layers.help = !self.view.layers.help,
        }
        Ok(true)
    }

    fn screenshot(&mut self) -> Result<()> {
        let Some(shown) = &self.shown else { return Ok(()) };
        let path = match &self.screenshot {
            Some(path) => path.clone(),
            None => {
                let seconds = unix_seconds(self.session.clock());
                PathBuf::from(format!("onset-{seconds}-{:06.0}ms.png", self.view.stats().elapsed_s * 1e3))
            }
        };
        let canvas = self.view.render(&shown.frame, shown.observation.as_ref(), &shown.region_points_px)?;
        let said = match save_picture(&path, &canvas.to_rgb_image()).context("no screenshot") {
            Ok(()) => format!("saved {}", path.display()),
            Err(error) => format!("{error:#}"),
        };
        self.notify(said);
        Ok(())
    }

    fn notify(&mut self, notice: String) {
        self.view.text.notice = notice;
        self.notice_until_s = self.now_s() + NOTICE_S;
    }

    fn now_s(&self) -> f64 {
        self.session.clock().now().as_secs_f64()
    }
}

/// When the session started, in seconds since 1970: names its screenshots apart from other sessions'.
fn unix_seconds(clock: &SessionClock) -> u64 {
    clock.wall_start().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
