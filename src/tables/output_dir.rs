//! The folder of one input's tables: its name, what may already be in it, and files that appear only when complete.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::{TableError, TableFormat};

/// A folder that exists and that we may fill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputDir {
    path: PathBuf,
}

impl OutputDir {
    /// Makes `root/name`. With `overwrite`, tables of an earlier run in it are removed first (and nothing else), so
    /// that an old `summary.json` can't vouch for new tables.
    ///
    /// # Errors
    /// * [`TableError::Exists`]: the folder holds files and `overwrite` is false.
    /// * [`TableError::NotAFolder`]: a file is in the way.
    /// * [`TableError::Io`]: the system refused.
    pub fn create(root: &Path, name: &str, overwrite: bool) -> Result<Self, TableError> {
        let path = root.join(name);
        for part in path.ancestors() {
            if part.is_file() {
                return Err(TableError::NotAFolder { path: part.to_owned() });
            }
        }
        fs::create_dir_all(&path).map_err(TableError::io("create", &path))?;
        let mut entries = fs::read_dir(&path).map_err(TableError::io("list", &path))?;
        if entries.next().is_some() {
            if !overwrite {
                return Err(TableError::Exists { dir: path });
            }
            remove_tables(&path)?;
        }
        Ok(Self { path })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the table `stem` (`frames`, `events`) goes.
    pub fn table(&self, stem: &str, format: TableFormat) -> PathBuf {
        self.path.join(format!("{stem}.{}", format.name()))
    }

    /// Writes a whole file that appears only when it is complete.
    ///
    /// # Errors
    /// [`TableError::Io`], naming the file.
    pub fn write_whole(&self, name: &str, bytes: &[u8]) -> Result<PathBuf, TableError> {
        let path = self.path.join(name);
        let partial = partial_path(&path);
        fs::write(&partial, bytes).map_err(TableError::io("write", &partial))?;
        fs::rename(&partial, &path).map_err(TableError::io("write", &path))?;
        Ok(path)
    }
}

/// The name of a file that is not complete: `frames.parquet.partial`.
pub(super) fn partial_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".partial");
    PathBuf::from(name)
}

fn remove_tables(dir: &Path) -> Result<(), TableError> {
    let tables = ["frames", "events", "label_evidence"]
        .into_iter()
        .flat_map(|stem| TableFormat::ALL.into_iter().map(move |format| format!("{stem}.{}", format.name())));
    // The summary goes first: it vouches for the others.
    for name in ["summary.json", "timing.json"].into_iter().map(str::to_owned).chain(tables) {
        let path = dir.join(name);
        for path in [partial_path(&path), path] {
            match fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(TableError::io("replace", &path)(error));
                }
                _ => {}
            }
        }
    }
    Ok(())
}

/// A folder name for each input: its file name without extension; with it where two inputs would share a folder; and
/// with a number where even these are equal. Depends on nothing but the list.
pub fn output_names(inputs: &[PathBuf]) -> Vec<String> {
    let stem = |path: &PathBuf| text_or_input(path.file_stem());
    let full = |path: &PathBuf| text_or_input(path.file_name());
    let key = |name: &str| name.to_lowercase();
    let mut taken = HashSet::new();
    inputs
        .iter()
        .map(|input| {
            let is_shared = inputs.iter().filter(|other| key(&stem(other)) == key(&stem(input))).count() > 1;
            let name = if is_shared { full(input) } else { stem(input) };
            let mut unique = name.clone();
            let mut number = 2;
            // Case is ignored, as on macOS and Windows.
            while !taken.insert(key(&unique)) {
                unique = format!("{name}-{number}");
                number += 1;
            }
            unique
        })
        .collect()
}

fn text_or_input(name: Option<&std::ffi::OsStr>) -> String {
    name.map_or_else(|| "input".to_owned(), |name| name.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_where_they_can_be_and_never_shared() {
        let inputs =
            ["a/clip.mp4", "b/clip.mp4", "b/clip.avi", "talk.mkv", "..", "CLIP.mp4"].map(PathBuf::from);
        assert_eq!(
            output_names(&inputs),
            ["clip.mp4", "clip.mp4-2", "clip.avi", "talk", "input", "CLIP.mp4-3"]
        );
    }

    #[test]
    fn a_folder_with_files_is_kept_unless_told_otherwise() {
        let root = tempfile::tempdir().unwrap();
        let dir = OutputDir::create(root.path(), "clip", false).unwrap();
        OutputDir::create(root.path(), "clip", false).expect("an empty folder is fine");
        for name in
            ["summary.json", "frames.csv", "frames.parquet.partial", "label_evidence.csv", "notes.txt"]
        {
            fs::write(dir.path().join(name), "old").unwrap();
        }
        let error = OutputDir::create(root.path(), "clip", false).unwrap_err().to_string();
        assert!(error.contains("clip") && error.contains("--force"), "{error}");
        assert!(dir.path().join("summary.json").exists());

        OutputDir::create(root.path(), "clip", true).unwrap();
        let left: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(left, ["notes.txt"]);
    }

    #[test]
    fn a_file_in_the_way_is_named() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("out");
        fs::write(&file, "").unwrap();
        let error = OutputDir::create(&file, "clip", true).unwrap_err();
        assert!(matches!(&error, TableError::NotAFolder { path } if *path == file), "{error}");
    }

    #[test]
    fn whole_files_leave_no_partial_behind() {
        let root = tempfile::tempdir().unwrap();
        let dir = OutputDir::create(root.path(), "clip", false).unwrap();
        let path = dir.write_whole("summary.json", b"{}").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"{}");
        assert!(!partial_path(&path).exists());
    }
}
