//! A study's files.

use std::fs;
use std::path::{Path, PathBuf};

use super::Study;
use super::page::page_of;
use super::results::{StudyResults, sorted};
use super::tables::TABLES;
use crate::eval::EvalError;

/// Works out every figure of a study and writes it into a folder.
///
/// `study.html` (one page, with figures, that needs nothing else), `study.json` (everything), `tables/table4_micro.csv`,
/// `table5_female.csv`, `table6_male.csv`, `table7_masked.csv`, and `predictions/*.csv`, one a run. The folder is made where there
/// is none; files of the same names are replaced.
///
/// # Returns
/// The files, the page first.
///
/// # Errors
/// A file cannot be written.
pub fn write_study(study: &Study, dir: &Path) -> Result<Vec<PathBuf>, EvalError> {
    StudyResults::of(study).write(study, dir)
}

impl StudyResults {
    /// Writes the files of [`write_study`], for those who want the results too. `study` is the one they come from.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn write(&self, study: &Study, dir: &Path) -> Result<Vec<PathBuf>, EvalError> {
        for folder in [dir.to_owned(), dir.join("tables"), dir.join("predictions")] {
            fs::create_dir_all(&folder).map_err(EvalError::io("create", &folder))?;
        }
        let mut written = Vec::new();
        let mut write = |name: &str, content: String| {
            let path = dir.join(name);
            fs::write(&path, content).map_err(EvalError::io("write", &path))?;
            written.push(path);
            Ok::<(), EvalError>(())
        };
        write("study.html", page_of(self))?;
        let json_path = dir.join("study.json");
        let json =
            serde_json::to_string(self).map_err(|error| EvalError::io("write", &json_path)(error.into()))?;
        write("study.json", json + "\n")?;
        for (table, name, _) in TABLES {
            let path = dir.join("tables").join(name);
            self.write_table(table, &path)?;
            written.push(path);
        }
        // Results are in the same order.
        for (run, result) in sorted(study).into_iter().zip(&self.runs) {
            if let Some(name) = &result.predictions {
                let path = dir.join(name);
                run.predictions.write_csv(&path)?;
                written.push(path);
            }
        }
        Ok(written)
    }
}
