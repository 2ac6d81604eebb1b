//! Conversions against reference arithmetic, and against bad input.

use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, GrayImage, RgbImage};
use proptest::prelude::*;

use super::*;

const FORMATS: [PixelFormat; 5] =
    [PixelFormat::Gray8, PixelFormat::Rgb8, PixelFormat::Yuyv, PixelFormat::Nv12, PixelFormat::Mjpeg];

/// A smooth colour picture: every format can carry it without chroma loss worth speaking of.
fn picture(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let (x, y) = (x as f32 / width as f32, y as f32 / height as f32);
        image::Rgb([(40.0 + 180.0 * x) as u8, (60.0 + 150.0 * y) as u8, (200.0 - 120.0 * x * y) as u8])
    })
}

/// Limited-range BT.601 Y, Cb, Cr (ITU-R BT.601-7), in floating point.
fn ycc(rgb: [u8; 3]) -> [f32; 3] {
    let [r, g, b] = rgb.map(f32::from);
    let y = 0.299 * r + 0.587 * g + 0.114 * b;
    [
        16.0 + y * 219.0 / 255.0,
        128.0 + (b - y) / 1.772 * 224.0 / 255.0,
        128.0 + (r - y) / 1.402 * 224.0 / 255.0,
    ]
}

fn frame_of(rgb: &RgbImage, format: PixelFormat) -> Frame {
    let (width, height) = rgb.dimensions();
    let at = |x: u32, y: u32| rgb.get_pixel(x.min(width - 1), y.min(height - 1)).0;
    let mut data = Vec::new();
    match format {
        PixelFormat::Gray8 => data.extend(rgb.pixels().map(|p| luma_of_rgb(p.0))),
        PixelFormat::Rgb8 => data.extend_from_slice(rgb),
        PixelFormat::Yuyv => {
            for y in 0..height {
                for x in (0..width).step_by(2) {
                    let (a, b) = (ycc(at(x, y)), ycc(at(x + 1, y)));
                    let pair = [a[0], (a[1] + b[1]) / 2.0, b[0], (a[2] + b[2]) / 2.0];
                    data.extend(pair.map(|v| v.round() as u8));
                }
            }
        }
        PixelFormat::Nv12 => {
            data.extend(rgb.pixels().map(|p| ycc(p.0)[0].round() as u8));
            for y in (0..height).step_by(2) {
                for x in (0..width).step_by(2) {
                    let four = [at(x, y), at(x + 1, y), at(x, y + 1), at(x + 1, y + 1)].map(ycc);
                    for c in 1..3 {
                        data.push((four.iter().map(|p| p[c]).sum::<f32>() / 4.0).round() as u8);
                    }
                }
            }
        }
        PixelFormat::Mjpeg => {
            JpegEncoder::new_with_quality(&mut data, 98)
                .encode(rgb, width, height, ExtendedColorType::Rgb8)
                .unwrap();
        }
    }
    Frame { width, height, format, data, ..Frame::default() }
}

/// Luma directly and luma by way of RGB.
fn both(frame: &Frame) -> (GrayImage, GrayImage) {
    let (mut luma, mut rgb) = (GrayImage::default(), RgbImage::default());
    luma_from_frame(frame, &mut luma).unwrap();
    rgb_from_frame(frame, &mut rgb).unwrap();
    let by_rgb = GrayImage::from_fn(frame.width, frame.height, |x, y| {
        image::Luma([luma_of_rgb(rgb.get_pixel(x, y).0)])
    });
    (luma, by_rgb)
}

fn worst(a: &[u8], b: &[u8]) -> u8 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| a.abs_diff(*b)).max().unwrap_or(0)
}

#[test]
fn luma_agrees_with_the_luma_of_the_colour_path_for_every_format() {
    for (width, height) in [(64, 48), (33, 17), (1, 1), (2, 1), (1, 5), (641, 3)] {
        let rgb = picture(width, height);
        let truth: Vec<u8> = rgb.pixels().map(|p| luma_of_rgb(p.0)).collect();
        for format in FORMATS {
            let (luma, by_rgb) = both(&frame_of(&rgb, format));
            assert!(worst(&luma, &by_rgb) <= 2, "{format:?} {width}x{height}: {}", worst(&luma, &by_rgb));
            // Limited range has 219 steps for 255, and JPEG rounds: 4 is its quantisation at quality 98.
            assert!(worst(&luma, &truth) <= 4, "{format:?} {width}x{height} against the original");
        }
    }
}

#[test]
fn colour_survives_every_colour_format() {
    let rgb = picture(64, 48);
    for format in [PixelFormat::Rgb8, PixelFormat::Yuyv, PixelFormat::Nv12, PixelFormat::Mjpeg] {
        let mut out = RgbImage::default();
        rgb_from_frame(&frame_of(&rgb, format), &mut out).unwrap();
        assert!(worst(&out, &rgb) <= 9, "{format:?}: {}", worst(&out, &rgb));
    }
}

#[test]
fn limited_range_is_expanded_to_the_full_range() {
    assert_eq!([0, 16, 235, 255].map(full_from_limited), [0, 0, 255, 255]);
    for y in 16..=235_u8 {
        let exact = (f64::from(y) - 16.0) * 255.0 / 219.0;
        assert!((f64::from(full_from_limited(y)) - exact).abs() <= 0.5, "{y}");
    }
}

#[test]
fn rgb_luma_has_bt601_weights() {
    for rgb in [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255; 3], [0; 3], [13, 200, 77]] {
        let [r, g, b] = rgb.map(f64::from);
        assert!((f64::from(luma_of_rgb(rgb)) - (0.299 * r + 0.587 * g + 0.114 * b)).abs() <= 0.51, "{rgb:?}");
    }
}

