//! Whether a profile holds for a source: the same camera, size and frame rate.

use super::{CameraFacts, Profile, SourceKind};

/// How far frame rates may lie apart, as a share of the profile's. 0.1: within it thresholds in frames and the noise of
/// differences over 100 ms stay what they were; 30 and 25 fps, or 60 and 50, are different.
const FPS_TOLERANCE: f64 = 0.1;

/// What is known of a source before its first frame.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceFacts {
    /// What sort of source.
    pub kind: SourceKind,
    /// The camera's name; the file's for a recording.
    pub source: String,
    /// Width of the frames, in pixels; 0 where only the first frame tells.
    pub width_px: u32,
    /// Height of the frames, in pixels; 0 likewise.
    pub height_px: u32,
    /// Frames a second that it claims, or that were measured; `None` where neither is known.
    pub fps: Option<f64>,
}

/// Why a profile does not hold for a source.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Mismatch {
    /// Another camera.
    #[error("it was made with the camera {made_with:?}, this is {now:?}")]
    Camera {
        /// The profile's camera.
        made_with: String,
        /// The present one.
        now: String,
    },
    /// Frames of another size.
    #[error("it was made with frames of {}x{} px, these have {}x{}", made_with.0, made_with.1, now.0, now.1)]
    Size {
        /// Width and height in the profile, in pixels.
        made_with: (u32, u32),
        /// Those of the source.
        now: (u32, u32),
    },
    /// Another frame rate.
    #[error("it was made at {made_with:.1} frames a second, this source has {now:.1} (10 % are tolerated)")]
    FrameRate {
        /// The profile's, in frames a second.
        made_with: f64,
        /// The source's.
        now: f64,
    },
}

impl Profile {
    /// Whether this profile holds for a source. What the source does not tell is not held against it.
    ///
    /// Names are compared between two cameras only: a recording says nothing of the camera that made it.
    ///
    /// # Errors
    /// [`Mismatch`]: the first reason why not.
    pub fn check_fit(&self, source: &SourceFacts) -> Result<(), Mismatch> {
        let Some(camera) = &self.camera else { return Ok(()) };
        let are_cameras = camera.kind == SourceKind::Camera && source.kind == SourceKind::Camera;
        if are_cameras && camera.source != source.source {
            let (made_with, now) = (camera.source.clone(), source.source.clone());
            return Err(Mismatch::Camera { made_with, now });
        }
        let (made_with, now) = ((camera.width_px, camera.height_px), (source.width_px, source.height_px));
        if now.0 > 0 && now.1 > 0 && made_with != now {
            return Err(Mismatch::Size { made_with, now });
        }
        source.fps.map_or(Ok(()), |now| check_rate(camera, now))
    }
}

/// The claimed rate against the claimed one: a camera that claims 30 may give 15 in the dark. Where the profile's source
/// claimed none, against the measured one.
fn check_rate(camera: &CameraFacts, now: f64) -> Result<(), Mismatch> {
    let is_near = |fps: f64| (now - fps).abs() <= FPS_TOLERANCE * fps;
    if is_near(camera.measured_fps) || camera.nominal_fps.is_some_and(is_near) {
        return Ok(());
    }
    Err(Mismatch::FrameRate { made_with: camera.nominal_fps.unwrap_or(camera.measured_fps), now })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile() -> Profile {
        let camera = CameraFacts {
            kind: SourceKind::Camera,
            source: "Webcam HD".to_owned(),
            width_px: 640,
            height_px: 480,
            measured_fps: 15.0,
            nominal_fps: Some(30.0),
            format: "yuyv".to_owned(),
        };
        Profile { camera: Some(camera), ..Profile::default() }
    }

    fn source(kind: SourceKind, size: (u32, u32), fps: Option<f64>) -> SourceFacts {
        SourceFacts { kind, source: "Webcam HD".to_owned(), width_px: size.0, height_px: size.1, fps }
    }

    #[test]
    fn the_same_camera_and_what_cannot_be_known_fit() {
        let fits = |source| profile().check_fit(&source);
        assert_eq!(fits(source(SourceKind::Camera, (640, 480), Some(30.0))), Ok(()));
        assert_eq!(fits(source(SourceKind::Camera, (640, 480), Some(32.9))), Ok(()));
        assert_eq!(fits(source(SourceKind::Camera, (640, 480), Some(15.2))), Ok(()), "in the dark");
        assert_eq!(fits(source(SourceKind::File, (0, 0), None)), Ok(()));
        let other =
            SourceFacts { source: "talk.mp4".to_owned(), ..source(SourceKind::File, (640, 480), None) };
        assert_eq!(fits(other), Ok(()), "a recording has no camera's name");
        assert_eq!(Profile::default().check_fit(&source(SourceKind::Camera, (1, 1), Some(240.0))), Ok(()));
    }

    #[test]
    fn another_camera_size_or_rate_is_named() {
        let why = |source| profile().check_fit(&source).unwrap_err().to_string();
        let other = SourceFacts { source: "USB2".to_owned(), ..source(SourceKind::Camera, (640, 480), None) };
        assert_eq!(why(other), r#"it was made with the camera "Webcam HD", this is "USB2""#);
        assert!(
            why(source(SourceKind::Camera, (1280, 720), None)).contains("640x480 px, these have 1280x720")
        );
        let rate = why(source(SourceKind::Camera, (640, 480), Some(60.0)));
        assert!(rate.contains("30.0 frames a second, this source has 60.0"), "{rate}");
        assert!(profile().check_fit(&source(SourceKind::File, (640, 480), Some(26.9))).is_err());
    }
}
