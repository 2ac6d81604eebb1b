//! The frame sources from outside: what they deliver, and what they say when they cannot.

#[path = "sources/images.rs"]
mod images;
#[path = "sources/open.rs"]
mod open;
#[path = "sources/synthetic.rs"]
mod synthetic;
#[path = "sources/video.rs"]
mod video;

use onset::capture::{CaptureError, Captured, Source};
use onset::types::{Frame, Gap};

/// Everything that a source delivers until it ends.
struct All {
    frames: Vec<Frame>,
    gaps: Vec<Gap>,
}

fn read_all(source: &mut dyn Source) -> Result<All, CaptureError> {
    let mut all = All { frames: Vec::new(), gaps: Vec::new() };
    let mut frame = Frame::default();
    loop {
        match source.next(&mut frame)? {
            Captured::Frame => all.frames.push(frame.clone()),
            Captured::Gap(gap) => all.gaps.push(gap),
            Captured::Waiting => {}
            Captured::End => break,
        }
    }
    // The end is final, and every sequence number is accounted for once.
    assert_eq!(source.next(&mut frame)?, Captured::End);
    let mut seqs: Vec<u64> = all.frames.iter().map(|f| f.seq).collect();
    seqs.extend(all.gaps.iter().flat_map(|g| g.first_seq..g.first_seq + g.count));
    seqs.sort_unstable();
    assert!(seqs.iter().copied().eq(0..seqs.len() as u64), "{seqs:?}");
    assert!(all.frames.is_sorted_by_key(|f| f.captured_at));
    Ok(all)
}

/// Milliseconds of each frame, rounded.
fn millis(frames: &[Frame]) -> Vec<i64> {
    frames.iter().map(|f| (f.captured_at.as_secs_f64() * 1e3).round() as i64).collect()
}

/// The message of a result that must be an error.
fn message<T>(result: Result<T, CaptureError>) -> String {
    match result {
        Ok(_) => panic!("expected an error"),
        Err(error) => error.to_string(),
    }
}

/// Whether permissions are enforced: not for root.
#[cfg(unix)]
fn permissions_hold(path: &std::path::Path) -> bool {
    let refused = std::fs::File::open(path).is_err();
    if !refused {
        println!("SKIPPED: this user may read everything (root), so permission errors cannot be made");
    }
    refused
}
