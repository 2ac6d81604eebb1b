//! Walks through a session's frames once and gives each wanted moment the frame that is nearest.

use super::plan::{Want, What, time_of};
use crate::capture::{Captured, Source};
use crate::dataset::folder::FolderError;
use crate::types::Frame;

/// What became of a wanted moment.
pub(super) enum Met<'a> {
    /// This frame shows it.
    Frame(&'a Frame),
    /// No frame near enough is in the recording.
    NotRecorded,
}

/// How a walk went.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Walked {
    /// Frames that were read.
    pub frames: u64,
    /// Capture time of the last one.
    pub last_s: Option<f64>,
}

/// Gives `each` every wanted moment, in order of time, with its frame. `tick` is told how many frames were read, and says whether to go on.
///
/// # Errors
/// The source's, those of `each`, and [`FolderError::Interrupted`].
pub(super) fn walk(
    source: &mut dyn Source,
    wants: &[Want],
    every_s: f64,
    end_of_step_s: impl Fn(usize) -> f64,
    tick: &mut dyn FnMut(u64) -> bool,
    each: &mut dyn FnMut(&Want, Met<'_>) -> Result<(), FolderError>,
) -> Result<Walked, FolderError> {
    let end_of = |want: &Want| match want.what {
        What::Interval { step } => end_of_step_s(step),
        _ => f64::INFINITY,
    };
    let (mut current, mut previous) = (Frame::default(), Frame::default());
    let mut previous_s: Option<f64> = None;
    let (mut frames, mut next, mut is_beside_gap) = (0, 0, false);
    loop {
        match source.next(&mut current)? {
            Captured::Frame => {}
            Captured::Gap(_) => {
                is_beside_gap = true;
                continue;
            }
            Captured::Waiting => continue,
            Captured::End => break,
        }
        frames += 1;
        if !tick(frames) {
            return Err(FolderError::Interrupted(
                "the dataset has no manifest for this session yet".to_owned(),
            ));
        }
        let time_s = time_of(&current);
        while let Some(want) = wants.get(next).filter(|want| want.at_s <= time_s) {
            next += 1;
            let is_interval = matches!(want.what, What::Interval { .. });
            let nearer = previous_s
                .filter(|before| !is_interval && want.at_s - before < time_s - want.at_s)
                .map_or((&current, time_s), |before| (&previous, before));
            let is_met = want.is_met_by(nearer.1, end_of(want), every_s, is_beside_gap);
            each(want, if is_met { Met::Frame(nearer.0) } else { Met::NotRecorded })?;
        }
        previous_s = Some(time_s);
        is_beside_gap = false;
        std::mem::swap(&mut current, &mut previous);
    }
    for want in wants.iter().skip(next) {
        let is_interval = matches!(want.what, What::Interval { .. });
        let is_met = previous_s
            .is_some_and(|last| !is_interval && want.is_met_by(last, end_of(want), every_s, is_beside_gap));
        if is_met {
            each(want, Met::Frame(&previous))?;
        } else if !want.is_open_ended {
            each(want, Met::NotRecorded)?;
        }
    }
    Ok(Walked { frames, last_s: previous_s })
}
