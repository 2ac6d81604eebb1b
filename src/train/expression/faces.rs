//! The faces of a part, found by our own face stage and cut out with a margin, kept in one file for the next run.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

use image::GrayImage;
use sha2::{Digest, Sha256};

use crate::dataset::{Part, Picture};
use crate::expression::{FacePlace, FaceRegion, StillFaces};
use crate::image::warp::{Border, warp_gray};
use crate::train::TrainError;

/// Faces are kept this many times as large as the network's input, so that turning and shifting them costs no sharpness.
pub const VIEW_SCALE: usize = 2;
/// Pixels of the kept picture around what the network sees: shifts and turns find a picture there.
pub const VIEW_MARGIN: usize = 16;
/// Changes whenever the file's form or the faces' framing does.
const FORMAT: &str = "onset faces 1";

/// One face, as training keeps it.
#[derive(Clone, Debug, PartialEq)]
pub struct Face {
    /// The picture's name.
    pub name: String,
    /// Whether our face stage found it.
    pub is_found: bool,
    /// Row of the nose base, in pixels of `view`.
    pub nose_y: f32,
    /// The face with a margin; see [`view_size`].
    pub view: GrayImage,
}

/// All faces of a part, for one region.
#[derive(Clone, Debug, Default)]
pub struct FaceSet {
    /// In the order of the part's pictures.
    pub faces: Vec<Face>,
}

/// What [`FaceSet::load`] tells of itself: so many of so many pictures are done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FacesStep {
    /// Done.
    pub done: usize,
    /// All.
    pub all: usize,
}

/// Width and height of a kept face, in pixels.
pub const fn view_size(region: FaceRegion) -> (usize, usize) {
    let framing = region.framing();
    (framing.width * VIEW_SCALE + 2 * VIEW_MARGIN, framing.height * VIEW_SCALE + 2 * VIEW_MARGIN)
}

impl FaceSet {
    /// The faces of a part: from the cache, or found now (12 ms each on one core) and put there. `progress` says whether to go on.
    ///
    /// # Errors
    /// [`TrainError`] naming the picture or file at fault; [`TrainError::Interrupted`].
    pub fn load(
        part: &Part,
        region: FaceRegion,
        cache: &Path,
        progress: impl Fn(FacesStep) -> bool + Sync,
    ) -> Result<Self, TrainError> {
        let path = cache.join(format!("faces-{}-{}.bin", region.name(), key(part, region)));
        if let Some(faces) = read(&path, part, region) {
            return Ok(Self { faces });
        }
        let found = find_all(part, &progress)?;
        let mut asked = Self::default();
        // Finding is what takes time: both regions are kept.
        for each in FaceRegion::ALL {
            let faces = cut_all(part, &found, each)?;
            let path = cache.join(format!("faces-{}-{}.bin", each.name(), key(part, each)));
            write(&path, &faces)?;
            if each == region {
                asked.faces = faces;
            }
        }
        Ok(asked)
    }
}

/// Where the face is in each picture, on two threads: more help little where they share a core, and each holds its own networks.
fn find_all(
    part: &Part,
    progress: &(impl Fn(FacesStep) -> bool + Sync),
) -> Result<Vec<FacePlace>, TrainError> {
    const THREADS: usize = 2;
    let all = part.pictures.len();
    let (done, is_stopped) = (AtomicUsize::new(0), AtomicBool::new(false));
    let find = |pictures: &[Picture]| -> Result<Vec<FacePlace>, TrainError> {
        let mut faces = StillFaces::new()?;
        let mut places = Vec::with_capacity(pictures.len());
        for picture in pictures {
            if is_stopped.load(Relaxed) {
                return Err(TrainError::Interrupted);
            }
            places.push(faces.find(&part.decode(picture)?)?);
            let done = done.fetch_add(1, Relaxed) + 1;
            if !progress(FacesStep { done, all }) {
                is_stopped.store(true, Relaxed);
                return Err(TrainError::Interrupted);
            }
        }
        Ok(places)
    };
    let find = &find;
    std::thread::scope(|scope| {
        let started: Vec<_> = part
            .pictures
            .chunks(all.div_ceil(THREADS).max(1))
            .enumerate()
            .map(|(number, pictures)| {
                std::thread::Builder::new()
                    .name(format!("faces-{number}"))
                    .spawn_scoped(scope, move || find(pictures))
            })
            .collect();
        let mut places = Vec::with_capacity(all);
        for thread in started {
            let found = thread.map_err(|_| TrainError::Thread)?.join().map_err(|_| TrainError::Thread)?;
            places.extend(found?);
        }
        Ok(places)
    })
}

