//! The window that shows a canvas and tells which keys were pressed: minifb and nothing else.
//!
//! minifb compares key states between two updates, so a key that goes down and up within one frame would be lost. Its
//! input callback sees every press; presses are queued there, without the keyboard's auto-repeat.

use std::cell::RefCell;
use std::rc::Rc;

use minifb::{InputCallback, Key, ScaleMode, WindowOptions};

use super::OverlayError;
use super::canvas::Canvas;
use super::keys::{Action, action_of_key};
use super::session_keys::{SessionKey, session_key};

/// Largest side that is asked of the display: beyond it X servers refuse, some by ending the program.
const MAX_SIDE_PX: usize = 16_384;

/// Presses since the last poll, and the keys that are held down.
#[derive(Debug, Default)]
struct Presses {
    actions: Vec<Action>,
    keys: Vec<SessionKey>,
    held: Vec<Key>,
    is_repeat: bool,
}

/// Shares [`Presses`] with minifb.
struct PressListener(Rc<RefCell<Presses>>);

impl InputCallback for PressListener {
    fn add_char(&mut self, code_point: u32) {
        let mut presses = self.0.borrow_mut();
        // The character follows its key's press, so `is_repeat` speaks of the same stroke.
        if code_point == u32::from('?') && !presses.is_repeat {
            presses.actions.push(Action::Help);
        }
    }

    fn set_key_state(&mut self, key: Key, is_down: bool) {
        let mut presses = self.0.borrow_mut();
        if is_down {
            presses.is_repeat = presses.held.contains(&key);
            if !presses.is_repeat {
                presses.held.push(key);
                presses.actions.extend(action_of_key(key));
                presses.keys.extend(session_key(key));
            }
        } else {
            presses.held.retain(|held| *held != key);
            presses.is_repeat = false;
        }
    }
}

/// An open window. Must stay on the thread that opened it (on macOS the main thread).
pub struct Window {
    inner: minifb::Window,
    presses: Rc<RefCell<Presses>>,
}

impl Window {
    /// Looks whether a window can be opened. Call it before other threads start: on X11 it may change the environment
    /// (`XMODIFIERS`), which [`Window::open`] then need not.
    ///
    /// # Errors
    /// As [`Window::open`].
    pub fn check_display() -> Result<(), OverlayError> {
        #[cfg(all(unix, not(target_os = "macos")))]
        super::x11::make_safe()?;
        Ok(())
    }

    /// Opens a window that the user can resize. Sides are kept within 1 and 16,384 pixels.
    ///
    /// Call it, or [`Window::check_display`], before other threads start.
    ///
    /// # Errors
    /// [`OverlayError::NoDisplay`] where there is no display to open it on, [`OverlayError::Window`] where the display
    /// refuses. Neither panics nor waits.
    pub fn open(title: &str, width_px: usize, height_px: usize) -> Result<Self, OverlayError> {
        let options =
            WindowOptions { resize: true, scale_mode: ScaleMode::UpperLeft, ..WindowOptions::default() };
        let (width, height) = (width_px.clamp(1, MAX_SIDE_PX), height_px.clamp(1, MAX_SIDE_PX));
        // A NUL would end the title early; minifb takes it for an error.
        let title = title.replace('\0', " ");
        Self::check_display()?;
        let mut inner = minifb::Window::new(&title, width, height, options).map_err(|why| refused(&why))?;
        inner.set_target_fps(0);
        let presses = Rc::new(RefCell::new(Presses::default()));
        inner.set_input_callback(Box::new(PressListener(Rc::clone(&presses))));
        Ok(Self { inner, presses })
    }

    /// Width and height of what the window can show, in pixels: the size to draw the next canvas at.
    pub fn size_px(&self) -> (usize, usize) {
        let (width, height) = self.inner.get_size();
        (width.clamp(1, MAX_SIDE_PX), height.clamp(1, MAX_SIDE_PX))
    }

    /// What the user asked for since the last call, in order. Closing the window is [`Action::Quit`].
    pub fn poll(&mut self) -> Vec<Action> {
        let (mut actions, _) = self.update();
        if !self.inner.is_open() && !actions.contains(&Action::Quit) {
            actions.push(Action::Quit);
        }
        actions
    }

    /// What was pressed since the last call in a window of a recorded session, in order. Closing it is [`SessionKey::Stop`].
    pub fn poll_session(&mut self) -> Vec<SessionKey> {
        let (_, mut keys) = self.update();
        if !self.inner.is_open() && !keys.contains(&SessionKey::Stop) {
            keys.push(SessionKey::Stop);
        }
        keys
    }

    /// Serves the window; takes what was pressed since the last call, in both readings: one of them is wanted.
    fn update(&mut self) -> (Vec<Action>, Vec<SessionKey>) {
        self.inner.update();
        let mut presses = self.presses.borrow_mut();
        if !self.inner.is_active() {
            // Keys released while another window has the focus are never reported.
            presses.held.clear();
        }
        (std::mem::take(&mut presses.actions), std::mem::take(&mut presses.keys))
    }

    /// Shows a canvas, pixel by pixel from the upper left corner; draw it at [`Window::size_px`].
    ///
    /// # Errors
    /// [`OverlayError::Window`] when the display refuses the picture.
    pub fn show(&mut self, canvas: &Canvas) -> Result<(), OverlayError> {
        self.inner
            .update_with_buffer(canvas.pixels(), canvas.width(), canvas.height())
            .map_err(|why| refused(&why))
    }

    /// Changes the title.
    pub fn set_title(&mut self, title: &str) {
        self.inner.set_title(&title.replace('\0', " "));
    }
}

/// minifb's error in our words.
fn refused(why: &minifb::Error) -> OverlayError {
    let why = match why {
        minifb::Error::WindowCreate(text) | minifb::Error::UpdateFailed(text) => text.clone(),
        other => other.to_string(),
    };
    if why.contains("failed to load") {
        // "failed to load XCursor: OpenError { .. }", with each path that was tried: the library's name is enough.
        let what = why.split(':').next().unwrap_or_default();
        OverlayError::NoDisplay { why: format!("{what}; on Debian: apt install libx11-6 libxcursor1") }
    } else {
        OverlayError::Window { why }
    }
}
