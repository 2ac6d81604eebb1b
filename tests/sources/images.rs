//! Image folders and single pictures.

use std::path::Path;

use image::{DynamicImage, GrayImage, ImageFormat, Luma, LumaA, Rgb, Rgba};
use onset::capture::{Captured, ImageSource, Source};
use onset::types::{Frame, GapReason, PixelFormat, TimestampSource};
use tempfile::TempDir;

use super::{message, millis, read_all};

/// A folder with gray pictures of one level each.
fn folder(names: &[(&str, u8)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, level) in names {
        GrayImage::from_pixel(6, 4, Luma([*level])).save(folder.path().join(name)).unwrap();
    }
    folder
}

fn one(picture: impl Into<DynamicImage>, name: &str) -> Frame {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    picture.into().save(&path).unwrap();
    let mut source = ImageSource::open(&path, None).unwrap();
    assert_eq!(source.info().frame_count, Some(1));
    read_all(&mut source).unwrap().frames.remove(0)
}

fn levels(frames: &[Frame]) -> Vec<u8> {
    frames.iter().map(|f| f.data[0]).collect()
}

#[test]
fn a_folder_comes_in_natural_order_at_the_given_rate() {
    let folder = folder(&[("f10.png", 10), ("f9.png", 9), ("f1.png", 1), ("f2.bmp", 2)]);
    std::fs::write(folder.path().join("notes.md"), "not a picture").unwrap();
    std::fs::write(folder.path().join("._f1.png"), "resource fork").unwrap();
    let mut source = ImageSource::open(folder.path(), Some(25.0)).unwrap();
    assert_eq!(source.info().timestamp_source, TimestampSource::Nominal);
    assert_eq!((source.info().frame_count, source.info().duration_s), (Some(4), Some(0.16)));
    let all = read_all(&mut source).unwrap();
    assert_eq!(levels(&all.frames), [1, 2, 9, 10]);
    assert_eq!(millis(&all.frames), [0, 40, 80, 120]);
    assert!(source.warnings().is_empty());
}

#[test]
fn a_timestamps_file_sets_the_times_and_with_names_the_order() {
    let folder = folder(&[("a.png", 1), ("b.png", 2), ("c.png", 3)]);
    std::fs::write(folder.path().join("timestamps.txt"), "10.0\n10.04\n10.5\n").unwrap();
    let mut source = ImageSource::open(folder.path(), None).unwrap();
    assert_eq!(source.info().timestamp_source, TimestampSource::Media);
    assert_eq!(millis(&read_all(&mut source).unwrap().frames), [0, 40, 500]);

    std::fs::remove_file(folder.path().join("timestamps.txt")).unwrap();
    std::fs::write(folder.path().join("timestamps.csv"), "file,seconds\nc.png,0\na.png,0.1\nb.png,0.1\n")
        .unwrap();
    let mut source = ImageSource::open(folder.path(), None).unwrap();
    let all = read_all(&mut source).unwrap();
    assert_eq!((levels(&all.frames), millis(&all.frames)), (vec![3, 1, 2], vec![0, 100, 100]));
    assert!(source.warnings()[0].contains("1 frames repeat the timestamp"));

    let mut source = ImageSource::open(folder.path(), Some(10.0)).unwrap();
    assert_eq!(millis(&read_all(&mut source).unwrap().frames), [0, 100, 200]);
    assert!(source.warnings()[0].contains("timestamps.csv is not used"));
}

#[test]
fn mistakes_in_times_are_errors_that_name_the_file() {
    let folder = folder(&[("a.png", 1), ("b.png", 2)]);
    let open = |text: &str| {
        std::fs::write(folder.path().join("timestamps.txt"), text).unwrap();
        message(ImageSource::open(folder.path(), None))
    };
    assert!(open("0\n").contains("timestamps.txt: it has 1 times for 2 pictures"));
    assert!(open("1\n0.5\n").contains("timestamps.txt: line 2: the time falls"));
    assert!(open("a.png,0\n").contains("no line for b.png"));
    assert!(open("a.png,0\nb.png,1\nc.png,2\n").contains("lists c.png, which is not in the folder"));
    assert!(open("a.png,0\na.png,1\n").contains("a.png is listed twice"));
    std::fs::remove_file(folder.path().join("timestamps.txt")).unwrap();
    assert!(message(ImageSource::open(folder.path(), None)).contains("--fps"));
    for fps in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(message(ImageSource::open(folder.path(), Some(fps))).contains("above 0"));
    }
}

#[test]
fn an_unreadable_picture_is_a_gap_and_the_rest_goes_on() {
    let folder = folder(&[("1.png", 1), ("3.png", 3)]);
    std::fs::write(folder.path().join("2.png"), "this is no picture").unwrap();
    let whole = std::fs::read(folder.path().join("1.png")).unwrap();
    std::fs::write(folder.path().join("4.png"), &whole[..whole.len() / 2]).unwrap();
    let mut source = ImageSource::open(folder.path(), Some(10.0)).unwrap();
    let all = read_all(&mut source).unwrap();
    assert_eq!((levels(&all.frames), millis(&all.frames)), (vec![1, 3], vec![0, 200]));
    let gaps: Vec<_> = all.gaps.iter().map(|g| (g.first_seq, g.count, g.reason)).collect();
    assert_eq!(gaps, [(1, 1, GapReason::Corrupt), (3, 1, GapReason::Corrupt)]);
    let warnings = source.warnings();
    assert!(warnings[0].contains("2.png") && warnings[1].contains("4.png"), "{warnings:?}");
}

