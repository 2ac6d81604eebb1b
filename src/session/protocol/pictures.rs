//! The pictures of a protocol: found, read and decoded before the session starts, all problems at once.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

use image::{DynamicImage, ImageDecoder, ImageReader, Limits, RgbImage};

use super::check::{Draft, DraftStep, Pictures, place};
use super::{Block, Picture, Step};
use crate::capture::{IMAGE_EXTENSIONS, natural_order};
use crate::infer::sha256_hex;

/// Largest file that is taken for a picture, in bytes.
const MAX_BYTES: u64 = 256 << 20;
/// Largest side, in pixels.
const MAX_SIDE_PX: u32 = 16_384;

/// Reads and decodes a picture, upright as its camera says, with the SHA-256 of its bytes in hex.
///
/// # Errors
/// What is wrong and the next step, in words; the file is not named.
pub fn picture_from_file(path: &Path) -> Result<(RgbImage, String), String> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes))
        .map_err(|error| format!("{error}; put the image there, or correct its name"))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(format!("larger than {} MiB; make it smaller", MAX_BYTES >> 20));
    }
    let image = decoded(&bytes)
        .map_err(|error| format!("cannot be decoded ({error}); save it anew as PNG or JPEG"))?;
    Ok((image.into_rgb8(), sha256_hex(&bytes)))
}

fn decoded(bytes: &[u8]) -> image::ImageResult<DynamicImage> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format()?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE_PX);
    limits.max_image_height = Some(MAX_SIDE_PX);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    let orientation = decoder.orientation()?;
    let mut image = DynamicImage::from_decoder(decoder)?;
    image.apply_orientation(orientation);
    Ok(image)
}

/// Finds and decodes every picture; `each` becomes a step for each picture of its folder.
///
/// # Errors
/// Every picture that is missing or cannot be decoded, with its place in the file.
pub(super) fn blocks_from_draft(draft: &Draft, dir: &Path) -> Result<Vec<Block>, Vec<String>> {
    let mut album = Album {
        dir: dir.join(draft.images.as_deref().unwrap_or_default()),
        seen: HashMap::new(),
        problems: Vec::new(),
    };
    let mut blocks = Vec::new();
    for (index, block) in draft.blocks.iter().enumerate() {
        let mut steps = Vec::new();
        for (step_index, step) in block.steps.iter().enumerate() {
            album.push_steps(&place(index, block.target.name(), step_index), step, &mut steps);
        }
        blocks.push(Block { target: block.target, steps });
    }
    if album.problems.is_empty() { Ok(blocks) } else { Err(album.problems) }
}

/// The folder of images, with what was read of it.
struct Album {
    dir: PathBuf,
    /// SHA-256 of each picture by its name; `None` where it cannot be used, which is said once.
    seen: HashMap<String, Option<String>>,
    problems: Vec<String>,
}

impl Album {
    fn push_steps(&mut self, place: &str, step: &DraftStep, steps: &mut Vec<Step>) {
        let with = |picture| Step { kind: step.kind, text: step.text.clone(), picture, end: step.end };
        match &step.pictures {
            Pictures::None => steps.push(with(None)),
            Pictures::One(name) => steps.extend(self.picture(place, name).map(|found| with(Some(found)))),
            Pictures::Each(folder) => {
                for name in self.names(place, folder) {
                    steps.extend(self.picture(place, &name).map(|found| with(Some(found))));
                }
            }
        }
    }

    /// Names of the pictures of a subfolder, in natural order.
    fn names(&mut self, place: &str, folder: &str) -> Vec<String> {
        let path = self.dir.join(folder);
        let listed = fs::read_dir(&path).and_then(|entries| {
            entries.map(|entry| Ok(entry?.file_name())).collect::<std::io::Result<Vec<_>>>()
        });
        let mut names = match listed {
            Ok(names) => names,
            Err(error) => {
                self.problems.push(format!(
                    "{place}: cannot read the folder {}: {error}; put the lab's images there, or correct `images`",
                    path.display()
                ));
                return Vec::new();
            }
        };
        // A name that is not UTF-8 would not be found again from the session's record.
        let (mut found, mut odd) = (Vec::new(), 0);
        for name in names.drain(..) {
            let extension = Path::new(&name).extension().map(|e| e.to_string_lossy().to_ascii_lowercase());
            if !extension.is_some_and(|e| IMAGE_EXTENSIONS.contains(&e.as_str())) {
                continue;
            }
            match name.to_str() {
                Some(name) if !name.starts_with('.') => found.push(name.to_owned()),
                Some(_) => {}
                None => odd += 1,
            }
        }
        if odd > 0 {
            self.problems
                .push(format!("{place}: {odd} file names in {} are no UTF-8; rename them", path.display()));
        } else if found.is_empty() {
            self.problems.push(format!(
                "{place}: there is no image in {}; put some there ({})",
                path.display(),
                IMAGE_EXTENSIONS.join(", ")
            ));
        }
        found.sort_by(|a, b| natural_order(a, b));
        found.iter().map(|name| format!("{}/{name}", folder.trim_end_matches('/'))).collect()
    }

    fn picture(&mut self, place: &str, name: &str) -> Option<Picture> {
        let path = self.dir.join(name);
        let problems = &mut self.problems;
        let sha256 = self.seen.entry(name.to_owned()).or_insert_with(|| match picture_from_file(&path) {
            Ok((_, sha256)) => Some(sha256),
            Err(why) => {
                problems.push(format!("{place}: {}: {why}", path.display()));
                None
            }
        });
        Some(Picture { name: name.to_owned(), path, sha256: sha256.clone()? })
    }
}
