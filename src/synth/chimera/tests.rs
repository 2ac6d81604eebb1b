//! Composites of the embedded portrait with itself under other light, at another place and size.

use image::imageops::{FilterType, crop_imm, resize};
use image::{DynamicImage, ImageFormat, RgbImage};

use super::candidates::Candidate;
use super::compose::{Composite, Unfit, compose};
use super::mask::Mask;
use super::shape::Fit;
use super::source::{Finder, Source, Unusable, decode};
use crate::types::Label;

/// The portrait's head: `size_px` pixels of it, shifted, enlarged, brightened.
fn picture(shift_px: [i32; 2], size_px: u32, gain: f32) -> RgbImage {
    let whole = image::load_from_memory(include_bytes!("../../../assets/portrait.png")).unwrap().into_rgb8();
    let first = |middle: i32, shift: i32| (middle + shift - size_px as i32 / 2).max(0) as u32;
    let cut = crop_imm(&whole, first(222, shift_px[0]), first(115, shift_px[1]), size_px, size_px).to_image();
    let mut head = resize(&cut, 220, 220, FilterType::CatmullRom);
    for value in head.iter_mut() {
        *value = (f32::from(*value) * gain).round().min(255.0) as u8;
    }
    head
}

fn candidate(name: &str, picture: &RgbImage) -> Candidate {
    let mut bytes = std::io::Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(picture.clone()).write_to(&mut bytes, ImageFormat::Png).unwrap();
    Candidate { name: name.to_owned(), label: Label::Happiness, bytes: bytes.into_inner() }
}

fn source(finder: &mut Finder, name: &str, picture: &RgbImage) -> Source {
    finder.source(candidate(name, picture)).unwrap().unwrap()
}

/// The portrait with the mouth of a darker, smaller one.
struct Made {
    original: RgbImage,
    upper: Source,
    mask: Mask,
    composite: Composite,
}

impl Made {
    /// The lower face's share of a pixel.
    fn share(&self, x: u32, y: u32) -> f32 {
        self.mask.at(self.upper.shape.face_from_image.apply([x as f32 + 0.5, y as f32 + 0.5]))
    }
}

fn composed() -> Made {
    let mut finder = Finder::new().unwrap();
    let upper = source(&mut finder, "a", &picture([0, 0], 200, 1.0));
    let lower = source(&mut finder, "b", &picture([4, 6], 216, 0.7));
    let composite = compose(&upper, &lower).unwrap();
    let fit = Fit::new(&upper.shape, &lower.shape).unwrap();
    let mask = Mask::new(&upper.shape, &lower.shape, &fit);
    Made { original: decode(&upper.candidate).unwrap(), upper, mask, composite }
}

#[test]
fn eyes_keep_their_bytes_and_the_mouth_is_the_other_ones() {
    let made = composed();
    let share = |x: u32, y: u32| made.share(x, y);
    let Made { original, upper, composite, .. } = &made;
    let width = original.width();
    let (mut changed, mut kept) = (0, 0);
    for (x, y, pixel) in original.enumerate_pixels() {
        if share(x, y) == 0.0 {
            assert_eq!(composite.picture.get_pixel(x, y), pixel, "{x} {y}");
            kept += 1;
        } else {
            changed += 1;
        }
    }
    assert!(kept > changed && changed > 4000, "{kept} {changed}");
    // Nothing of the eyes, the brows or the nose is touched; all of the lips is.
    let at = |point: usize| upper.shape.image_from_face.apply(upper.shape.points[point]).map(|v| v as u32);
    for point in [145, 374, 159, 386, 105, 334, 1, 4, 64, 294] {
        let [x, y] = at(point);
        assert_eq!(share(x, y), 0.0, "landmark {point}");
    }
    let lids = at(145)[1].max(at(374)[1]);
    assert!((0..lids).all(|y| (0..width).all(|x| share(x, y) == 0.0)));
    for point in [61, 291, 13, 14, 17] {
        let [x, y] = at(point);
        assert_eq!(share(x, y), 1.0, "landmark {point}");
    }
}

#[test]
fn the_same_face_in_other_light_comes_back_without_a_seam() {
    let made = composed();
    let (mut sum, mut count) = (0.0, 0.0);
    for (x, y, was) in made.original.enumerate_pixels() {
        let got = made.composite.picture.get_pixel(x, y);
        if made.share(x, y) > 0.0 {
            sum += (0..3).map(|i| f32::from(got.0[i].abs_diff(was.0[i]))).sum::<f32>() / 3.0;
            count += 1.0;
        }
    }
    // It was 30 % darker: some 40 levels.
    assert!(sum / count < 8.0, "{} levels", sum / count);
}

#[test]
fn the_same_pictures_give_the_same_composite() {
    assert!(composed().composite.picture == composed().composite.picture);
}

#[test]
fn pictures_without_a_usable_face_are_named() {
    let mut finder = Finder::new().unwrap();
    let gray = RgbImage::from_pixel(60, 60, image::Rgb([90; 3]));
    assert_eq!(finder.source(candidate("gray", &gray)).unwrap().unwrap_err(), Unusable::NoFace);
    let broken = Candidate { name: "x".to_owned(), label: Label::Anger, bytes: b"no picture".to_vec() };
    assert_eq!(finder.source(broken).unwrap().unwrap_err(), Unusable::Unreadable);
}

#[test]
fn a_mouth_cut_by_the_edge_is_refused() {
    let mut finder = Finder::new().unwrap();
    let upper = source(&mut finder, "a", &picture([0, 0], 200, 1.0));
    let mut lower = source(&mut finder, "b", &picture([0, 0], 200, 1.0));
    // As if the picture ended below the nose.
    let whole = decode(&lower.candidate).unwrap();
    let nose = lower.shape.image_from_face.apply(lower.shape.points[2]);
    let cut = crop_imm(&whole, 0, 0, whole.width(), nose[1] as u32 + 12).to_image();
    let shorter = cut.width().min(cut.height());
    lower.candidate = candidate("b", &resize(&cut, cut.width(), cut.height(), FilterType::Triangle));
    // Working size must not change, or its landmarks would not be the picture's.
    if shorter >= 192 {
        assert_eq!(compose(&upper, &lower).unwrap_err(), Unfit::Edge);
    }
}
