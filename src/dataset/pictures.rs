//! The pictures of a part: NAME.tar.gz, NAME.tar or a folder NAME, in the order of their names.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;

use super::DatasetError;

/// Pictures larger than this are refused: a corpus of faces has none, and an archive must not fill the memory.
const MOST_BYTES: u64 = 16 << 20;

/// Name and bytes of a picture file.
pub(super) type Named = (String, Vec<u8>);

/// Where a part lies.
pub(super) fn find(dir: &Path, part: &str) -> Result<PathBuf, DatasetError> {
    let known = [format!("{part}.tar.gz"), format!("{part}.tar"), part.to_owned()];
    // A part is a name, not a path that leads elsewhere.
    let is_name = !part.is_empty() && !part.contains(['/', '\\']) && part != "." && part != "..";
    let found = known.iter().map(|name| dir.join(name)).find(|path| is_name && path.exists());
    found.ok_or_else(|| DatasetError::NoPart {
        dir: dir.to_owned(),
        part: part.to_owned(),
        found: parts_of(dir),
    })
}

/// The parts that a folder has, in words.
fn parts_of(dir: &Path) -> String {
    let Ok(entries) = std::fs::read_dir(dir) else { return "the folder itself cannot be read".to_owned() };
    let mut names: Vec<String> = entries
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let archive = name.strip_suffix(".tar.gz").or_else(|| name.strip_suffix(".tar"));
            match archive {
                Some(part) => Some(part.to_owned()),
                None => entry.path().is_dir().then_some(name),
            }
        })
        .collect();
    names.sort();
    names.dedup();
    if names.is_empty() {
        "it has no parts at all".to_owned()
    } else {
        format!("it has {}", names.join(", "))
    }
}

/// Reads all pictures of an archive or folder, sorted by name, each once. What is no picture (by its ending) is passed over.
pub(super) fn read(path: &Path) -> Result<Vec<Named>, DatasetError> {
    let mut pictures = Vec::new();
    if path.is_dir() {
        from_folder(path, &mut pictures)?;
    } else {
        let file = File::open(path).map_err(|error| DatasetError::file(path, &error))?;
        let reader = BufReader::new(file);
        if path.extension().is_some_and(|extension| extension == "gz") {
            from_tar(GzDecoder::new(reader), path, &mut pictures)?;
        } else {
            from_tar(reader, path, &mut pictures)?;
        }
    }
    pictures.sort();
    // FER+ has some files twice.
    pictures.dedup();
    Ok(pictures)
}

/// Whether a file is a picture by its name.
pub(super) fn is_picture(name: &str) -> bool {
    let ending = name.rsplit('.').next().unwrap_or_default().to_lowercase();
    // macOS archives carry a `._NAME` beside each file.
    !name.starts_with('.') && ["png", "jpg", "jpeg", "bmp", "tif", "tiff", "webp"].contains(&ending.as_str())
}

fn from_folder(dir: &Path, pictures: &mut Vec<Named>) -> Result<(), DatasetError> {
    let failed = |error: std::io::Error| DatasetError::file(dir, &error);
    for entry in std::fs::read_dir(dir).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let path = entry.path();
        let Ok(name) = entry.file_name().into_string() else { continue };
        if is_picture(&name) && path.is_file() {
            let bytes = std::fs::read(&path).map_err(|error| DatasetError::file(&path, &error))?;
            pictures.push((name, bytes));
        }
    }
    Ok(())
}

fn from_tar(reader: impl Read, path: &Path, pictures: &mut Vec<Named>) -> Result<(), DatasetError> {
    let failed = |error: std::io::Error| DatasetError::File {
        path: path.to_owned(),
        why: format!("it cannot be unpacked: {error}"),
    };
    let mut archive = tar::Archive::new(reader);
    for entry in archive.entries().map_err(failed)? {
        let mut entry = entry.map_err(failed)?;
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let name =
            entry.path().map_err(failed)?.file_name().and_then(|name| name.to_str()).map(str::to_owned);
        let Some(name) = name.filter(|name| is_picture(name)) else { continue };
        if entry.size() > MOST_BYTES {
            return Err(DatasetError::Picture {
                path: path.to_owned(),
                name,
                why: format!("it has {} bytes, more than {MOST_BYTES}", entry.size()),
            });
        }
        let mut bytes = Vec::with_capacity(usize::try_from(entry.size()).unwrap_or(0));
        entry.read_to_end(&mut bytes).map_err(failed)?;
        pictures.push((name, bytes));
    }
    Ok(())
}
