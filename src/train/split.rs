//! Which recordings there are, who is in them, and what they may be used for: the split file (`benches/spotting/split.toml`).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rand::seq::SliceRandom;
use rand_pcg::Pcg64;
use rand_pcg::rand_core::SeedableRng;
use serde::Deserialize;

use super::TrainError;

/// How much the face moves by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A photo, or a video in which nothing moves.
    Still,
    /// Listening, waiting.
    Calm,
    /// Speaking, signing or expressive.
    Talking,
}

/// What a recording may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Set {
    /// Training, validation, choosing parameters.
    Tune,
    /// Reported figures only.
    Report,
}

/// A video.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClipEntry {
    /// From the data folder.
    pub path: PathBuf,
    /// The same name wherever the same person appears.
    pub person: String,
    /// How much the face moves.
    pub kind: Kind,
    /// What it may be used for.
    pub set: Set,
}

/// A photo.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhotoEntry {
    /// From the data folder.
    pub path: PathBuf,
    /// The same name wherever the same person appears.
    pub person: String,
    /// What it may be used for.
    pub set: Set,
}

/// A split file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Split {
    /// Videos.
    #[serde(rename = "clip", default)]
    pub clips: Vec<ClipEntry>,
    /// Photos.
    #[serde(rename = "photo", default)]
    pub photos: Vec<PhotoEntry>,
}

/// A recording that may be trained on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base {
    /// From the data folder.
    pub path: PathBuf,
    /// Who is in it.
    pub person: String,
    /// How much the face moves.
    pub kind: Kind,
    /// One picture, without motion of its own.
    pub is_photo: bool,
}

impl Split {
    /// Reads a split file and checks that no person is in both sets.
    ///
    /// # Errors
    /// [`TrainError::Split`] naming the file, the line or the person, and what to do.
    pub fn read(path: &Path) -> Result<Self, TrainError> {
        let failed = |why: String| TrainError::Split { path: path.to_owned(), why };
        let text = std::fs::read_to_string(path)
            .map_err(|error| failed(format!("{error}; check the name given to --split")))?;
        let split: Self = toml::from_str(&text).map_err(|error| failed(error.to_string()))?;
        split.check().map_err(failed)?;
        Ok(split)
    }

    fn check(&self) -> Result<(), String> {
        let clips = self.clips.iter().map(|clip| (&clip.path, &clip.person, clip.set));
        let photos = self.photos.iter().map(|photo| (&photo.path, &photo.person, photo.set));
        let mut sets: BTreeMap<&str, Set> = BTreeMap::new();
        let mut paths: BTreeMap<&Path, ()> = BTreeMap::new();
        for (path, person, set) in clips.chain(photos) {
            if person.is_empty() {
                return Err(format!("{} has no person; give each person a name", path.display()));
            }
            if paths.insert(path, ()).is_some() {
                return Err(format!("{} is listed twice; remove one entry", path.display()));
            }
            if *sets.entry(person).or_insert(set) != set {
                return Err(format!(
                    "{person} is in both sets (seen again at {}); put all recordings of a person in one",
                    path.display()
                ));
            }
        }
        if !sets.values().any(|set| *set == Set::Tune) {
            return Err("no recording has set = \"tune\"; there is nothing to train on".to_owned());
        }
        Ok(())
    }

    /// What may be trained on, in the file's order, videos first.
    pub fn tune(&self) -> Vec<Base> {
        let clips = self.clips.iter().filter(|clip| clip.set == Set::Tune).map(|clip| Base {
            path: clip.path.clone(),
            person: clip.person.clone(),
            kind: clip.kind,
            is_photo: false,
        });
        let photos = self.photos.iter().filter(|photo| photo.set == Set::Tune).map(|photo| Base {
            path: photo.path.clone(),
            person: photo.person.clone(),
            kind: Kind::Still,
            is_photo: true,
        });
        clips.chain(photos).collect()
    }
}

/// Which part of the people is held out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fold {
    /// Which, from 0.
    pub index: usize,
    /// Of how many; 5 holds out a fifth.
    pub count: usize,
}

impl Default for Fold {
    fn default() -> Self {
        Self { index: 0, count: 5 }
    }
}

