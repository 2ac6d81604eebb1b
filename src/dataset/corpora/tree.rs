//! The folders of a corpus: walked once, then found by the last components of their path.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::table::is_table;
use crate::dataset::DatasetError;
use crate::dataset::listing::names_in;

/// Folders are looked for this deep: `CAS(ME)3/part_A/data/part_A/spNO.1/a/color` is six.
const MOST_DEPTH: usize = 9;
/// Layouts have at most this many components.
const TAIL: usize = 3;

/// All folders with pictures below a root, and all tables.
pub(super) struct Tree {
    root: PathBuf,
    /// Paths from the root, with `/`.
    folders: Vec<String>,
    tables: Vec<PathBuf>,
    by_tail: OnceCell<BTreeMap<String, Vec<usize>>>,
}

impl Tree {
    /// Walks through a folder.
    ///
    /// # Errors
    /// [`DatasetError::File`].
    pub(super) fn walk(root: &Path) -> Result<Self, DatasetError> {
        Self::walk_to(root, MOST_DEPTH)
    }

    /// Walks through the uppermost folders only.
    ///
    /// # Errors
    /// [`DatasetError::File`].
    pub(super) fn walk_to(root: &Path, depth: usize) -> Result<Self, DatasetError> {
        let (mut folders, mut tables) = (Vec::new(), Vec::new());
        let mut open = vec![(String::new(), 0)];
        while let Some((folder, at)) = open.pop() {
            let dir = root.join(&folder);
            let names = names_in(&dir)?;
            tables.extend(names.others.iter().filter(|name| is_table(name)).map(|name| dir.join(name)));
            if !names.pictures.is_empty() {
                folders.push(folder.clone());
            }
            if at < depth {
                let below = |name: &String| {
                    if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") }
                };
                open.extend(names.folders.iter().map(|name| (below(name), at + 1)));
            }
        }
        folders.sort();
        tables.sort();
        Ok(Self { root: root.to_owned(), folders, tables, by_tail: OnceCell::new() })
    }

    /// Folders with pictures, as paths from the root.
    pub(super) fn folders(&self) -> &[String] {
        &self.folders
    }

    /// Tables, with their paths.
    pub(super) fn tables(&self) -> &[PathBuf] {
        &self.tables
    }

    /// The folder that was walked through.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Path of a folder.
    pub(super) fn path(&self, folder: usize) -> PathBuf {
        self.folders.get(folder).map_or_else(|| self.root.clone(), |folder| self.root.join(folder))
    }

    /// Components of a folder's path from the root.
    pub(super) fn components(&self, folder: usize) -> Option<Vec<&str>> {
        self.folders.get(folder).map(|folder| folder.split('/').collect())
    }

    /// Which of the cameras `hs`, `vis`, `nir` a folder's path names, from the root's own name on.
    pub(super) fn cameras(&self, folder: usize) -> BTreeSet<&'static str> {
        let root = self.root.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        let below = self.folders.get(folder).map_or_else(String::new, |folder| folder.to_lowercase());
        let whole = format!("{root}/{below}");
        let words: BTreeSet<&str> = whole.split(|c: char| !c.is_ascii_alphanumeric()).collect();
        ["hs", "vis", "nir"].into_iter().filter(|camera| words.contains(camera)).collect()
    }

    /// The folder whose path ends so. Of several that are cropped and others, a cropped one; then the one nearest to the root; then the first by
    /// name.
    pub(super) fn find(&self, tail: &str) -> Option<usize> {
        let by_tail = self.by_tail.get_or_init(|| self.index());
        let order = |folder: &usize| {
            let path = self.folders.get(*folder).map_or("", String::as_str);
            (!path.to_lowercase().contains("crop"), path.matches('/').count(), *folder)
        };
        by_tail.get(&plain(tail))?.iter().copied().min_by_key(order)
    }

    fn index(&self) -> BTreeMap<String, Vec<usize>> {
        let mut index: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (number, folder) in self.folders.iter().enumerate() {
            let folder = plain(folder);
            let starts = folder.rmatch_indices('/').map(|(at, _)| at + 1).chain([0]);
            for start in starts.take(TAIL) {
                index.entry(folder.get(start..).unwrap_or_default().to_owned()).or_default().push(number);
            }
        }
        index
    }
}

/// The last `N` components of a path.
pub(super) fn last<const N: usize>(path: Vec<&str>) -> Option<[&str; N]> {
    path.last_chunk::<N>().copied()
}

/// A name in the form in which names are compared: lower case, numbers without leading zeros (`sub01/EP02_01f` as `sub1/ep2_1f`).
pub(super) fn plain(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut rest = name.trim();
    while let Some(c) = rest.chars().next() {
        if c.is_ascii_digit() {
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            let (digits, after) = rest.split_at(end);
            let number = digits.trim_start_matches('0');
            out += if number.is_empty() { "0" } else { number };
            rest = after;
        } else {
            out.extend(c.to_lowercase());
            rest = rest.split_at(c.len_utf8()).1;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_without_zeros_and_case() {
        assert_eq!(plain("sub01/EP02_01f"), "sub1/ep2_1f");
        assert_eq!(plain("spNO.100/a/color"), "spno.100/a/color");
        assert_eq!(plain(" 006_1_02 "), "6_1_2");
        assert_eq!(plain("15_0000x"), "15_0x");
    }
}
