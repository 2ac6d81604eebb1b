//! `chimeras.csv` and the pictures that it lists.

use std::path::{Path, PathBuf};

use image::{DynamicImage, ImageFormat};

use super::compose::Composite;
use super::pools::Half;
use super::source::luma_of;
use crate::synth::SynthError;
use crate::synth::truth::write_rows;
use crate::types::Label;

/// Columns of `chimeras.csv`; the first two are what `onset evaluate masked` reads.
pub const CHIMERA_COLUMNS: [&str; 7] =
    ["path", "label", "lower", "upper", "lower_source", "upper_source", "half"];
/// The table's name.
pub const CHIMERA_TABLE: &str = "chimeras.csv";
/// Folder of the pictures, beside the table.
const PICTURES: &str = "chimeras";

/// What a composite is made of, and what it is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChimeraRow {
    /// The picture, relative to the table.
    pub path: String,
    /// The class.
    pub label: &'static str,
    /// What the mouth shows.
    pub lower: Label,
    /// What eyes and brows show.
    pub upper: Label,
    /// The pictures that they come from.
    pub lower_source: String,
    /// See `lower_source`.
    pub upper_source: String,
    /// The half of both sources; `None` where they were not split.
    pub half: Option<Half>,
}

impl ChimeraRow {
    fn cells(&self) -> Vec<String> {
        vec![
            self.path.clone(),
            self.label.to_owned(),
            self.lower.name().to_owned(),
            self.upper.name().to_owned(),
            self.lower_source.clone(),
            self.upper_source.clone(),
            self.half.map_or("", Half::name).to_owned(),
        ]
    }
}

/// Where a picture goes, relative to the table.
pub(super) fn picture_path(number: usize, class: &str) -> String {
    format!("{PICTURES}/{number:04}_{class}.png")
}

/// Makes the folders.
pub(super) fn prepare(out: &Path) -> Result<(), SynthError> {
    let dir = out.join(PICTURES);
    std::fs::create_dir_all(&dir).map_err(|error| SynthError::Write { path: dir, why: error.to_string() })
}

/// Writes a picture: gray where it has no colours.
pub(super) fn write_picture(out: &Path, path: &str, composite: &Composite) -> Result<(), SynthError> {
    let path: PathBuf = out.join(path);
    let picture = if composite.is_gray {
        DynamicImage::ImageLuma8(luma_of(&composite.picture))
    } else {
        DynamicImage::ImageRgb8(composite.picture.clone())
    };
    picture
        .save_with_format(&path, ImageFormat::Png)
        .map_err(|error| SynthError::Write { path, why: error.to_string() })
}

/// Writes the table; one that is there is replaced as a whole.
pub(super) fn write_table(out: &Path, rows: &[ChimeraRow]) -> Result<(), SynthError> {
    let rows: Vec<Vec<String>> = rows.iter().map(ChimeraRow::cells).collect();
    write_rows(&out.join(CHIMERA_TABLE), &CHIMERA_COLUMNS, &rows)
}
