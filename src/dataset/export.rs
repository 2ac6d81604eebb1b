//! Copies samples into a folder that other programs read: ImageFolder, or pictures with a table.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::folder::{DatasetFolder, FolderError, create_empty, write_whole};
use super::manifest::{Sample, SampleKind};

/// The form of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    /// `LABEL/NAME.png`, or `train/LABEL/NAME.png` and `test/LABEL/NAME.png` with a split: what torchvision calls ImageFolder.
    ImageFolder,
    /// `images/NAME.png` and `samples.csv` with path and label.
    Csv,
}

/// What is exported.
#[derive(Clone, Debug, PartialEq)]
pub struct ExportParams {
    /// The form.
    pub format: ExportFormat,
    /// The colour crops; else the gray ones.
    pub is_colour: bool,
    /// Samples of this kind only.
    pub kind: Option<SampleKind>,
    /// Which samples are for the test, by name; samples that are not named are left out.
    pub split: Option<BTreeMap<String, bool>>,
}

/// What was exported.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ExportReport {
    /// The folder.
    pub out: PathBuf,
    /// Pictures.
    pub samples: usize,
    /// By part (`train`, `test`; empty without a split), then by label.
    pub by_part: BTreeMap<String, BTreeMap<String, usize>>,
    /// Samples that nobody gave a label.
    pub without_label: usize,
    /// Samples of the other kind.
    pub other_kind: usize,
    /// Samples that the split does not name.
    pub not_in_split: usize,
}

/// Copies samples to `out`, which must be empty or not there. `progress` is told how many are done, and says whether to go on.
///
/// # Errors
/// [`FolderError`], naming the file.
pub fn export_samples(
    folder: &DatasetFolder,
    out: &Path,
    params: &ExportParams,
    progress: &mut dyn FnMut(usize, usize) -> bool,
) -> Result<ExportReport, FolderError> {
    let mut report = ExportReport { out: out.to_owned(), ..ExportReport::default() };
    let chosen = chosen(folder, params, &mut report);
    if chosen.is_empty() {
        return Err(FolderError::Asked(format!(
            "{}: nothing is left to export: {} samples have no label, {} are of another kind, {} are not in the split",
            folder.dir.display(),
            report.without_label,
            report.other_kind,
            report.not_in_split
        )));
    }
    create_empty(out)?;
    let mut table = csv::Writer::from_writer(Vec::new());
    let table_path = out.join("samples.csv");
    let failed = |error: csv::Error| FolderError::file(&table_path, error.to_string());
    table
        .write_record([
            "path",
            "label",
            "part",
            "kind",
            "sample",
            "participant",
            "gender",
            "session",
            "label_source",
        ])
        .map_err(failed)?;
    for (done, (sample, part)) in chosen.iter().enumerate() {
        if !progress(done, chosen.len()) {
            return Err(FolderError::Interrupted(format!("{} is not complete; remove it", out.display())));
        }
        let name = target(sample, part, params.format);
        copy(folder, sample, params.is_colour, &out.join(&name))?;
        table
            .write_record([
                &name,
                &sample.label,
                *part,
                sample.kind.name(),
                &sample.sample,
                &sample.participant,
                &sample.gender,
                &sample.session,
                sample.label_source.name(),
            ])
            .map_err(failed)?;
        let of_part = report.by_part.entry((*part).to_owned()).or_default();
        *of_part.entry(sample.label.clone()).or_default() += 1;
        report.samples += 1;
    }
    let bytes = table.into_inner().map_err(|error| FolderError::file(&table_path, error.to_string()))?;
    write_whole(&table_path, &bytes)?;
    Ok(report)
}

/// The samples that are wanted, with their part; counts the others.
fn chosen<'a>(
    folder: &'a DatasetFolder,
    params: &ExportParams,
    report: &mut ExportReport,
) -> Vec<(&'a Sample, &'static str)> {
    let mut chosen = Vec::new();
    for sample in &folder.samples {
        let part = match &params.split {
            None => Some(""),
            Some(split) => split.get(&sample.sample).map(|is_test| if *is_test { "test" } else { "train" }),
        };
        if params.kind.is_some_and(|kind| kind != sample.kind) {
            report.other_kind += 1;
        } else if sample.label.is_empty() {
            report.without_label += 1;
        } else if let Some(part) = part {
            chosen.push((sample, part));
        } else {
            report.not_in_split += 1;
        }
    }
    chosen
}

/// Where a sample goes, from the export's folder.
fn target(sample: &Sample, part: &str, format: ExportFormat) -> String {
    let name = safe(&sample.sample);
    match format {
        ExportFormat::Csv => format!("images/{name}.png"),
        ExportFormat::ImageFolder if part.is_empty() => format!("{}/{name}.png", safe(&sample.label)),
        ExportFormat::ImageFolder => format!("{part}/{}/{name}.png", safe(&sample.label)),
    }
}

/// Names of samples and labels come from a file: none may lead out of the folder.
fn safe(name: &str) -> String {
    super::build::file_name(name)
}

fn copy(folder: &DatasetFolder, sample: &Sample, is_colour: bool, to: &Path) -> Result<(), FolderError> {
    let from = folder.dir.join(if is_colour { &sample.path_colour } else { &sample.path });
    if let Some(dir) = to.parent() {
        fs::create_dir_all(dir).map_err(FolderError::io("create", dir))?;
    }
    if to.exists() {
        return Err(FolderError::file(to, "two samples would have this name; rename one in the manifest"));
    }
    if !from.is_file() {
        return Err(FolderError::file(
            &from,
            "the manifest names this file, and it is not there; `onset dataset stats` lists all that are missing",
        ));
    }
    fs::copy(&from, to).map(drop).map_err(FolderError::io("write", to))
}
