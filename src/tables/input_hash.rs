//! The hash that ties tables to the input that they were made from.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::TableError;

/// SHA-256 of an input, in lower-case hex. Streams: memory does not grow with the file.
///
/// Of a folder: the hash of one line a file, `<hash of the file>  <name>\n`, for the files directly in it, sorted by
/// name: what `cd FOLDER && LC_ALL=C sha256sum * | sha256sum` prints.
///
/// # Errors
/// [`TableError::Io`], naming the file.
pub fn input_sha256(path: &Path) -> Result<String, TableError> {
    if !path.is_dir() {
        return file_sha256(path);
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(path).map_err(TableError::io("read", path))? {
        let entry = entry.map_err(TableError::io("read", path))?.path();
        if entry.is_file()
            && let Some(name) = entry.file_name()
        {
            let name = name.to_string_lossy().into_owned();
            // As the shell's `*` does.
            if !name.starts_with('.') {
                files.push((name, entry));
            }
        }
    }
    files.sort();
    let mut hasher = Sha256::new();
    for (name, file) in files {
        hasher.update(format!("{}  {name}\n", file_sha256(&file)?));
    }
    Ok(hex(&hasher.finalize()))
}

fn file_sha256(path: &Path) -> Result<String, TableError> {
    let mut file = File::open(path).map_err(TableError::io("read", path))?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = file.read(&mut buffer).map_err(TableError::io("read", path))?;
        match buffer.get(..count) {
            Some(bytes) if count > 0 => hasher.update(bytes),
            _ => return Ok(hex(&hasher.finalize())),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_folders_hash_as_sha256sum_says() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("b"), "").unwrap();
        fs::write(dir.path().join("a"), "abc").unwrap();
        fs::write(dir.path().join(".hidden"), "x").unwrap();
        assert_eq!(
            input_sha256(&dir.path().join("a")).unwrap(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        // printf abc > a; : > b; sha256sum a b | sha256sum
        assert_eq!(
            input_sha256(dir.path()).unwrap(),
            "09c7e0b8a02d027d95ec0375a600ed4ad4d6b26a1c93f16d9150cab5fec761a6"
        );
        let missing = input_sha256(&dir.path().join("none")).unwrap_err().to_string();
        assert!(missing.contains("none") && missing.contains("check the path"), "{missing}");
    }
}
