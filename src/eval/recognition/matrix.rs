//! Truth against what was said, counted: the figures follow from these counts.

/// A square matrix of counts: row the truth, column what was said.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Matrix {
    size: usize,
    cells: Vec<usize>,
}

impl Matrix {
    /// Of so many classes, without counts.
    pub(super) fn new(size: usize) -> Self {
        Self { size, cells: vec![0; size * size] }
    }

    /// Of pairs of truth and what was said; pairs beyond `size` are not counted.
    pub(super) fn of(size: usize, pairs: impl IntoIterator<Item = (usize, usize)>) -> Self {
        let mut matrix = Self::new(size);
        pairs.into_iter().for_each(|(truth, said)| matrix.add(truth, said));
        matrix
    }

    pub(super) fn add(&mut self, truth: usize, said: usize) {
        if truth < self.size && said < self.size {
            // Below size * size, as both are below size.
            self.cells[truth * self.size + said] += 1;
        }
    }

    /// Adds the counts of another one, of the same size.
    pub(super) fn merge(&mut self, other: &Self) {
        for (cell, more) in self.cells.iter_mut().zip(&other.cells) {
            *cell += more;
        }
    }

    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// How often `truth` was called `said`.
    pub(super) fn at(&self, truth: usize, said: usize) -> usize {
        if truth < self.size && said < self.size { self.cells[truth * self.size + said] } else { 0 }
    }

    /// How many are `class`.
    pub(super) fn true_count(&self, class: usize) -> usize {
        (0..self.size).map(|said| self.at(class, said)).sum()
    }

    /// How many were called `class`.
    pub(super) fn said_count(&self, class: usize) -> usize {
        (0..self.size).map(|truth| self.at(truth, class)).sum()
    }

    pub(super) fn count(&self) -> usize {
        self.cells.iter().sum()
    }

    /// How many were called what they are.
    pub(super) fn right(&self) -> usize {
        (0..self.size).map(|class| self.at(class, class)).sum()
    }

    /// Row by row.
    pub(super) fn rows(&self) -> Vec<Vec<usize>> {
        (0..self.size).map(|truth| (0..self.size).map(|said| self.at(truth, said)).collect()).collect()
    }
}
