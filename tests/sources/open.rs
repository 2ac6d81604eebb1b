//! `open_source` picks the right source for what it is given.

use image::{GrayImage, Luma};
use onset::capture::{CameraRequest, SessionClock, SourceSpec, SyntheticParams, open_source};

use super::{message, read_all};

fn path(path: impl Into<std::path::PathBuf>, fps: Option<f64>) -> SourceSpec {
    SourceSpec::Path { path: path.into(), fps }
}

#[test]
fn folders_pictures_and_videos_are_told_apart() {
    let clock = SessionClock::start();
    let folder = tempfile::tempdir().unwrap();
    for name in ["1.PNG", "2.png"] {
        let file = folder.path().join(name);
        GrayImage::from_pixel(2, 2, Luma([5])).save_with_format(file, image::ImageFormat::Png).unwrap();
    }
    let frames = |spec: &SourceSpec| read_all(&mut *open_source(spec, clock).unwrap()).unwrap().frames.len();
    assert_eq!(frames(&path(folder.path(), Some(10.0))), 2);
    assert_eq!(frames(&path(folder.path().join("1.PNG"), Some(10.0))), 1);
    assert!(message(open_source(&path(folder.path(), None), clock)).contains("--fps"));
    let text = message(open_source(&path(folder.path().join("x.mp4"), None), clock));
    assert!(text.contains("x.mp4: it does not exist"), "{text}");
    let params = SyntheticParams { duration_s: Some(0.1), width: 32, height: 24, ..Default::default() };
    assert_eq!(frames(&SourceSpec::Synthetic(params)), 3);
}

#[test]
fn a_camera_that_is_not_there_is_an_error_with_a_next_step() {
    let device = "no camera has such a name".parse().unwrap();
    let spec = SourceSpec::Camera(CameraRequest { device, ..Default::default() });
    let text = message(open_source(&spec, SessionClock::start()));
    assert!(
        text.contains("no camera has such a name\": not found") && text.contains("onset devices"),
        "{text}"
    );
}
