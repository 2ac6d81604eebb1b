//! The keys of a recorded session: what the participant and the operator may press.

use minifb::Key;

use super::keys::{Action, action_of_key};

/// What was pressed in a window of a recorded session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionKey {
    /// Space or Enter: the answer is given; a page of consent has been read.
    Answer,
    /// Y: I agree.
    Agree,
    /// N: the operator goes on to the next step; I do not agree.
    Next,
    /// Back or the left arrow: the page before.
    Back,
    /// Q or Escape, or the window was closed: the operator stops.
    Stop,
    /// A digit: a marker of the protocol.
    Digit(char),
    /// Everything else that the live window knows: layers, traces, the mirror.
    View(Action),
}

/// What a physical key means.
pub(super) fn session_key(key: Key) -> Option<SessionKey> {
    Some(match key {
        Key::Space | Key::Enter | Key::NumPadEnter | Key::Right | Key::PageDown => SessionKey::Answer,
        Key::Y => SessionKey::Agree,
        Key::N => SessionKey::Next,
        Key::Backspace | Key::Left | Key::PageUp => SessionKey::Back,
        Key::Q | Key::Escape => SessionKey::Stop,
        Key::Key0 | Key::NumPad0 => SessionKey::Digit('0'),
        Key::Key1 | Key::NumPad1 => SessionKey::Digit('1'),
        Key::Key2 | Key::NumPad2 => SessionKey::Digit('2'),
        Key::Key3 | Key::NumPad3 => SessionKey::Digit('3'),
        Key::Key4 | Key::NumPad4 => SessionKey::Digit('4'),
        Key::Key5 | Key::NumPad5 => SessionKey::Digit('5'),
        Key::Key6 | Key::NumPad6 => SessionKey::Digit('6'),
        Key::Key7 | Key::NumPad7 => SessionKey::Digit('7'),
        Key::Key8 | Key::NumPad8 => SessionKey::Digit('8'),
        Key::Key9 | Key::NumPad9 => SessionKey::Digit('9'),
        other => SessionKey::View(action_of_key(other)?),
    })
}