/// For each base whether its person is held out for validation. The same for the same people, seed and fold; people of each
/// kind (by their liveliest recording) are spread evenly over the folds.
pub fn held_out(bases: &[Base], seed: u64, fold: Fold) -> Vec<bool> {
    let mut kinds: BTreeMap<&str, (bool, Kind)> = BTreeMap::new();
    for base in bases {
        let entry = kinds.entry(&base.person).or_insert((base.is_photo, base.kind));
        *entry = (entry.0 && base.is_photo, entry.1.max(base.kind));
    }
    let mut groups: BTreeMap<(bool, Kind), Vec<&str>> = BTreeMap::new();
    for (person, kind) in &kinds {
        groups.entry(*kind).or_default().push(person);
    }
    let mut rng = Pcg64::seed_from_u64(seed);
    let mut dealt = 0;
    let mut out = std::collections::BTreeSet::new();
    for people in groups.values_mut() {
        people.shuffle(&mut rng);
        for person in people.iter() {
            if dealt % fold.count.max(1) == fold.index {
                out.insert(*person);
            }
            dealt += 1;
        }
    }
    bases.iter().map(|base| out.contains(base.person.as_str())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Split, String> {
        let split: Split = toml::from_str(text).map_err(|error| error.to_string())?;
        split.check().map(|()| split)
    }

    const TWO: &str = "[[clip]]\npath = \"a.mp4\"\nperson = \"a\"\nkind = \"talking\"\nset = \"tune\"\n\
                       [[clip]]\npath = \"b.mp4\"\nperson = \"b\"\nkind = \"calm\"\nset = \"report\"\n\
                       [[photo]]\npath = \"c.jpg\"\nperson = \"c\"\nset = \"tune\"\n";

    #[test]
    fn only_what_may_be_tuned_on_is_given_out() {
        let split = parse(TWO).unwrap();
        let names: Vec<_> =
            split.tune().into_iter().map(|base| (base.person, base.kind, base.is_photo)).collect();
        assert_eq!(names, [("a".to_owned(), Kind::Talking, false), ("c".to_owned(), Kind::Still, true)]);
    }

    #[test]
    fn a_person_in_both_sets_is_an_error_that_names_them() {
        let text = format!("{TWO}[[photo]]\npath = \"a.jpg\"\nperson = \"a\"\nset = \"report\"\n");
        let message = parse(&text).unwrap_err();
        assert!(message.contains("a is in both sets") && message.contains("a.jpg"), "{message}");
    }

    #[test]
    fn doubles_unknown_words_and_missing_files_are_errors() {
        assert!(parse(&format!("{TWO}{TWO}")).unwrap_err().contains("twice"));
        assert!(parse(&TWO.replace("talking", "loud")).unwrap_err().contains("loud"));
        let error = Split::read(Path::new("no/such/split.toml")).unwrap_err().to_string();
        assert!(error.contains("no/such/split.toml") && error.contains("--split"), "{error}");
    }

    #[test]
    fn people_are_held_out_whole_evenly_and_the_same_each_time() {
        let base = |person: usize, kind| Base {
            path: PathBuf::new(),
            person: format!("p{person}"),
            kind,
            is_photo: false,
        };
        let mut bases: Vec<Base> = (0..20).map(|i| base(i, Kind::Talking)).collect();
        bases.extend((0..20).map(|i| base(i, Kind::Calm)));
        bases.extend((20..30).map(|i| base(i, Kind::Calm)));
        let mut times_out = vec![0; 30];
        for index in 0..5 {
            let fold = Fold { index, count: 5 };
            let out = held_out(&bases, 7, fold);
            assert_eq!(out, held_out(&bases, 7, fold));
            assert_eq!(out[..20], out[20..40], "a person is either held out or not");
            assert_eq!(out[..20].iter().filter(|out| **out).count(), 4);
            assert_eq!(out[40..].iter().filter(|out| **out).count(), 2);
            (0..20).for_each(|i| times_out[i] += usize::from(out[i]));
            (0..10).for_each(|i| times_out[20 + i] += usize::from(out[40 + i]));
        }
        assert_eq!(times_out, [1; 30], "each person is held out once");
        assert_ne!(held_out(&bases, 7, Fold::default()), held_out(&bases, 8, Fold::default()));
    }
}
