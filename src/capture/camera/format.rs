//! Camera formats and which of them to take.

use std::cmp::Reverse;
use std::fmt;

use super::fault::CameraFault;
use super::request::CameraRequest;
use crate::types::PixelFormat;

/// The size below which faces get too small for motion below a pixel: 640 x 480.
const WANTED: [u32; 2] = [640, 480];

/// Formats named in an error message.
const MAX_LISTED: usize = 12;

/// What a camera sends: [`PixelFormat`] and the one layout that is turned into RGB as it arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CameraPixels {
    /// One luma byte a pixel.
    Gray,
    /// A Y plane, then U and V at half size.
    Nv12,
    /// Y0 U Y1 V.
    Yuyv,
    /// One JPEG picture a frame.
    Mjpeg,
    /// Red, green, blue.
    Rgb,
    /// Blue, green, red.
    Bgr,
}

impl CameraPixels {
    /// The layout of the [`crate::types::Frame`]s that come of it.
    pub const fn frame_format(self) -> PixelFormat {
        match self {
            Self::Gray => PixelFormat::Gray8,
            Self::Nv12 => PixelFormat::Nv12,
            Self::Yuyv => PixelFormat::Yuyv,
            Self::Mjpeg => PixelFormat::Mjpeg,
            Self::Rgb | Self::Bgr => PixelFormat::Rgb8,
        }
    }

    /// The name used on the command line and in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gray => "gray",
            Self::Nv12 => "nv12",
            Self::Yuyv => "yuyv",
            Self::Mjpeg => "mjpeg",
            Self::Rgb => "rgb",
            Self::Bgr => "bgr",
        }
    }

    /// Rank of the work until luma is there (measured at 640x480: gray none, NV12 and YUYV 0.1 ms, MJPEG 1.5 ms). RGB
    /// comes last although it decodes fast: at 3 bytes a pixel it fills the USB bus.
    const fn work(self) -> u8 {
        match self {
            Self::Gray => 0,
            Self::Nv12 | Self::Yuyv => 1,
            Self::Mjpeg => 2,
            Self::Rgb | Self::Bgr => 3,
        }
    }
}

/// One mode of a camera.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CameraFormat {
    /// Width, in pixels.
    pub width: u32,
    /// Height, in pixels.
    pub height: u32,
    /// Frames a second that the camera announces.
    pub fps: f64,
    /// Layout.
    pub pixels: CameraPixels,
}

impl fmt::Display for CameraFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (w, h, fps) = (self.width, self.height, (self.fps * 100.0).round() / 100.0);
        write!(f, "{w}x{h} {fps} fps {}", self.pixels.name())
    }
}

