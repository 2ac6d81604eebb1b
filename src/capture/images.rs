//! Image folders, and single pictures, as a source.
//!
//! The pictures of a folder are taken in natural order (`frame2` before `frame10`), other files are left alone. Their
//! times come from a frame rate or from a timestamps file (see `timestamps`). A picture that cannot be read is a gap,
//! not the end; pictures may differ in size.

mod decode;
mod natural;
mod timestamps;

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::clock::MediaClock;
use super::source::{CaptureError, Captured, Source, SourceInfo};
use crate::types::{Frame, Gap, GapReason, TimestampSource};
pub(crate) use natural::compare as natural_order;
use timestamps::Times;

/// Extensions of files that are taken for pictures, in lower case.
pub const IMAGE_EXTENSIONS: [&str; 7] = ["png", "jpg", "jpeg", "bmp", "tif", "tiff", "webp"];
/// Unreadable pictures that are named one by one; the rest are counted.
const MAX_NAMED: usize = 5;

/// A folder of pictures, or one picture, as a [`Source`].
pub struct ImageSource {
    info: SourceInfo,
    /// Pictures with their times in ns, from the timestamps file or by rate.
    pictures: Vec<(PathBuf, i64)>,
    clock: MediaClock,
    next: usize,
    delivered: usize,
    unreadable: usize,
    last_failure: Option<(PathBuf, String)>,
    warnings: Vec<String>,
}

/// Whether a path's extension is one of [`IMAGE_EXTENSIONS`].
pub(super) fn is_picture(path: &Path) -> bool {
    let extension = path.extension().map(|e| e.to_string_lossy().to_ascii_lowercase());
    extension.is_some_and(|e| IMAGE_EXTENSIONS.contains(&e.as_str()))
}

impl ImageSource {
    /// Opens a folder of pictures, or one picture (a single frame at time 0, which needs no rate).
    ///
    /// `fps`, above 0 and at most 1000, sets the times; without it the folder needs `timestamps.txt` or
    /// `timestamps.csv`. With both, `fps` wins, and a warning says so.
    ///
    /// # Errors
    /// [`CaptureError::Unreadable`]: missing, no permission, a folder without pictures, a timestamps file with a
    /// mistake or with another number of lines than there are pictures. [`CaptureError::BadRequest`]: a folder without
    /// times, or a rate out of range.
    pub fn open(path: &Path, fps: Option<f64>) -> Result<Self, CaptureError> {
        let name =
            path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned());
        if let Some(fps) = fps
            && !(fps > 0.0 && fps <= 1000.0)
        {
            let why = format!("cannot run at {fps} fps; choose a rate above 0 and up to 1000");
            return Err(CaptureError::BadRequest { what: name, why });
        }
        let mut warnings = Vec::new();
        let is_folder = path.metadata().map_err(|e| CaptureError::from_io(path, &e))?.is_dir();
        let (pictures, timestamp_source) = if is_folder {
            timed_pictures(path, fps, &name, &mut warnings)?
        } else {
            (vec![(path.to_owned(), 0)], TimestampSource::Nominal)
        };
        let span_ns = pictures.first().zip(pictures.last()).map_or(0, |(first, last)| last.1 - first.1);
        let period_s = fps.filter(|_| is_folder).map_or(0.0, |fps| 1.0 / fps);
        let info = SourceInfo {
            name,
            path: Some(path.to_owned()),
            width: 0,
            height: 0,
            nominal_fps: fps.filter(|_| is_folder),
            frame_count: Some(pictures.len() as u64),
            duration_s: Some(span_ns as f64 * 1e-9 + period_s),
            timestamp_source,
            is_live: false,
        };
        Ok(Self {
            info,
            pictures,
            clock: MediaClock::new(fps),
            next: 0,
            delivered: 0,
            unreadable: 0,
            last_failure: None,
            warnings,
        })
    }
}

impl Source for ImageSource {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn next(&mut self, frame: &mut Frame) -> Result<Captured, CaptureError> {
        let Some((path, time_ns)) = self.pictures.get(self.next) else {
            return match self.last_failure.take().filter(|_| self.delivered == 0) {
                None => Ok(Captured::End),
                Some((path, why)) if self.pictures.len() == 1 => Err(CaptureError::Unreadable { path, why }),
                Some((path, why)) => Err(CaptureError::Unreadable {
                    why: format!(
                        "none of its {} pictures can be read; the last, {}: {why}",
                        self.pictures.len(),
                        path.display()
                    ),
                    path: self.info.path.clone().unwrap_or_default(),
                }),
            };
        };
        let (seq, at) = (self.next as u64, self.clock.advance(Some(*time_ns)));
        self.next += 1;
        match decode::decode(path, frame) {
            Ok(()) => {
                (frame.seq, frame.captured_at, frame.arrived_at) = (seq, at, at);
                self.delivered += 1;
                Ok(Captured::Frame)
            }
            Err(error) => {
                self.unreadable += 1;
                if self.unreadable <= MAX_NAMED {
                    self.warnings.push(format!("{}: {error}", path.display()));
                }
                self.last_failure = Some((path.clone(), error.to_string()));
                if self.pictures.len() == 1 {
                    return self.next(frame);
                }
                Ok(Captured::Gap(Gap { first_seq: seq, count: 1, at, reason: GapReason::Corrupt }))
            }
        }
    }

