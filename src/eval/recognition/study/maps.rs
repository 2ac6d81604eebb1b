//! Attention maps: a picture, and how much the class's probability falls where a part of it is hidden.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::codecs::png::PngEncoder;
use image::imageops::{self, FilterType};
use image::{ExtendedColorType, GrayImage, ImageBuffer, ImageEncoder, Luma, RgbImage};
use serde::Serialize;

/// Which parts of one picture decided.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AttentionMap {
    /// The network.
    pub network: String,
    /// The class whose probability was watched.
    pub class: String,
    /// The example.
    pub example: String,
    /// Width of picture and map, px.
    pub width: usize,
    /// Height of picture and map, px.
    pub height: usize,
    /// The picture, gray, row by row.
    pub picture: Vec<u8>,
    /// For each pixel how much the probability falls when it is hidden, `[-1, 1]`; below 0 where it rises.
    pub drops: Vec<f32>,
}

/// A map as the files hold it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MapFile {
    /// The network.
    pub network: String,
    /// The class whose probability was watched.
    pub class: String,
    /// The example.
    pub example: String,
    /// Width of picture and map, px.
    pub width: usize,
    /// Height of picture and map, px.
    pub height: usize,
    /// Largest fall of the probability, `[-1, 1]`.
    pub largest_drop: f32,
    /// For each pixel how much the probability falls when it is hidden, row by row, to four decimals.
    pub drops: Vec<f64>,
    /// The picture, as a data URI.
    pub picture: String,
    /// The picture with the map over it: orange where hiding lowers the probability, blue where it raises it, full colour at the
    /// strongest of this map.
    #[serde(skip)]
    pub(super) over_picture: String,
}

/// Width that pictures are enlarged to, at least, px: the map over a picture of 48 px shows no steps then.
const SHOWN_PX: u32 = 160;
/// Nothing larger than this is a picture of a face crop, px.
const MOST_PX: usize = 4096;
/// How much of the picture the strongest colour covers.
const MOST_COVER: f32 = 0.75;
/// Hiding lowers the probability; RGB. The page's `--alarm`.
const FALLS: [u8; 3] = [213, 94, 0];
/// Hiding raises it. The page's `--truth`.
const RISES: [u8; 3] = [0, 114, 178];

impl MapFile {
    /// Draws a map; the error says why it cannot be drawn.
    pub(super) fn of(map: &AttentionMap) -> Result<Self, String> {
        let pixels = map.width.saturating_mul(map.height);
        let is_size = |side: usize| (1..=MOST_PX).contains(&side);
        if !is_size(map.width)
            || !is_size(map.height)
            || map.picture.len() != pixels
            || map.drops.len() != pixels
        {
            return Err(format!(
                "{} x {} px, but {} gray values and {} drops",
                map.width,
                map.height,
                map.picture.len(),
                map.drops.len()
            ));
        }
        // Both are at most MOST_PX.
        let (width, height) = (map.width as u32, map.height as u32);
        let finite = |drop: f32| if drop.is_finite() { drop } else { 0.0 };
        let drops: Vec<f32> = map.drops.iter().map(|drop| finite(*drop)).collect();
        let strongest = drops.iter().fold(0.0f32, |most, drop| most.max(drop.abs())).max(1e-6);
        // From 0 (rises) over 0.5 (nothing) to 1 (falls): resizing holds values to 0 and 1.
        let relative: Vec<f32> = drops.iter().map(|drop| (drop / strongest + 1.0) / 2.0).collect();
        let (Some(gray), Some(heat)) = (
            GrayImage::from_raw(width, height, map.picture.clone()),
            ImageBuffer::<Luma<f32>, Vec<f32>>::from_raw(width, height, relative),
        ) else {
            return Err("the sizes do not fit".to_owned());
        };
        let times = SHOWN_PX.div_ceil(width);
        let (wide, high) = (width * times, height * times);
        let gray = imageops::resize(&gray, wide, high, FilterType::Triangle);
        let heat = imageops::resize(&heat, wide, high, FilterType::Triangle);
        let over = RgbImage::from_fn(wide, high, |x, y| {
            let [gray] = gray.get_pixel(x, y).0;
            let [heat] = heat.get_pixel(x, y).0;
            let drop = 2.0 * heat - 1.0;
            let cover = drop.abs().min(1.0) * MOST_COVER;
            let colour = if drop >= 0.0 { FALLS } else { RISES };
            image::Rgb(colour.map(|c| (f32::from(gray) * (1.0 - cover) + f32::from(c) * cover).round() as u8))
        });
        Ok(Self {
            network: map.network.clone(),
            class: map.class.clone(),
            example: map.example.clone(),
            width: map.width,
            height: map.height,
            largest_drop: drops.iter().copied().fold(f32::NEG_INFINITY, f32::max),
            drops: drops.iter().map(|drop| (f64::from(*drop) * 1e4).round() / 1e4).collect(),
            picture: png_uri(gray.as_raw(), [wide, high], ExtendedColorType::L8)?,
            over_picture: png_uri(over.as_raw(), [wide, high], ExtendedColorType::Rgb8)?,
        })
    }
}

fn png_uri(pixels: &[u8], [width, height]: [u32; 2], colour: ExtendedColorType) -> Result<String, String> {
    let mut png = Vec::new();
    PngEncoder::new(&mut png)
        .write_image(pixels, width, height, colour)
        .map_err(|error| error.to_string())?;
    Ok(format!("data:image/png;base64,{}", STANDARD.encode(png)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map() -> AttentionMap {
        AttentionMap {
            width: 2,
            height: 1,
            picture: vec![100, 100],
            drops: vec![0.4, -0.2],
            ..AttentionMap::default()
        }
    }

    #[test]
    fn falls_are_orange_and_rises_blue_over_the_picture() {
        let file = MapFile::of(&map()).unwrap();
        let png = STANDARD.decode(file.over_picture.strip_prefix("data:image/png;base64,").unwrap()).unwrap();
        let drawn = image::load_from_memory(&png).unwrap().into_rgb8();
        assert_eq!(drawn.dimensions(), (160, 80));
        // 0.25 of 100 and 0.75 of the colour; the other end half as strong.
        assert_eq!(drawn.get_pixel(0, 40).0, [185, 96, 25]);
        assert_eq!(drawn.get_pixel(159, 40).0, [63, 105, 129]);
        assert_eq!((file.largest_drop, file.drops.as_slice()), (0.4, &[0.4, -0.2][..]));
    }

    #[test]
    fn a_map_of_the_wrong_size_is_told() {
        let why = MapFile::of(&AttentionMap { drops: vec![0.0], ..map() }).unwrap_err();
        assert!(why.contains("2 x 1 px, but 2 gray values and 1 drops"), "{why}");
        assert!(MapFile::of(&AttentionMap::default()).is_err());
        let blank = MapFile::of(&AttentionMap { drops: vec![f32::NAN, 0.0], ..map() }).unwrap();
        assert_eq!(blank.largest_drop, 0.0);
    }
}