impl CameraFormat {
    fn area(&self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// Whole frames a second: 29.97 and 30 are the same rate to the eye and to the ranking.
    fn whole_fps(&self) -> u64 {
        self.fps.max(0.0).round() as u64
    }
}

/// The formats that meet `request`, best first; none where nothing does.
///
/// What the request names (width, height, rate within 0.5 fps, layout) must be met. Among the rest, sizes of at least
/// 640 x 480 come first: by frame rate, then by how close the area is to 640 x 480, then by the least decoding work.
/// Smaller sizes follow, largest first.
pub fn rank_formats(formats: &[CameraFormat], request: &CameraRequest) -> Vec<CameraFormat> {
    let meets = |format: &&CameraFormat| {
        request.width.is_none_or(|w| w == format.width)
            && request.height.is_none_or(|h| h == format.height)
            && request.fps.is_none_or(|fps| (fps - format.fps).abs() <= 0.5)
            && request.pixel_format.is_none_or(|p| p == format.pixels.frame_format())
    };
    let mut ranked: Vec<CameraFormat> = formats.iter().filter(meets).copied().collect();
    let [wanted_width, wanted_height] = WANTED;
    let wanted_area = u64::from(wanted_width) * u64::from(wanted_height);
    ranked.sort_by_cached_key(|format| {
        // The user who names a size knows why; then only rate and work are left to choose.
        let is_named = request.width.is_some() && request.height.is_some();
        let is_large = is_named || (format.width >= wanted_width && format.height >= wanted_height);
        let smallness = if is_large { Reverse(0) } else { Reverse(format.area()) };
        let distance = format.area().abs_diff(wanted_area);
        (!is_large, smallness, Reverse(format.whole_fps()), distance, format.pixels.work())
    });
    ranked
}

/// Puts modes in the order in which they are listed (layout, size, rate), each once.
pub(super) fn sort_formats_by<T>(modes: &mut Vec<T>, format_of: impl Fn(&T) -> &CameraFormat) {
    modes.sort_by(|a, b| {
        let (a, b) = (format_of(a), format_of(b));
        let key = |f: &CameraFormat| (f.pixels.name(), f.width, f.height);
        key(a).cmp(&key(b)).then(a.fps.total_cmp(&b.fps))
    });
    modes.dedup_by(|a, b| format_of(a) == format_of(b));
}

/// The fault of a camera that has none of the formats asked for; names those that it has.
pub(super) fn no_such_format(formats: &[CameraFormat]) -> CameraFault {
    let names: Vec<String> = formats.iter().take(MAX_LISTED).map(ToString::to_string).collect();
    let more = formats.len().saturating_sub(MAX_LISTED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    CameraFault::NoSuchFormat(format!("{}{more}", names.join(", ")))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn format(width: u32, height: u32, fps: f64, pixels: CameraPixels) -> CameraFormat {
        CameraFormat { width, height, fps, pixels }
    }

    fn best(formats: &[CameraFormat], request: &CameraRequest) -> String {
        rank_formats(formats, request).first().map_or_else(|| "none".to_owned(), ToString::to_string)
    }

    /// What a common 1080p webcam offers.
    fn webcam() -> Vec<CameraFormat> {
        let mut formats = Vec::new();
        for (w, h) in [(160, 120), (320, 180), (320, 240), (640, 360), (640, 480), (1280, 720), (1920, 1080)]
        {
            for fps in [60.0, 30.0, 24.0, 15.0, 5.0] {
                if fps <= 30.0 || h <= 180 {
                    formats.push(format(w, h, fps, CameraPixels::Mjpeg));
                }
                if fps <= 30.0 && (h <= 480 || fps <= 10.0) {
                    formats.push(format(w, h, fps, CameraPixels::Yuyv));
                }
            }
        }
        formats
    }

    #[test]
    fn a_webcam_runs_at_vga_and_not_at_its_tiny_fast_mode() {
        assert_eq!(best(&webcam(), &CameraRequest::default()), "640x480 30 fps yuyv");
    }

    #[test]
    fn a_higher_rate_wins_over_the_closer_size_and_the_lighter_layout() {
        let mut formats = webcam();
        formats.push(format(1280, 720, 60.0, CameraPixels::Mjpeg));
        assert_eq!(best(&formats, &CameraRequest::default()), "1280x720 60 fps mjpeg");
        formats.push(format(800, 600, 60.0, CameraPixels::Mjpeg));
        assert_eq!(best(&formats, &CameraRequest::default()), "800x600 60 fps mjpeg");
        formats.push(format(640, 480, 59.94, CameraPixels::Mjpeg));
        assert_eq!(best(&formats, &CameraRequest::default()), "640x480 59.94 fps mjpeg");
    }

    #[test]
    fn at_equal_rate_and_size_the_least_work_wins() {
        use CameraPixels::{Bgr, Gray, Mjpeg, Nv12, Rgb, Yuyv};
        let mut formats: Vec<_> =
            [Rgb, Mjpeg, Bgr, Yuyv, Gray, Nv12].map(|p| format(640, 480, 30.0, p)).to_vec();
        for expected in ["gray", "yuyv", "nv12", "mjpeg", "rgb", "bgr"] {
            let ranked = rank_formats(&formats, &CameraRequest::default());
            assert_eq!(ranked[0].pixels.name(), expected);
            formats.retain(|f| f.pixels != ranked[0].pixels);
        }
    }

    #[test]
    fn what_is_asked_for_is_met_or_nothing() {
        let formats = webcam();
        let request = CameraRequest { width: Some(1280), height: Some(720), ..Default::default() };
        assert_eq!(best(&formats, &request), "1280x720 30 fps mjpeg");
        let request = CameraRequest { pixel_format: Some(PixelFormat::Mjpeg), ..Default::default() };
        assert_eq!(best(&formats, &request), "640x480 30 fps mjpeg");
        let request = CameraRequest { fps: Some(24.0), ..Default::default() };
        assert_eq!(best(&formats, &request), "640x480 24 fps yuyv");
        let request =
            CameraRequest { width: Some(320), height: Some(180), fps: Some(60.0), ..Default::default() };
        assert_eq!(best(&formats, &request), "320x180 60 fps mjpeg");
        let request = CameraRequest { fps: Some(90.0), ..Default::default() };
        assert_eq!(best(&formats, &request), "none");
    }

    #[test]
    fn a_small_camera_gives_its_largest_picture() {
        let formats = [
            format(160, 120, 120.0, CameraPixels::Yuyv),
            format(320, 240, 30.0, CameraPixels::Mjpeg),
            format(320, 240, 30.0, CameraPixels::Yuyv),
        ];
        assert_eq!(best(&formats, &CameraRequest::default()), "320x240 30 fps yuyv");
    }

    proptest! {
        #[test]
        fn ranking_keeps_exactly_what_meets_the_request(
            modes in prop::collection::vec((0_u32..4000, 0_u32..4000, -1.0..300.0_f64, 0_usize..6), 0..30),
            width in prop::option::of(0_u32..4000),
        ) {
            use CameraPixels::{Bgr, Gray, Mjpeg, Nv12, Rgb, Yuyv};
            let formats: Vec<_> = modes
                .into_iter()
                .map(|(w, h, fps, p)| format(w, h, fps, [Bgr, Gray, Mjpeg, Nv12, Rgb, Yuyv][p]))
                .collect();
            let request = CameraRequest { width, ..Default::default() };
            let ranked = rank_formats(&formats, &request);
            let expected = formats.iter().filter(|f| width.is_none_or(|w| w == f.width)).count();
            prop_assert_eq!(ranked.len(), expected);
            let is_large = |f: &CameraFormat| f.width >= 640 && f.height >= 480;
            prop_assert!(ranked.windows(2).all(|pair| is_large(&pair[0]) || !is_large(&pair[1])));
        }
    }
}