    fn warnings(&self) -> Vec<String> {
        let mut warnings = self.warnings.clone();
        if self.unreadable > MAX_NAMED {
            warnings
                .push(format!("{}: {} pictures in all could not be read", self.info.name, self.unreadable));
        }
        warnings.extend(self.clock.warnings(&self.info.name));
        warnings
    }
}

/// The pictures of a folder with their times in ns.
fn timed_pictures(
    folder: &Path,
    fps: Option<f64>,
    name: &str,
    warnings: &mut Vec<String>,
) -> Result<(Vec<(PathBuf, i64)>, TimestampSource), CaptureError> {
    let names = picture_names(folder)?;
    let times_path = timestamps::FILE_NAMES.iter().map(|n| folder.join(n)).find(|p| p.exists());
    if let Some(fps) = fps {
        if let Some(path) = times_path {
            warnings.push(format!("{name}: {} is not used, as a frame rate was given", path.display()));
        }
        let at = |i: usize| (i as f64 * 1e9 / fps).round() as i64;
        let pictures = names.iter().enumerate().map(|(i, n)| (folder.join(n), at(i))).collect();
        return Ok((pictures, TimestampSource::Nominal));
    }
    let Some(times_path) = times_path else {
        return Err(CaptureError::BadRequest {
            what: folder.display().to_string(),
            why: "is a folder of pictures without times; give --fps N, or put a timestamps.txt with one time in \
                  seconds a line into it"
                .to_owned(),
        });
    };
    let unreadable = |why: String| CaptureError::Unreadable { path: times_path.clone(), why };
    let text = std::fs::read(&times_path).map_err(|e| CaptureError::from_io(&times_path, &e))?;
    let times = timestamps::parse(&String::from_utf8_lossy(&text)).map_err(|e| unreadable(e.to_string()))?;
    let pictures = match times {
        Times::Ordered(times) if times.len() != names.len() => {
            let (lines, pictures) = (times.len(), names.len());
            let why =
                format!("it has {lines} times for {pictures} pictures; write one line for each picture");
            return Err(unreadable(why));
        }
        Times::Ordered(times) => names.iter().zip(times).map(|(n, t)| (folder.join(n), nanos(t))).collect(),
        Times::Named(named) => {
            check_names(&named, &names).map_err(unreadable)?;
            named.iter().map(|(n, t)| (folder.join(n), nanos(*t))).collect()
        }
    };
    Ok((pictures, TimestampSource::Media))
}

/// Names of the folder's pictures, in natural order.
fn picture_names(folder: &Path) -> Result<Vec<String>, CaptureError> {
    let failed = |e: std::io::Error| CaptureError::from_io(folder, &e);
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        // Hidden files are what some systems store beside pictures (`._frame1.png`).
        let is_hidden = name.to_string_lossy().starts_with('.');
        if !is_hidden && is_picture(Path::new(&name)) && !entry.path().is_dir() {
            names.push(name.into_string().map_err(|name| CaptureError::Unreadable {
                path: folder.join(name),
                why: "its name is not valid Unicode; rename it".to_owned(),
            })?);
        }
    }
    if names.is_empty() {
        let why = format!("the folder holds no pictures ({})", IMAGE_EXTENSIONS.join(", "));
        return Err(CaptureError::Unreadable { path: folder.to_owned(), why });
    }
    names.sort_by(|a, b| natural::compare(a, b));
    Ok(names)
}

/// Every picture has exactly one line, and every line a picture.
fn check_names(named: &[(String, f64)], names: &[String]) -> Result<(), String> {
    let present: HashSet<&str> = names.iter().map(String::as_str).collect();
    let mut listed = HashSet::new();
    for (name, _) in named {
        if !present.contains(name.as_str()) {
            return Err(format!(
                "it lists {name}, which is not in the folder; remove the line or add the picture"
            ));
        }
        if !listed.insert(name.as_str()) {
            return Err(format!("{name} is listed twice; keep one line for each picture"));
        }
    }
    match names.iter().find(|name| !listed.contains(name.as_str())) {
        Some(missing) => Err(format!("it has no line for {missing}; write one line for each picture")),
        None => Ok(()),
    }
}

/// Seconds, at most [`timestamps::parse`]'s limit, in ns.
fn nanos(seconds: f64) -> i64 {
    (seconds * 1e9).round() as i64
}
