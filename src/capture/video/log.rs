//! What ffmpeg writes to its error stream: one timestamp a frame, and what went wrong in between.
//!
//! The `metadata=mode=print` filter logs each frame's time just before the frame is encoded, so that the n-th time
//! belongs to the n-th picture on the output pipe. A thread reads the stream, since both pipes must be emptied for
//! ffmpeg to go on; it passes one [`FrameNote`] a frame through a bounded channel. Trouble is counted, not queued, so
//! that a flood of messages cannot fill the channel; ffmpeg holds a few dozen frames at most, far below the bound.

use std::io::{BufRead, BufReader, Read};
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, bounded};

/// Frames that may wait between the two pipes. Drop policy: none, the thread waits (and ffmpeg with it).
const NOTE_QUEUE: usize = 4096;
/// Longest line kept; ffmpeg's lines are below 300 bytes unless a file name is long.
const MAX_LINE_BYTES: u64 = 4096;

/// The MJPEG decoder logs damage but does not mark the frame.
const CORRUPT_MJPEG: [&str; 2] = ["[error] error y=", "[error] error count: "];

/// What was logged up to one frame, or up to the end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct FrameNote {
    /// Presentation time in ns; `None` where the file gives none.
    pub(super) pts_ns: Option<i64>,
    /// Packets before this frame that could not be decoded at all.
    pub(super) lost_before: u64,
    /// The decoder marked this frame as damaged.
    pub(super) is_corrupt: bool,
    /// Messages of level error or worse, before this frame.
    pub(super) errors: u64,
    /// The last of them.
    pub(super) last_error: Option<String>,
    /// No frame: the stream has ended.
    pub(super) is_end: bool,
}

/// One line's meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Line {
    Time(Option<i64>),
    Lost(String),
    Corrupt,
    Error(String),
    Other,
}

/// Starts the reader thread, named `onset-ffmpeg`. It ends when ffmpeg closes its error stream or the receiver is gone.
pub(super) fn follow(
    stderr: impl Read + Send + 'static,
) -> std::io::Result<(Receiver<FrameNote>, JoinHandle<()>)> {
    let (sender, receiver) = bounded(NOTE_QUEUE);
    let thread =
        std::thread::Builder::new().name("onset-ffmpeg".to_owned()).spawn(move || run(stderr, &sender))?;
    Ok((receiver, thread))
}

fn run(stderr: impl Read, notes: &Sender<FrameNote>) {
    let mut input = BufReader::new(stderr);
    let mut note = FrameNote::default();
    let mut line = Vec::new();
    let mut is_listening = true;
    loop {
        line.clear();
        match input.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => break,
            Ok(_) => {}
        }
        match parse(&String::from_utf8_lossy(&line)) {
            Line::Time(pts_ns) => {
                let full = FrameNote { pts_ns, ..std::mem::take(&mut note) };
                // Without a listener the stream is still emptied, so that ffmpeg can end by itself.
                is_listening = is_listening && notes.send(full).is_ok();
            }
            Line::Lost(text) => {
                note.lost_before += 1;
                note.errors += 1;
                note.last_error = Some(text);
            }
            Line::Corrupt => note.is_corrupt = true,
            Line::Error(text) => {
                note.errors += 1;
                note.last_error = Some(text);
            }
            Line::Other => {}
        }
    }
    if is_listening {
        // The receiver may be gone by now, which is what we would tell it.
        let _ = notes.send(FrameNote { is_end: true, ..note });
    }
}

/// Reads one line as `-loglevel repeat+level+info` formats it.
fn parse(line: &str) -> Line {
    let line = line.trim();
    if let Some(pts) = line.split_once("] [info] frame:").and_then(|(_, rest)| value_after(rest, "pts:")) {
        return Line::Time(pts.parse().ok());
    }
    if line.contains("corrupt decoded frame") || CORRUPT_MJPEG.iter().any(|text| line.contains(text)) {
        return Line::Corrupt;
    }
    let message =
        ["[error] ", "[fatal] ", "[panic] "].iter().find_map(|level| Some(line.split_once(level)?.1));
    match message {
        // ffmpeg up to 6, from 7 on, and (asked for the frame) from 7.1 on.
        Some(text)
            if text.contains("Error while decoding stream")
                || text.contains("Error submitting packet to decoder")
                || text.contains("Decoding error:") =>
        {
            Line::Lost(text.to_owned())
        }
        Some(text) => Line::Error(text.to_owned()),
        None => Line::Other,
    }
}

