//! The highest frame rate that is kept up: rates are tried upwards until frames are lost, then between.

use serde::{Deserialize, Serialize};

/// Share of frames that may be lost. 1 %: issue and field take a session with less for whole.
const LOST_SHARE: f64 = 0.01;
/// Each rate is this many times the one before.
const STEP: f64 = 1.5;
/// Halvings between the last rate that was kept up and the first that was not: within 5 %.
const HALVINGS: usize = 3;

/// One rate, tried.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    /// Frames a second.
    pub fps: f64,
    /// Share of the frames that were lost, `[0, 1]`.
    pub lost_share: f64,
    /// 95th percentile of the time from arrival to result, in ms.
    pub p95_ms: f64,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sustainable {
    /// The highest rate that was kept up; 0 where none was.
    pub fps: f64,
    /// True where the highest rate that was tried was still kept up.
    pub is_at_limit: bool,
    /// Every rate that was tried, in order.
    pub attempts: Vec<Attempt>,
}

/// Searches from `start_fps` up to `limit_fps`. `try_rate` runs a session at a rate.
///
/// # Errors
/// What `try_rate` gives.
pub fn search<E>(
    start_fps: f64,
    limit_fps: f64,
    mut try_rate: impl FnMut(f64) -> Result<Attempt, E>,
) -> Result<Sustainable, E> {
    let mut attempts = Vec::new();
    let mut keeps_up = |fps: f64| -> Result<bool, E> {
        let attempt = try_rate(fps)?;
        let kept = attempt.lost_share <= LOST_SHARE;
        attempts.push(attempt);
        Ok(kept)
    };
    let (mut kept, mut lost) = (0.0, None);
    let mut fps = start_fps.min(limit_fps);
    loop {
        if !keeps_up(fps)? {
            lost = Some(fps);
            break;
        }
        kept = fps;
        if fps >= limit_fps {
            break;
        }
        fps = (fps * STEP).min(limit_fps);
    }
    let is_at_limit = lost.is_none();
    if let Some(mut lost) = lost {
        for _ in 0..HALVINGS {
            let between = 0.5 * (kept + lost);
            if keeps_up(between)? {
                kept = between;
            } else {
                lost = between;
            }
        }
    }
    Ok(Sustainable { fps: kept, is_at_limit, attempts })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(limit: f64) -> impl FnMut(f64) -> Result<Attempt, ()> {
        move |fps| {
            Ok(Attempt { fps, lost_share: if fps > limit { 1.0 - limit / fps } else { 0.0 }, p95_ms: 5.0 })
        }
    }

    #[test]
    fn the_limit_of_a_known_machine_is_found() {
        for limit in [12.0, 61.0, 100.0, 333.0] {
            let found = search(30.0, 1000.0, machine(limit)).unwrap();
            assert!(found.fps <= limit && found.fps > 0.85 * limit, "{} of {limit}", found.fps);
            assert!(!found.is_at_limit);
        }
    }

    #[test]
    fn a_machine_without_limit_is_said_to_be_so() {
        let found = search(30.0, 240.0, machine(1e9)).unwrap();
        assert_eq!((found.fps, found.is_at_limit), (240.0, true));
    }
}
