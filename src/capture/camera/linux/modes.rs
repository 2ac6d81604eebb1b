//! Modes of a V4L2 camera: listed with their true rates, and set with a look at what the driver really gave.

use v4l::Device;
use v4l::format::FieldOrder;
use v4l::frameinterval::FrameIntervalEnum;
use v4l::framesize::FrameSizeEnum;
use v4l::video::Capture;
use v4l::video::capture::Parameters;
use v4l::{Format, FourCC, Fraction};

use super::node::fault_of;
use super::stream::Layout;
use crate::capture::camera::fault::CameraFault;
use crate::capture::camera::format::{CameraFormat, CameraPixels, sort_formats_by};
use crate::capture::camera::request::CameraRequest;

/// Sizes listed of a camera that takes any within a range, beside its smallest and largest.
const COMMON_SIZES: [(u32, u32); 9] = [
    (160, 120),
    (320, 240),
    (640, 360),
    (640, 480),
    (800, 600),
    (1024, 768),
    (1280, 720),
    (1920, 1080),
    (3840, 2160),
];
/// Rates listed of a camera that takes any within a range, beside its slowest and fastest.
const COMMON_RATES: [u32; 10] = [5, 10, 15, 20, 24, 25, 30, 50, 60, 120];

/// One mode: what it is to us, and to the driver.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mode {
    /// Size, rate and layout.
    pub(super) format: CameraFormat,
    /// The layout's code.
    code: FourCC,
    /// Seconds between two frames; `None` where the driver does not say.
    interval: Option<Fraction>,
}

/// The modes of a camera that we can read, by layout, size and rate.
///
/// A range of sizes or rates is listed by its ends and the common values within, and by what `request` names.
pub(super) fn of(device: &Device, request: &CameraRequest) -> Result<Vec<Mode>, CameraFault> {
    let current = device.params().ok().map(|params| params.interval);
    let mut modes: Vec<Mode> = Vec::new();
    for code in device.enum_formats().map_err(|e| fault_of(&e))?.iter().map(|d| d.fourcc) {
        let Some(pixels) = pixels_of(code) else { continue };
        // A driver may announce a layout and then know no size of it.
        for size in device.enum_framesizes(code).unwrap_or_default() {
            for (width, height) in sizes_of(&size.size, request) {
                let listed = device.enum_frameintervals(code, width, height).unwrap_or_default();
                let mut intervals: Vec<Option<Fraction>> =
                    listed.iter().flat_map(|i| intervals_of(&i.interval, request.fps)).map(Some).collect();
                if intervals.is_empty() {
                    intervals.push(current.filter(|i| fps_of(*i) > 0.0));
                }
                modes.extend(intervals.into_iter().map(|interval| {
                    let fps = interval.map_or(0.0, fps_of);
                    Mode { format: CameraFormat { width, height, fps, pixels }, code, interval }
                }));
            }
        }
    }
    sort_formats_by(&mut modes, |mode| &mode.format);
    Ok(modes)
}

/// Sets a mode; the format with the rate that the driver chose, and how its buffers are laid out.
pub(super) fn set(device: &Device, mode: &Mode) -> Result<(CameraFormat, Layout), CameraFault> {
    let CameraFormat { width, height, mut fps, pixels } = mode.format;
    let mut asked = Format::new(width, height, mode.code);
    asked.field_order = FieldOrder::Progressive;
    let given = device.set_format(&asked).map_err(|e| fault_of(&e))?;
    if (given.width, given.height, given.fourcc) != (width, height, mode.code) {
        return Err(CameraFault::Failed(format!(
            "it gives {}x{} {}",
            given.width, given.height, given.fourcc
        )));
    }
    if matches!(given.field_order, FieldOrder::Alternate | FieldOrder::Top | FieldOrder::Bottom) {
        return Err(CameraFault::Failed(
            "it gives every other line only; choose a progressive mode".to_owned(),
        ));
    }
    // Some drivers have one rate, and no call to set it.
    if let Some(interval) = mode.interval
        && let Ok(given) = device.set_params(&Parameters::new(interval))
        && fps_of(given.interval) > 0.0
    {
        fps = fps_of(given.interval);
    }
    let layout = Layout::new(pixels, width, height, given.stride).ok_or_else(|| {
        CameraFault::Failed(format!("its lines of {} bytes are too short for {}", given.stride, mode.format))
    })?;
    Ok((CameraFormat { width, height, fps, pixels }, layout))
}

fn pixels_of(code: FourCC) -> Option<CameraPixels> {
    Some(match &code.repr {
        b"GREY" => CameraPixels::Gray,
        b"NV12" => CameraPixels::Nv12,
        b"YUYV" => CameraPixels::Yuyv,
        b"MJPG" | b"JPEG" => CameraPixels::Mjpeg,
        b"RGB3" => CameraPixels::Rgb,
        b"BGR3" => CameraPixels::Bgr,
        _ => return None,
    })
}

fn fps_of(interval: Fraction) -> f64 {
    if interval.numerator == 0 {
        return 0.0;
    }
    f64::from(interval.denominator) / f64::from(interval.numerator)
}

fn sizes_of(size: &FrameSizeEnum, request: &CameraRequest) -> Vec<(u32, u32)> {
    let range = match size {
        FrameSizeEnum::Discrete(size) => return vec![(size.width, size.height)],
        FrameSizeEnum::Stepwise(range) => range,
    };
    let fits = |(width, height): &(u32, u32)| {
        let is_in = |value: u32, min: u32, max: u32, step: u32| {
            (min..=max).contains(&value) && (value - min).is_multiple_of(step.max(1))
        };
        is_in(*width, range.min_width, range.max_width, range.step_width)
            && is_in(*height, range.min_height, range.max_height, range.step_height)
    };
    let ends = [(range.min_width, range.min_height), (range.max_width, range.max_height)];
    let mut sizes: Vec<_> =
        COMMON_SIZES.into_iter().chain(request.width.zip(request.height)).filter(fits).chain(ends).collect();
    sizes.sort_unstable();
    sizes.dedup();
    sizes
}

