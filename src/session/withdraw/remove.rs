//! Removes what was found: files first, rows last.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::rule::text_of;
use super::{Findings, Removal, Rows, is_manifest};
use crate::session::write_whole;

/// What became of the findings.
#[derive(Clone, Debug, Default)]
pub struct Removed {
    /// Folders and files that are gone, and tables that have lost rows.
    pub removed: Vec<PathBuf>,
    /// What is still there, and why; each with the next step.
    pub failed: Vec<(PathBuf, String)>,
}

/// Writes `manifest.parquet` (the second path) anew from `manifest.csv` (the first).
pub type ParquetFromCsv<'a> = &'a mut dyn FnMut(&Path, &Path) -> Result<(), String>;

impl Findings {
    /// Removes everything that was found, and folders of datasets that become empty. Goes on after a failure; where a
    /// dataset's files could not be removed its manifest keeps its rows, so that a second run finds them.
    ///
    /// `manifest.parquet` is removed before its CSV is written anew, and `parquet_from_csv` makes it again: at no moment
    /// does it hold more than the CSV.
    pub fn remove(&self, parquet_from_csv: ParquetFromCsv<'_>) -> Removed {
        let mut done = Removed::default();
        let mut incomplete: Vec<&Path> = Vec::new();
        for finding in &self.found {
            let path = &finding.path;
            let dataset = finding.dataset.as_deref();
            let result = match &finding.removal {
                Removal::Folder => gone(fs::remove_dir_all(path)),
                Removal::File => gone(fs::remove_file(path)),
                Removal::Rows(_)
                    if is_manifest(path) && dataset.is_some_and(|dataset| incomplete.contains(&dataset)) =>
                {
                    Err("kept its rows, since other things of theirs are still there; run the command again"
                        .to_owned())
                }
                Removal::Rows(rows) => rewrite(path, rows, &mut *parquet_from_csv, &mut done),
            };
            match result {
                Ok(()) => done.removed.push(path.clone()),
                Err(why) => {
                    incomplete.extend(dataset);
                    done.failed.push((path.clone(), why));
                }
            }
            if let (Some(dataset), Removal::Folder | Removal::File) = (dataset, &finding.removal) {
                remove_empty_above(path, dataset);
            }
        }
        done
    }
}

/// What is gone already is what was asked for.
fn gone(result: std::io::Result<()>) -> Result<(), String> {
    match result {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(format!("{error}; check its permissions and run the command again"))
        }
        _ => Ok(()),
    }
}

/// Folders that became empty, up to the dataset's own.
fn remove_empty_above(path: &Path, dataset: &Path) {
    let above = path.ancestors().skip(1).take_while(|above| above.starts_with(dataset) && *above != dataset);
    for folder in above {
        // Fails, as it should, where something is left in it.
        if fs::remove_dir(folder).is_err() {
            break;
        }
    }
}

fn rewrite(
    path: &Path,
    rows: &Rows,
    parquet_from_csv: ParquetFromCsv<'_>,
    done: &mut Removed,
) -> Result<(), String> {
    // Read again: somebody may have added rows since.
    let (text, _) = rows.rule.without(rows.form, &text_of(path)?)?;
    let parquet = path.with_extension("parquet");
    let has_parquet = is_manifest(path) && parquet.symlink_metadata().is_ok();
    if has_parquet {
        gone(fs::remove_file(&parquet))?;
    }
    write_whole(path, text.as_bytes()).map_err(|error| {
        format!("{error}; check permissions and room on the disk, and run the command again")
    })?;
    if has_parquet {
        match parquet_from_csv(path, &parquet) {
            Ok(()) => done.removed.push(parquet),
            Err(why) => done.failed.push((
                parquet,
                format!(
                    "was removed and could not be written anew: {why}; manifest.csv is complete without it"
                ),
            )),
        }
    }
    Ok(())
}
