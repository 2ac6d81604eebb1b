//! From what a table says of an event to the files of its frames.

use std::path::{Path, PathBuf};

use super::coding::CodedClip;
use crate::dataset::listing::pictures_in;
use crate::dataset::{Clip, DatasetError};

/// The pictures of one folder: the last number in each name, and the file; in the order of the numbers.
#[derive(Clone, Debug, Default)]
pub(super) struct Frames {
    files: Vec<(u64, PathBuf)>,
}

impl Frames {
    /// Lists a folder. Pictures without a number are passed over, as are all but the first of one number.
    ///
    /// # Errors
    /// [`DatasetError::File`].
    pub(super) fn in_folder(dir: &Path) -> Result<Self, DatasetError> {
        let mut files: Vec<(u64, PathBuf)> = pictures_in(dir)?
            .iter()
            .filter_map(|name| number_in(name).map(|number| (number, dir.join(name))))
            .collect();
        files.sort();
        files.dedup_by_key(|(number, _)| *number);
        Ok(Self { files })
    }

    /// All frames as one event, from the first to the last. The apex is the frame in the middle: the corpus does not say it.
    ///
    /// # Errors
    /// Why not.
    pub(super) fn whole(&self, fps: f64) -> Result<Clip, String> {
        let last = self.files.len().checked_sub(1).filter(|last| *last > 0);
        let last = last.ok_or_else(|| format!("its folder has {} numbered frames", self.files.len()))?;
        Ok(self.clip(0, last / 2, Some(last), fps))
    }

    /// The frames of a coded event, from onset to offset (to the apex, where no offset was coded).
    ///
    /// Numbers of a table are those in the files' names. Where they are not there, `FirstF` of the table says which number the folder's first file
    /// has, and a folder with exactly as many frames as the event has was numbered anew. Without an apex, the frame in the middle
    /// between onset and offset is taken.
    ///
    /// # Errors
    /// Why the frames cannot be told.
    pub(super) fn of_event(&self, coded: &CodedClip, fps: f64) -> Result<Clip, String> {
        let (Some((first, _)), Some((last, _))) = (self.files.first(), self.files.last()) else {
            return Err("its folder has no numbered frames".to_owned());
        };
        let onset = coded.onset.ok_or("the onset is not the number of a frame")?;
        if coded.offset.is_some_and(|offset| offset < onset) {
            return Err(format!("its offset comes before its onset ({onset})"));
        }
        if let Some(apex) = coded.apex
            && (apex < onset || coded.offset.is_some_and(|offset| apex > offset))
        {
            return Err(format!("its apex ({apex}) is not between onset ({onset}) and offset"));
        }
        let shift = self.shift(coded, onset).ok_or_else(|| {
            format!("frame {onset} (onset) is not in its folder, which has frames {first} to {last}")
        })?;
        let place = |number: u64| shift.place(&self.files, number);
        let onset_at = place(onset).ok_or("the onset frame is not there")?;
        // A crop may end a frame early: then the last one before counts.
        let offset_at = coded.offset.map(|offset| {
            place(offset).unwrap_or_else(|| shift.last_up_to(&self.files, offset).max(onset_at))
        });
        let apex_at = match (coded.apex, offset_at) {
            (Some(apex), _) => place(apex).ok_or_else(|| {
                format!("frame {apex} (apex) is not in its folder, which has frames {first} to {last}")
            })?,
            (None, Some(offset_at)) => onset_at + (offset_at - onset_at) / 2,
            (None, None) => return Err("neither its apex nor its offset was coded".to_owned()),
        };
        Ok(self.clip(onset_at, apex_at, offset_at.filter(|offset| *offset >= apex_at), fps))
    }

    /// How numbers in the table become files.
    fn shift(&self, coded: &CodedClip, onset: u64) -> Option<Shift> {
        if Shift::Named.place(&self.files, onset).is_some() {
            return Some(Shift::Named);
        }
        if let Some(first) = coded.first.filter(|first| *first <= onset) {
            return Some(Shift::From(first)).filter(|shift| shift.place(&self.files, onset).is_some());
        }
        let length = coded.offset? - onset + 1;
        (length == self.files.len() as u64).then_some(Shift::From(onset))
    }

    fn clip(&self, onset: usize, apex: usize, offset: Option<usize>, fps: f64) -> Clip {
        let end = offset.unwrap_or(apex).max(apex);
        let files = self.files.get(onset..=end).unwrap_or_default();
        Clip {
            frames: files.iter().map(|(_, file)| file.clone()).collect(),
            onset: 0,
            apex: apex - onset,
            offset: offset.map(|offset| offset - onset),
            fps,
            traces: None,
        }
    }
}

/// How a frame's number in a table stands to the files of a folder.
#[derive(Clone, Copy, Debug)]
enum Shift {
    /// It is in the file's name.
    Named,
    /// Files are counted from this number on, whatever their names.
    From(u64),
}

impl Shift {
    /// Index of the file of a frame.
    fn place(self, files: &[(u64, PathBuf)], number: u64) -> Option<usize> {
        match self {
            Self::Named => files.binary_search_by_key(&number, |(number, _)| *number).ok(),
            Self::From(first) => {
                let index = usize::try_from(number.checked_sub(first)?).ok()?;
                (index < files.len()).then_some(index)
            }
        }
    }

    /// Index of the last file that is not after a frame; 0 where all are.
    fn last_up_to(self, files: &[(u64, PathBuf)], number: u64) -> usize {
        match self {
            Self::Named => files.partition_point(|(file, _)| *file <= number).saturating_sub(1),
            Self::From(_) => files.len().saturating_sub(1),
        }
    }
}

/// The last number in a file's name, before its ending: 130 of `reg_EP01_5-00130.jpg`.
fn number_in(name: &str) -> Option<u64> {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let end = stem.rfind(|c: char| c.is_ascii_digit())? + 1;
    let digits = stem.get(..end)?;
    let start = digits.rfind(|c: char| !c.is_ascii_digit()).map_or(0, |at| at + 1);
    // A character before the digits may have several bytes.
    let start = (start..end).find(|at| digits.is_char_boundary(*at))?;
    digits.get(start..)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_number_of_a_name_is_the_frame() {
        for (name, number) in [
            ("reg_EP01_5-00130.jpg", Some(130)),
            ("img46.jpg", Some(46)),
            ("006_05562.jpg", Some(5562)),
            ("00123.png", Some(123)),
            ("reg_image12x.bmp", Some(12)),
            ("bild_ä7.png", Some(7)),
            ("thumbs.jpg", None),
            ("99999999999999999999999.jpg", None),
        ] {
            assert_eq!(number_in(name), number, "{name}");
        }
    }
}
