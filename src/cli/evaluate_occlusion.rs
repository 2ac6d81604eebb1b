//! `onset evaluate occlusion`: which parts of a face decided, as pictures.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use image::{Rgb, RgbImage};
use serde_json::json;

use super::print::print;
use super::{UsageError, interrupt, progress};
use crate::dataset::Media;
use crate::train::recogniser::{OcclusionMap, OcclusionParams, Recogniser, RecogniserError, occlusion_map};

/// Options of `onset evaluate occlusion`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A recogniser as `onset train recogniser` writes it, its record beside it.
    #[arg(long, value_name = "FILE.onnx")]
    recogniser: PathBuf,
    /// Pictures of faces as the recogniser learned them (crops of a dataset, or maps of flow).
    #[arg(required = true, value_name = "PICTURE")]
    pictures: Vec<PathBuf>,
    /// The class that is asked about [default: the one that the recogniser says].
    #[arg(long, value_name = "NAME")]
    class: Option<String>,
    /// Folder for NAME_map.png (the map over the picture) and NAME_map.csv (the numbers).
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Side of the hidden square, as a share of the picture's.
    #[arg(long, value_name = "SHARE", default_value_t = 0.2)]
    side: f32,
    /// Print JSON, for machines.
    #[arg(long)]
    json: bool,
}

/// Height and width of the pictures that are written, in pixels, at least.
const SHOWN_PX: u32 = 288;

/// Runs `onset evaluate occlusion`.
pub(super) fn run(args: &Args) -> Result<()> {
    interrupt::install()?;
    if !(0.02..=0.9).contains(&args.side) {
        return Err(UsageError(format!("--side {}: give a share from 0.02 to 0.9", args.side)).into());
    }
    let mut recogniser = Recogniser::read(&args.recogniser)?;
    let classes = recogniser.record.classes.clone();
    let class = match &args.class {
        Some(name) => Some(classes.iter().position(|class| class == name).ok_or_else(|| {
            UsageError(format!("--class {name}: the recogniser knows {}", classes.join(", ")))
        })?),
        None => None,
    };
    std::fs::create_dir_all(&args.out)
        .with_context(|| format!("cannot create {}; choose another --out", args.out.display()))?;
    let params = OcclusionParams { side: args.side, ..OcclusionParams::default() };
    let bar = progress::counted(args.pictures.len() as u64, "pictures");
    let (mut reports, mut failed) = (Vec::new(), 0);
    let mut names = BTreeSet::new();
    for path in &args.pictures {
        if interrupt::is_asked() {
            bail!("interrupted: {} of {} pictures are done", reports.len(), args.pictures.len());
        }
        let media = match recogniser.record.input {
            crate::train::recogniser::InputSpec::Flow { .. } => Media::Flow(path.clone()),
            _ => Media::Picture { gray: path.clone(), colour: None },
        };
        let map = match occlusion_map(&mut recogniser, &media, class, &params) {
            Ok(map) => map,
            // One damaged picture must not cost the others.
            Err(RecogniserError::Data(error)) => {
                bar.suspend(|| eprintln!("onset: {error}; left out"));
                failed += 1;
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        let name = unused_name(path, &mut names);
        let place = args.out.join(format!("{name}.png"));
        drawn(&map).save(&place).with_context(|| format!("cannot write {}", place.display()))?;
        write_csv(&map, &args.out.join(format!("{name}.csv")))?;
        reports.push(json!({
            "picture": path, "class": classes[map.class], "probability": map.shares[map.class],
            "largest_drop": map.drops.iter().copied().fold(0.0, f32::max), "map": place,
        }));
        bar.inc(1);
    }
    bar.finish_and_clear();
    if args.json {
        print(&format!(
            "{:#}\n",
            json!({ "recogniser": args.recogniser, "pictures": reports, "left_out": failed })
        ))?;
    } else {
        print(&text_of(&reports))?;
    }
    if reports.is_empty() {
        bail!("none of the {} pictures could be used", args.pictures.len());
    }
    Ok(())
}

/// What is printed of each picture.
fn text_of(reports: &[serde_json::Value]) -> String {
    let mut text = String::new();
    for report in reports {
        text += &format!(
            "{}: {} with probability {:.2}; hiding the part that matters most takes {:.2} off; {}\n",
            report["picture"].as_str().unwrap_or_default(),
            report["class"].as_str().unwrap_or_default(),
            report["probability"].as_f64().unwrap_or(0.0),
            report["largest_drop"].as_f64().unwrap_or(0.0),
            report["map"].as_str().unwrap_or_default()
        );
    }
    text
}

/// `NAME_map` of a picture, with a number where another of the pictures has it already.
fn unused_name(path: &Path, names: &mut BTreeSet<String>) -> String {
    let stem =
        path.file_stem().map_or_else(|| "picture".to_owned(), |stem| stem.to_string_lossy().into_owned());
    let numbered = |number: usize| match number {
        1 => format!("{stem}_map"),
        more => format!("{stem}_map{more}"),
    };
    let mut number = 1;
    while !names.insert(numbered(number)) {
        number += 1;
    }
    numbered(number)
}

/// The map over the picture: red where hiding makes the class less likely, blue where more.
fn drawn(map: &OcclusionMap) -> RgbImage {
    let (width, height) = map.picture.dimensions();
    let scale = SHOWN_PX.div_ceil(width.max(1)).max(1);
    let most = map.drops.iter().fold(1e-3f32, |most, drop| most.max(drop.abs()));
    RgbImage::from_fn(width * scale, height * scale, |x, y| {
        let (x, y) = (x / scale, y / scale);
        let luma = f32::from(map.picture.get_pixel(x, y).0[0]);
        let heat = map.drops[(y * width + x) as usize] / most;
        let towards = if heat >= 0.0 { [220.0, 30.0, 30.0] } else { [40.0, 80.0, 220.0] };
        let part = 0.65 * heat.abs();
        Rgb(towards.map(|colour| (luma * (1.0 - part) + colour * part) as u8))
    })
}

fn write_csv(map: &OcclusionMap, path: &Path) -> Result<()> {
    let mut writer =
        csv::Writer::from_path(path).with_context(|| format!("cannot write {}", path.display()))?;
    writer.write_record(["x_px", "y_px", "drop"])?;
    for (at, drop) in map.drops.iter().enumerate() {
        let width = map.picture.width() as usize;
        writer.write_record([(at % width).to_string(), (at / width).to_string(), format!("{drop:.5}")])?;
    }
    writer.flush().with_context(|| format!("cannot write {}", path.display()))
}