fn cut_all(part: &Part, places: &[FacePlace], region: FaceRegion) -> Result<Vec<Face>, TrainError> {
    let (width, height) = view_size(region);
    let view_from_crop = region.framing().view_from_crop(VIEW_SCALE as f32, VIEW_MARGIN as f32);
    let mut faces = Vec::with_capacity(places.len());
    for (picture, place) in part.pictures.iter().zip(places) {
        let luma = part.decode(picture)?;
        let mut pixels = Vec::new();
        // A similarity of a face that was found has an inverse; a blank view stands for one that has not.
        if let Some(image_from_view) = view_from_crop.after(&place.crop_from_image).inverse() {
            warp_gray(&luma, &image_from_view, (width, height), Border::Replicate, &mut pixels);
        }
        pixels.resize(width * height, 0);
        let view = GrayImage::from_raw(width as u32, height as u32, pixels).unwrap_or_default();
        let nose_y = view_from_crop.apply([0.0, place.nose_y])[1];
        faces.push(Face { name: picture.name.clone(), is_found: place.is_found, nose_y, view });
    }
    Ok(faces)
}

/// Says from which pictures and in which framing the faces come.
fn key(part: &Part, region: FaceRegion) -> String {
    let mut hash = Sha256::new();
    hash.update(format!("{FORMAT} {:?} {VIEW_SCALE} {VIEW_MARGIN}", region.framing()));
    for picture in &part.pictures {
        hash.update(&picture.name);
        hash.update(picture.bytes());
    }
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// For each face: found or not (1 byte), the nose base (4 bytes), the view.
fn write(path: &Path, faces: &[Face]) -> Result<(), TrainError> {
    let failed = |path: &Path, error: std::io::Error| TrainError::file(path, &error);
    if let Some(dir) = path.parent() {
        std::fs::create_dir_all(dir).map_err(|error| failed(dir, error))?;
    }
    let mut bytes = Vec::new();
    for face in faces {
        bytes.push(u8::from(face.is_found));
        bytes.extend(face.nose_y.to_le_bytes());
        bytes.extend(face.view.as_raw());
    }
    // Under another name first: a run that is cut off leaves no half of a cache.
    let unfinished: PathBuf = path.with_extension("part");
    std::fs::File::create(&unfinished)
        .and_then(|mut file| file.write_all(&bytes))
        .map_err(|error| failed(&unfinished, error))?;
    std::fs::rename(&unfinished, path).map_err(|error| failed(path, error))
}

fn read(path: &Path, part: &Part, region: FaceRegion) -> Option<Vec<Face>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path).ok()?.read_to_end(&mut bytes).ok()?;
    let (width, height) = view_size(region);
    let size = 5 + width * height;
    if bytes.len() != size * part.pictures.len() {
        return None;
    }
    let faces = bytes.chunks_exact(size).zip(&part.pictures).map(|(chunk, picture)| {
        let (head, pixels) = chunk.split_at(5);
        let &[is_found, a, b, c, d] = head else { return None };
        Some(Face {
            name: picture.name.clone(),
            is_found: is_found == 1,
            nose_y: f32::from_le_bytes([a, b, c, d]),
            view: GrayImage::from_raw(width as u32, height as u32, pixels.to_vec())?,
        })
    });
    faces.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faces_are_found_once_and_kept() {
        let dir = tempfile::tempdir().unwrap();
        let portrait =
            image::load_from_memory(include_bytes!("../../../assets/portrait.png")).unwrap().into_luma8();
        std::fs::create_dir(dir.path().join("train")).unwrap();
        portrait.save(dir.path().join("train/a.png")).unwrap();
        GrayImage::new(48, 48).save(dir.path().join("train/b.png")).unwrap();
        let header =
            "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF";
        let rows = "T,a.png,0,10,0,0,0,0,0,0,0,0\nT,b.png,0,0,0,0,0,0,0,0,0,10\n";
        std::fs::write(dir.path().join("labels.csv"), format!("{header}\n{rows}")).unwrap();
        let part = Part::read(dir.path(), "train").unwrap();
        let cache = dir.path().join("cache");
        let load = |region, go_on: bool| FaceSet::load(&part, region, &cache, |_| go_on);
        assert!(matches!(load(FaceRegion::Face, false), Err(TrainError::Interrupted)));
        let found = load(FaceRegion::Face, true).unwrap().faces;
        assert_eq!([found[0].is_found, found[1].is_found], [true, false]);
        // Whoever stops at the first step gets them nevertheless: nothing is looked for again, for either region.
        assert_eq!(load(FaceRegion::Face, false).unwrap().faces, found);
        let eyes = load(FaceRegion::Eyes, false).unwrap().faces;
        let (width, height) = view_size(FaceRegion::Eyes);
        assert_eq!(eyes[0].view.dimensions(), (width as u32, height as u32));
        // The nose base is near the lower edge of what the eyes' network sees.
        let edge = (VIEW_MARGIN + VIEW_SCALE * FaceRegion::Eyes.framing().height) as f32;
        assert!((eyes[0].nose_y - edge).abs() < 12.0, "{}", eyes[0].nose_y);
    }
}