/// The word after `key` in `text`.
fn value_after<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    text.split_once(key)?.1.split_whitespace().next()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn real_lines_are_understood() {
        let line = "[Parsed_metadata_2 @ 0x55a4bfb31500] [info] frame:11   pts:433000000 pts_time:0.433\n";
        assert_eq!(parse(line), Line::Time(Some(433_000_000)));
        let line = "[Parsed_metadata_2 @ 0x1] [info] frame:0    pts:-33000000 pts_time:-0.033";
        assert_eq!(parse(line), Line::Time(Some(-33_000_000)));
        let line = "[Parsed_metadata_2 @ 0x1] [info] frame:0    pts:NOPTS   pts_time:NOPTS";
        assert_eq!(parse(line), Line::Time(None));
        let line = "[error] Error while decoding stream #0:0: Invalid data found when processing input";
        assert!(matches!(parse(line), Line::Lost(_)));
        let line =
            "[vist#0:0/h264 @ 0x5] [dec:h264 @ 0x6] [error] Error submitting packet to decoder: Invalid data";
        assert!(matches!(parse(line), Line::Lost(_)));
        assert_eq!(parse("[warning] x.mkv: corrupt decoded frame in stream 0"), Line::Corrupt);
        assert_eq!(parse("[mjpeg @ 0x55a4709dd400] [error] error y=0 x=1"), Line::Corrupt);
        assert_eq!(
            parse("[h264 @ 0x5] [error] error while decoding MB 10 20"),
            Line::Error("error while decoding MB 10 20".to_owned())
        );
        assert_eq!(parse("[info] frame=   51 fps=0.0 q=-0.0 Lsize=    2869kB time=00:00:02.06"), Line::Other);
        assert_eq!(parse("[Parsed_metadata_2 @ 0x55a4bfb31500] [info] onset=1"), Line::Other);
    }

    #[test]
    fn trouble_is_counted_towards_the_next_frame_and_the_end() {
        let log = "[error] Error while decoding stream #0:0: bad\n[h264 @ 0x5] [error] concealed\n\
                   [p @ 0x1] [info] frame:0 pts:5 pts_time:0\n[warning] corrupt decoded frame in stream 0\n\
                   [p @ 0x1] [info] frame:1 pts:9 pts_time:0\n[mov @ 0x2] [error] partial file\n";
        let (notes, thread) = follow(log.as_bytes()).unwrap();
        let notes: Vec<_> = notes.iter().collect();
        thread.join().unwrap();
        let [first, second, end] = &notes[..] else { panic!("{notes:?}") };
        assert_eq!((first.pts_ns, first.lost_before, first.errors, first.is_corrupt), (Some(5), 1, 2, false));
        assert_eq!(
            (second.pts_ns, second.lost_before, second.errors, second.is_corrupt),
            (Some(9), 0, 0, true)
        );
        assert_eq!((end.is_end, end.errors, end.last_error.as_deref()), (true, 1, Some("partial file")));
    }

    #[test]
    fn a_flood_of_messages_does_not_fill_the_queue() {
        let log = "[h264 @ 0x5] [error] concealed\n".repeat(3 * NOTE_QUEUE);
        let (notes, thread) = follow(std::io::Cursor::new(log.into_bytes())).unwrap();
        thread.join().unwrap();
        assert_eq!(notes.iter().map(|n| n.errors).collect::<Vec<_>>(), [3 * NOTE_QUEUE as u64]);
    }

    proptest! {
        #[test]
        fn any_line_never_panics(line in ".{0,120}", pts in any::<i64>()) {
            let _ = parse(&line);
            let made = format!("[x @ 0x0] [info] frame:1 pts:{pts} pts_time:{line}");
            prop_assert_eq!(parse(&made), Line::Time(Some(pts)));
        }
    }
}