fn intervals_of(interval: &FrameIntervalEnum, wanted_fps: Option<f64>) -> Vec<Fraction> {
    let range = match interval {
        FrameIntervalEnum::Discrete(interval) => return vec![*interval],
        FrameIntervalEnum::Stepwise(range) => range,
    };
    // The shortest interval is the highest rate.
    let (slowest, fastest) = (fps_of(range.max), fps_of(range.min));
    let is_in = |interval: &Fraction| fps_of(*interval) > slowest && fps_of(*interval) < fastest;
    let common = COMMON_RATES.iter().map(|rate| Fraction::new(1, *rate));
    let wanted = wanted_fps.map(interval_of);
    let mut intervals = vec![range.max, range.min];
    intervals.extend(common.chain(wanted).filter(is_in));
    intervals.sort_by(|a, b| fps_of(*a).total_cmp(&fps_of(*b)));
    intervals.dedup_by_key(|interval| fps_of(*interval));
    intervals.retain(|interval| fps_of(*interval) > 0.0);
    intervals
}

/// 30 is 1/30 s; 29.97 is 1001/30000 s, as television has it; 12.5 is 1000/12500 s.
fn interval_of(fps: f64) -> Fraction {
    let whole = fps.round();
    if (fps - whole).abs() < 1e-6 {
        Fraction::new(1, whole as u32)
    } else if (fps - whole * 1000.0 / 1001.0).abs() < 0.005 {
        Fraction::new(1001, (whole * 1000.0) as u32)
    } else {
        Fraction::new(1000, (fps * 1000.0).round() as u32)
    }
}

#[cfg(test)]
mod tests {
    use v4l::{frameinterval, framesize};

    use super::*;

    fn range(min: (u32, u32), max: (u32, u32), step: (u32, u32)) -> FrameSizeEnum {
        FrameSizeEnum::Stepwise(framesize::Stepwise {
            min_width: min.0,
            max_width: max.0,
            step_width: step.0,
            min_height: min.1,
            max_height: max.1,
            step_height: step.1,
        })
    }

    #[test]
    fn a_range_of_sizes_is_its_ends_the_common_ones_and_the_wanted_one() {
        let request = |width, height| CameraRequest { width, height, ..Default::default() };
        let any = request(None, None);
        assert_eq!(
            sizes_of(&range((48, 48), (1000, 700), (1, 1)), &any),
            [(48, 48), (160, 120), (320, 240), (640, 360), (640, 480), (800, 600), (1000, 700)]
        );
        // Steps of 16 from 32: 360 lines are not among them; nor is what was asked for.
        let steps = range((32, 32), (640, 480), (16, 16));
        assert_eq!(sizes_of(&steps, &request(Some(100), Some(100))), [(32, 32), (320, 240), (640, 480)]);
        assert!(sizes_of(&steps, &request(Some(96), Some(64))).contains(&(96, 64)));
        // A driver that names no step, and one that has a single size.
        assert!(sizes_of(&range((2, 2), (640, 480), (0, 0)), &any).contains(&(640, 360)));
        let single = FrameSizeEnum::Discrete(framesize::Discrete { width: 641, height: 479 });
        assert_eq!(sizes_of(&single, &any), [(641, 479)]);
    }

    fn rates(min: (u32, u32), max: (u32, u32), wanted: Option<f64>) -> Vec<f64> {
        let fraction = |(numerator, denominator)| Fraction::new(numerator, denominator);
        let range =
            frameinterval::Stepwise { min: fraction(min), max: fraction(max), step: Fraction::new(1, 1) };
        intervals_of(&FrameIntervalEnum::Stepwise(range), wanted).into_iter().map(fps_of).collect()
    }

    #[test]
    fn a_range_of_rates_is_its_ends_the_common_ones_and_the_wanted_one() {
        assert_eq!(rates((1, 90), (1, 24), None), [24.0, 25.0, 30.0, 50.0, 60.0, 90.0]);
        assert_eq!(rates((1001, 30000), (1, 25), Some(27.5)), [25.0, 27.5, 30000.0 / 1001.0]);
        assert_eq!(rates((1, 30), (1, 30), Some(60.0)), [30.0]);
        assert_eq!(rates((0, 0), (0, 0), None), [0.0; 0]);
    }

    #[test]
    fn rates_keep_their_fractions() {
        assert_eq!(fps_of(Fraction::new(1001, 30000)), 30000.0 / 1001.0);
        assert_eq!((fps_of(Fraction::new(2, 25)), fps_of(Fraction::new(0, 25))), (12.5, 0.0));
        for (fps, interval) in
            [(30.0, (1, 30)), (29.97, (1001, 30000)), (23.976, (1001, 24000)), (12.5, (1000, 12500))]
        {
            let found = interval_of(fps);
            assert_eq!((found.numerator, found.denominator), interval, "{fps}");
        }
    }

    #[test]
    fn layouts_are_known_by_the_names_that_v4l2_uses() {
        let pixels = |code| pixels_of(FourCC::new(code));
        assert_eq!(pixels(b"GREY"), Some(CameraPixels::Gray));
        assert_eq!(pixels(b"MJPG"), Some(CameraPixels::Mjpeg));
        assert_eq!((pixels(b"GRAY"), pixels(b"H264"), pixels(b"YU12")), (None, None, None));
    }
}
