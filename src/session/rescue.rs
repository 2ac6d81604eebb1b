//! The end of a recording that failed: the file gets its index where it is, or is saved from a folder that vanished.

use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::check::close_torn;
use super::files;
use super::writer::SessionWriter;

/// Gives the file its end. Where its folder is gone (removed, or a disk that was unplugged and comes back elsewhere), the open file
/// still has the content: it is copied to `<folder>-rescued`, which is returned.
///
/// # Errors
/// The system's; `onset session check` can try again.
pub(super) fn close_or_move(writer: SessionWriter, dir: &Path) -> io::Result<Option<PathBuf>> {
    let path = writer.path().to_owned();
    let is_encrypted = writer.is_encrypted();
    let mut handle = writer.handle().try_clone()?;
    // What encryption holds back is written; what waits for a disk that is full is not.
    writer.abandon();
    if path.exists() {
        return if is_encrypted { Ok(None) } else { close_torn(&path).map(|()| None) };
    }
    let mut name = dir.file_name().unwrap_or_default().to_owned();
    name.push("-rescued");
    let beside = dir.with_file_name(&name);
    let saved = save(&mut handle, &beside, &path, is_encrypted);
    // The whole disk may be gone, with the folder above.
    match saved {
        Ok(()) => Ok(Some(beside)),
        Err(_) => {
            let elsewhere = std::env::temp_dir().join(name);
            save(&mut handle, &elsewhere, &path, is_encrypted)?;
            Ok(Some(elsewhere))
        }
    }
}

fn save(handle: &mut File, dir: &Path, path: &Path, is_encrypted: bool) -> io::Result<()> {
    fs::create_dir(dir)?;
    let to = dir.join(path.file_name().unwrap_or(files::MEDIA.as_ref()));
    handle.seek(SeekFrom::Start(0))?;
    let mut file = File::create_new(&to)?;
    io::copy(handle, &mut file)?;
    file.sync_all()?;
    if is_encrypted { Ok(()) } else { close_torn(&to) }
}
