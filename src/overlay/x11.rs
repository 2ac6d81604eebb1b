//! Looks at the X11 display before minifb does, since minifb 0.29 ends the process on two kinds.
//!
//! When its set-up fails half-way, it frees the display's default graphics context and then closes the display, which
//! frees it again: a segmentation fault. That happens on displays of less than 24 bits, and where the input method named
//! by `XMODIFIERS` does not answer (`@im=ibus` inherited by a remote or container session).

#![expect(
    unsafe_code,
    reason = "libX11 and the environment have no safe interface; each block says why it is sound"
)]

use std::sync::OnceLock;

use x11_dl::xlib::Xlib;

use super::OverlayError;

/// The depth that minifb needs, in bits.
const LEAST_DEPTH: i32 = 24;
const INPUT_METHOD: &str = "XMODIFIERS";
/// Bits of colour of the display, once it has answered.
static DEPTH: OnceLock<i32> = OnceLock::new();

/// Makes sure that minifb can open the display, or says why not.
///
/// Call before other threads start: it may change the environment.
pub(super) fn make_safe() -> Result<(), OverlayError> {
    let depth = match DEPTH.get() {
        Some(depth) => *depth,
        None => {
            let depth = depth_of_display()?;
            *DEPTH.get_or_init(|| depth)
        }
    };
    if depth < LEAST_DEPTH {
        let why = format!("the display has {depth} bits of colour, {LEAST_DEPTH} are needed");
        return Err(OverlayError::Window { why });
    }
    if std::env::var_os(INPUT_METHOD).is_some_and(|value| value != "@im=none") {
        // Single keys need no input method.
        // SAFETY: another thread must not read the environment through C meanwhile. `Window::open` asks to be called
        // before other threads start, and std's own readers take its lock.
        unsafe { std::env::set_var(INPUT_METHOD, "@im=none") };
    }
    Ok(())
}

/// Connects to the display and asks for its depth. The connection stays open for as long as the program runs: a server
/// whose last client leaves starts anew (Xvfb, or a bare X server), and would not answer when minifb connects next.
fn depth_of_display() -> Result<i32, OverlayError> {
    let lib = Xlib::open().map_err(|_| OverlayError::NoDisplay {
        why: "libX11 is not installed; on Debian: apt install libx11-6 libxcursor1".to_owned(),
    })?;
    // SAFETY: plain Xlib calls in their documented order. Before libX11 1.8 XInitThreads must come first; the null name
    // stands for DISPLAY; the display is used only after it was opened. x11-dl never
    // unloads the library that the connection belongs to.
    unsafe {
        (lib.XInitThreads)();
        let display = (lib.XOpenDisplay)(std::ptr::null());
        if display.is_null() {
            return Err(OverlayError::NoDisplay { why: no_answer() });
        }
        Ok((lib.XDefaultDepth)(display, (lib.XDefaultScreen)(display)))
    }
}

fn no_answer() -> String {
    match std::env::var("DISPLAY") {
        Ok(name) if !name.is_empty() => format!("no X server answers at DISPLAY={name}"),
        _ => "DISPLAY is not set".to_owned(),
    }
}
