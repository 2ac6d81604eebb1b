//! The one way to start a thread: with a name, over a plain context that it owns.

use std::io;
use std::thread::{Builder, JoinHandle};

/// Starts `body` on a thread called `name` (seen in debuggers, profilers and `top -H`).
///
/// # Errors
/// The operating system's, when it cannot start another thread.
pub fn spawn_named<T: Send + 'static>(
    name: &str,
    body: impl FnOnce() -> T + Send + 'static,
) -> io::Result<JoinHandle<T>> {
    Builder::new().name(name.to_owned()).spawn(body)
}