#[test]
fn buffers_of_the_right_size_are_reused_and_others_replaced() {
    let frame = frame_of(&picture(32, 24), PixelFormat::Yuyv);
    let (mut luma, mut rgb) = (GrayImage::new(32, 24), RgbImage::new(1, 1));
    let before = luma.as_ptr();
    luma_from_frame(&frame, &mut luma).unwrap();
    rgb_from_frame(&frame, &mut rgb).unwrap();
    assert_eq!(before, luma.as_ptr());
    assert_eq!(rgb.dimensions(), (32, 24));
}

#[test]
fn a_gray_jpeg_gives_gray_colour_too() {
    let gray = GrayImage::from_fn(40, 30, |x, y| image::Luma([(x * 3 + y * 4) as u8]));
    let mut data = Vec::new();
    JpegEncoder::new_with_quality(&mut data, 98).encode(&gray, 40, 30, ExtendedColorType::L8).unwrap();
    let frame = Frame { width: 40, height: 30, format: PixelFormat::Mjpeg, data, ..Frame::default() };
    let (luma, by_rgb) = both(&frame);
    assert!(worst(&luma, &gray) <= 4);
    assert!(worst(&luma, &by_rgb) <= 1);
}

#[test]
fn damaged_jpegs_are_errors() {
    let good = frame_of(&picture(64, 48), PixelFormat::Mjpeg);
    let mut luma = GrayImage::default();
    for damage in [
        |d: &mut Vec<u8>| d.truncate(d.len() / 2),
        |d: &mut Vec<u8>| d.truncate(3),
        |d: &mut Vec<u8>| d.clear(),
        |d: &mut Vec<u8>| d[0] = 0,
        |d: &mut Vec<u8>| d.fill(0xFF),
    ] {
        let mut frame = good.clone();
        damage(&mut frame.data);
        assert!(matches!(luma_from_frame(&frame, &mut luma), Err(PixelError::CorruptJpeg(_))));
    }
    let wrong_size = Frame { width: 32, ..good };
    let error = luma_from_frame(&wrong_size, &mut luma).unwrap_err();
    assert!(error.to_string().contains("it is 64x48, the camera announced 32x48"), "{error}");
}

#[test]
fn a_jpeg_without_huffman_tables_is_decoded_with_the_standard_ones() {
    let good = frame_of(&picture(64, 48), PixelFormat::Mjpeg);
    // The `image` encoder writes the standard tables: taking them out gives what many UVC cameras send.
    let mut bare = good.data[..2].to_vec();
    let mut at = 2;
    while good.data[at + 1] != 0xDA {
        let end = at + 2 + usize::from(u16::from_be_bytes([good.data[at + 2], good.data[at + 3]]));
        if good.data[at + 1] != 0xC4 {
            bare.extend_from_slice(&good.data[at..end]);
        }
        at = end;
    }
    bare.extend_from_slice(&good.data[at..]);
    assert!(bare.len() + 400 < good.data.len());
    let (mut with, mut without) = (GrayImage::default(), GrayImage::default());
    luma_from_frame(&good, &mut with).unwrap();
    luma_from_frame(&Frame { data: bare, ..good }, &mut without).unwrap();
    assert_eq!(with, without);
}

#[test]
fn wrong_lengths_name_what_was_expected() {
    let frame =
        Frame { width: 4, height: 2, format: PixelFormat::Nv12, data: vec![0; 11], ..Frame::default() };
    let error = luma_from_frame(&frame, &mut GrayImage::default()).unwrap_err().to_string();
    assert!(error.contains("needs 12 bytes, but it has 11"), "{error}");
}

proptest! {
    #[test]
    fn no_size_and_no_length_panics(
        width in 0_u32..70, height in 0_u32..70, len in 0_usize..9000, format in 0_usize..5, fill: u8,
    ) {
        let frame = Frame { width, height, format: FORMATS[format], data: vec![fill; len], ..Frame::default() };
        let fits = width * height > 0
            && frame_len(width, height, frame.format).is_some_and(|needed| needed == len as u64);
        prop_assert_eq!(luma_from_frame(&frame, &mut GrayImage::default()).is_ok(), fits);
        prop_assert_eq!(rgb_from_frame(&frame, &mut RgbImage::default()).is_ok(), fits);
    }

    #[test]
    fn a_right_length_always_converts(
        width in 1_u32..40, height in 1_u32..40, format in 0_usize..4, seed: u64,
    ) {
        let len = frame_len(width, height, FORMATS[format]).unwrap() as usize;
        let data = (0..len as u64).map(|i| (i.wrapping_mul(seed | 1) >> 7) as u8).collect();
        let frame = Frame { width, height, format: FORMATS[format], data, ..Frame::default() };
        let mut luma = GrayImage::default();
        luma_from_frame(&frame, &mut luma).unwrap();
        rgb_from_frame(&frame, &mut RgbImage::default()).unwrap();
        prop_assert_eq!(luma.dimensions(), (width, height));
    }

    #[test]
    fn huge_sizes_are_refused_without_allocating(width in 1_u32 << 17.., height: u32, format in 0_usize..5) {
        let frame = Frame { width, height, format: FORMATS[format], ..Frame::default() };
        prop_assert!(luma_from_frame(&frame, &mut GrayImage::default()).is_err());
    }

    #[test]
    fn damaged_jpeg_bytes_never_panic(flips in prop::collection::vec((0_usize..1500, any::<u8>()), 1..20)) {
        let mut frame = frame_of(&picture(48, 32), PixelFormat::Mjpeg);
        let len = frame.data.len();
        for (at, value) in flips {
            frame.data[at % len] = value;
        }
        let _ = luma_from_frame(&frame, &mut GrayImage::default());
        let _ = rgb_from_frame(&frame, &mut RgbImage::default());
    }
}