#[test]
fn when_nothing_can_be_read_it_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    assert!(message(ImageSource::open(folder.path(), Some(5.0))).contains("holds no pictures (png, jpg"));
    assert!(
        message(ImageSource::open(&folder.path().join("x.png"), None)).contains("x.png: it does not exist")
    );
    let bad = folder.path().join("a.png");
    std::fs::write(&bad, "no picture").unwrap();
    let mut source = ImageSource::open(&bad, None).unwrap();
    assert!(message(source.next(&mut Frame::default())).contains("a.png: it cannot be decoded"));
    assert_eq!(source.next(&mut Frame::default()).unwrap(), Captured::End);
    std::fs::write(folder.path().join("b.png"), "no picture").unwrap();
    let mut source = ImageSource::open(folder.path(), Some(5.0)).unwrap();
    let mut frame = Frame::default();
    assert!(matches!(source.next(&mut frame), Ok(Captured::Gap(_))));
    assert!(matches!(source.next(&mut frame), Ok(Captured::Gap(_))));
    assert!(message(source.next(&mut frame)).contains("none of its 2 pictures can be read"));
}

#[test]
fn gray_alpha_and_16_bit_pictures_become_gray_or_colour() {
    let frame = one(image::ImageBuffer::from_pixel(3, 2, Luma([0x80FF_u16])), "x.png");
    assert_eq!((frame.format, frame.data), (PixelFormat::Gray8, vec![0x80; 6]));
    let frame = one(image::ImageBuffer::from_pixel(1, 1, LumaA([77_u8, 0])), "x.png");
    assert_eq!((frame.format, frame.data), (PixelFormat::Gray8, vec![77]));
    // Alpha is ignored: the stored colour counts, however transparent.
    let frame = one(image::ImageBuffer::from_pixel(1, 1, Rgba([10_u8, 20, 30, 0])), "x.png");
    assert_eq!((frame.format, frame.data), (PixelFormat::Rgb8, vec![10, 20, 30]));
    let frame = one(image::ImageBuffer::from_pixel(1, 1, Rgb([0xFFFF_u16, 0x8080, 0])), "x.tiff");
    assert_eq!((frame.format, frame.data), (PixelFormat::Rgb8, vec![255, 0x80, 0]));
    for name in ["x.bmp", "x.webp", "x.tif"] {
        let frame = one(image::ImageBuffer::from_pixel(5, 3, Rgb([200_u8, 100, 50])), name);
        assert_eq!((frame.width, frame.height, &frame.data[..3]), (5, 3, &[200, 100, 50][..]), "{name}");
    }
}

#[test]
fn the_format_is_told_by_content_and_sizes_may_change() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    GrayImage::from_pixel(1, 1, Luma([1])).save_with_format(path("1.jpg"), ImageFormat::Png).unwrap();
    GrayImage::from_pixel(7680, 4320, Luma([2])).save(path("2.png")).unwrap();
    DynamicImage::from(image::RgbImage::from_pixel(3, 5, Rgb([3; 3]))).save(path("3.png")).unwrap();
    let all = read_all(&mut ImageSource::open(folder.path(), Some(1.0)).unwrap()).unwrap();
    let sizes: Vec<_> = all.frames.iter().map(|f| (f.width, f.height, f.data.len())).collect();
    assert_eq!(sizes, [(1, 1, 1), (7680, 4320, 7680 * 4320), (3, 5, 45)]);
}

#[test]
fn a_picture_above_the_size_limit_says_so() {
    let folder = folder(&[("a.png", 1)]);
    let path = folder.path().join("wide.png");
    GrayImage::from_pixel(16_385, 1, Luma([0])).save(&path).unwrap();
    let text = message(ImageSource::open(&path, None).unwrap().next(&mut Frame::default()));
    assert!(text.contains("wide.png") && text.contains("at most 16384 pixels a side"), "{text}");
}

/// A JPEG that says in its EXIF data how it must be turned.
fn write_turned(path: &Path, orientation: u8) {
    // Left half black, right half white, 16 x 8.
    let picture = GrayImage::from_fn(16, 8, |x, _| Luma([if x < 8 { 0 } else { 255 }]));
    let mut jpeg = Vec::new();
    picture.write_to(&mut std::io::Cursor::new(&mut jpeg), ImageFormat::Jpeg).unwrap();
    let mut exif = b"Exif\0\0MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
    let mut bytes = vec![0xFF, 0xD8, 0xFF, 0xE1, 0, exif.len() as u8 + 2];
    bytes.extend(exif);
    bytes.extend(&jpeg[2..]);
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn exif_orientation_is_applied() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.jpg");
    // Size, and the levels of the first and the last pixel.
    for (orientation, size, first, last) in [
        (1, (16, 8), 0, 255),
        (2, (16, 8), 255, 0),
        (3, (16, 8), 255, 0),
        (6, (8, 16), 0, 255),
        (8, (8, 16), 255, 0),
    ] {
        write_turned(&path, orientation);
        let frame = read_all(&mut ImageSource::open(&path, None).unwrap()).unwrap().frames.remove(0);
        assert_eq!((frame.width, frame.height), size, "{orientation}");
        assert!(frame.data[0].abs_diff(first) < 12, "{orientation}");
        assert!(frame.data.last().unwrap().abs_diff(last) < 12, "{orientation}");
    }
}
