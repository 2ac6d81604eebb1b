//! Small trees in the forms in which data are distributed, for tests: pictures of a few pixels, tables of a few rows.

use std::fs;
use std::path::{Path, PathBuf};

use image::{GrayImage, Rgb, RgbImage};
use rust_xlsxwriter::Workbook;
use tempfile::TempDir;

use super::*;

/// The header of CASME II's table.
pub(super) const CASME2_HEADER: &[&str] = &[
    "Subject",
    "Filename",
    "",
    "OnsetFrame",
    "ApexFrame",
    "OffsetFrame",
    "",
    "Action Units",
    "Estimated Emotion",
];

/// A folder that is removed with it.
pub(super) struct Tree {
    dir: TempDir,
}

impl Tree {
    pub(super) fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    pub(super) fn path(&self, below: &str) -> PathBuf {
        self.dir.path().join(below)
    }

    /// A gray picture of 4 x 4 px; its level tells it from others.
    pub(super) fn picture(&self, below: &str, level: u8) {
        let path = self.with_folder(below);
        GrayImage::from_pixel(4, 4, image::Luma([level])).save(path).unwrap();
    }

    /// A picture in one colour.
    pub(super) fn colour(&self, below: &str, side: u32, rgb: [u8; 3]) {
        let path = self.with_folder(below);
        RgbImage::from_pixel(side, side, Rgb(rgb)).save(path).unwrap();
    }

    /// Frames `{before}{number}{after}` of a range of numbers; a frame's level is its number.
    pub(super) fn frames(
        &self,
        before: &str,
        numbers: std::ops::RangeInclusive<u32>,
        width: usize,
        after: &str,
    ) {
        for number in numbers {
            self.picture(&format!("{before}{number:0width$}{after}"), (number % 256) as u8);
        }
    }

    pub(super) fn text(&self, below: &str, text: &str) {
        fs::write(self.with_folder(below), text).unwrap();
    }

    /// A spreadsheet: cells that are numbers are written as such.
    pub(super) fn book(&self, below: &str, sheets: &[(&str, &[&[&str]])]) {
        fs::write(self.with_folder(below), book(sheets)).unwrap();
    }

    fn with_folder(&self, below: &str) -> PathBuf {
        let path = self.path(below);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        path
    }
}

/// The bytes of a spreadsheet.
pub(super) fn book(sheets: &[(&str, &[&[&str]])]) -> Vec<u8> {
    let mut book = Workbook::new();
    for (name, rows) in sheets {
        let sheet = book.add_worksheet().set_name(*name).unwrap();
        for (row, cells) in rows.iter().enumerate() {
            for (column, cell) in cells.iter().enumerate() {
                let (row, column) = (row as u32, column as u16);
                match cell.parse::<f64>() {
                    // What begins with a zero is text in these tables (`006`).
                    Ok(number) if !cell.starts_with('0') || *cell == "0" => {
                        sheet.write_number(row, column, number).unwrap();
                    }
                    _ if cell.is_empty() => {}
                    _ => {
                        sheet.write_string(row, column, *cell).unwrap();
                    }
                }
            }
        }
    }
    book.save_to_buffer().unwrap()
}

pub(super) fn open(path: &Path, unit: Unit, classes: ClassScheme) -> Dataset {
    Dataset::open(path, &OpenParams { unit, classes, ..OpenParams::default() }).unwrap()
}

pub(super) fn refused(path: &Path, params: &OpenParams) -> String {
    Dataset::open(path, params).unwrap_err().to_string()
}

/// Name, subject and class of each example.
pub(super) fn told(set: &Dataset) -> Vec<(&str, &str, &str)> {
    let of = |example| {
        let example: &Example = example;
        (example.name.as_str(), example.subject.as_str(), set.classes[example.class].as_str())
    };
    set.examples.iter().map(of).collect()
}

/// The names of files that a clip has, its onset, apex and offset.
pub(super) fn clip(example: &Example) -> (Vec<String>, usize, usize, Option<usize>) {
    let Media::Clip(clip) = &example.media else { panic!("{} is no clip", example.name) };
    let name = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
    (clip.frames.iter().map(name).collect(), clip.onset, clip.apex, clip.offset)
}

pub(super) fn fps(example: &Example) -> f64 {
    let Media::Clip(clip) = &example.media else { panic!("{} is no clip", example.name) };
    clip.fps
}

/// Why something was left out.
pub(super) fn why<'a>(set: &'a Dataset, name: &str) -> &'a str {
    let one = set.left_out.iter().find(|one| one.name == name);
    &one.unwrap_or_else(|| panic!("{name} was not left out: {:?}", set.left_out)).why
}
