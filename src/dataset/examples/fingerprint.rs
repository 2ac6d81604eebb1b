//! One hash for all that a recogniser was trained on: it goes on the model's card.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::{Dataset, Media};
use crate::dataset::DatasetError;

impl Dataset {
    /// SHA-256 over the classes, and of each example, in order, its name, subject, class and part, and the bytes of its files. The same data at
    /// another place have the same fingerprint; what was left out does not count.
    ///
    /// Reads every file once: as long as a copy takes.
    ///
    /// # Errors
    /// [`DatasetError::File`].
    pub fn fingerprint(&self) -> Result<[u8; 32], DatasetError> {
        let mut hash = Sha256::new();
        number(&mut hash, self.classes.len());
        for class in &self.classes {
            text(&mut hash, class);
        }
        for example in &self.examples {
            for part in [&example.name, &example.subject, &example.part] {
                text(&mut hash, part);
            }
            number(&mut hash, example.class);
            match &example.media {
                Media::Packed(bytes) => hash.update(Sha256::digest(bytes)),
                Media::Clip(clip) => {
                    for index in [Some(clip.onset), Some(clip.apex), clip.offset] {
                        number(&mut hash, index.map_or(usize::MAX, |index| index));
                    }
                }
                Media::Picture { .. } | Media::Flow(_) => {}
            }
            let files = example.media.files();
            number(&mut hash, files.len());
            for file in files {
                hash.update(hash_of(file).map_err(|error| DatasetError::file(file, &error))?);
            }
        }
        Ok(hash.finalize().into())
    }
}

/// Lengths come first, so that no two lists of texts look alike.
fn text(hash: &mut Sha256, text: &str) {
    number(hash, text.len());
    hash.update(text.as_bytes());
}

fn number(hash: &mut Sha256, number: usize) {
    hash.update((number as u64).to_le_bytes());
}

fn hash_of(path: &Path) -> io::Result<[u8; 32]> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = file.read(&mut buffer)?;
        match buffer.get(..read) {
            Some(bytes) if read > 0 => hash.update(bytes),
            _ => return Ok(hash.finalize().into()),
        }
    }
}
