//! One cell, and the description of one column: what every writer and `docs/outputs.md` are made from.

use std::borrow::Cow;

use crate::types::Timestamp;

/// A value in a table. [`Cell::Missing`] is an empty field in CSV, `null` in JSON lines and Parquet.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Not measured in this row.
    Missing,
    /// A whole number.
    Int(i64),
    /// A real number, already rounded to its column's decimals.
    Real(f64),
    /// A word, or words joined by `+`.
    Text(Cow<'static, str>),
}

impl Cell {
    /// An unsigned number; beyond `i64::MAX` it stays there (no source has that many frames).
    pub fn from_unsigned(value: u64) -> Self {
        Self::Int(i64::try_from(value).unwrap_or(i64::MAX))
    }

    /// Text, or missing where it is empty.
    pub fn from_text(text: impl Into<Cow<'static, str>>) -> Self {
        let text = text.into();
        if text.is_empty() { Self::Missing } else { Self::Text(text) }
    }
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Whole numbers; `INT64` in Parquet.
    Int,
    /// Real numbers, rounded to `decimals` in *every* format, so that all formats hold the same values; `DOUBLE` in
    /// Parquet.
    Real {
        /// Digits after the point.
        decimals: u8,
    },
    /// Words; UTF-8 strings in Parquet.
    Text,
}

/// How a column finds its value in a row.
type Getter<R> = Box<dyn Fn(&R) -> Cell + Send + Sync>;

/// One column of a table whose rows are `R`.
pub struct Column<R> {
    /// The name in the file: `p_happiness`.
    pub name: String,
    /// The name under which `docs/outputs.md` explains it: `p_<label>`; equal to `name` outside a family.
    pub doc_name: &'static str,
    /// The unit: `s`, `ms`, `px`, `deg`, `icd`, `probability`; `-` where there is none.
    pub unit: &'static str,
    /// The values that can occur.
    pub range: &'static str,
    /// What it means, in a sentence.
    pub meaning: &'static str,
    /// What sort of value it holds.
    pub kind: Kind,
    /// False where every row has a value.
    pub is_optional: bool,
    getter: Getter<R>,
}

impl<R> Column<R> {
    /// A column outside a family, with a value in only some rows.
    pub(crate) fn new(
        name: &'static str,
        kind: Kind,
        [unit, range, meaning]: [&'static str; 3],
        getter: impl Fn(&R) -> Cell + Send + Sync + 'static,
    ) -> Self {
        Self {
            name: name.to_owned(),
            doc_name: name,
            unit,
            range,
            meaning,
            kind,
            is_optional: true,
            getter: Box::new(getter),
        }
    }

    /// The same, as a member of a family: the file's header says `name`, the documentation says `doc_name`.
    pub(crate) fn named(mut self, name: String) -> Self {
        self.name = name;
        self
    }

    /// The same, with a value in every row.
    pub(crate) fn required(mut self) -> Self {
        self.is_optional = false;
        self
    }

    /// This column's value in `row`: rounded, and [`Cell::Missing`] where it is not a finite number.
    pub fn cell(&self, row: &R) -> Cell {
        match ((self.getter)(row), self.kind) {
            (Cell::Real(value), Kind::Real { decimals }) => rounded(value, decimals),
            (cell, _) => cell,
        }
    }
}

impl<R> std::fmt::Debug for Column<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Column").field("name", &self.name).field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// `value` at `decimals` digits after the point; never `-0`.
///
/// The division at the end is correctly rounded, so that printing with the same number of decimals and reading back
/// gives the same bits: this is what makes CSV, JSON lines and Parquet hold equal values.
fn rounded(value: f64, decimals: u8) -> Cell {
    let scale = 10f64.powi(i32::from(decimals));
    let value = (value * scale).round() / scale;
    // Adding +0 turns -0 into +0.
    if value.is_finite() { Cell::Real(value + 0.0) } else { Cell::Missing }
}

/// Short names for the lists of columns.
pub(super) const INT: Kind = Kind::Int;
pub(super) const TEXT: Kind = Kind::Text;

pub(super) const fn real(decimals: u8) -> Kind {
    Kind::Real { decimals }
}

pub(super) fn real_cell(value: impl Into<f64>) -> Cell {
    Cell::Real(value.into())
}

pub(super) fn seconds(at: Timestamp) -> Cell {
    Cell::Real(at.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn printing_a_rounded_value_and_reading_it_back_changes_nothing(
            value in -1e7f64..1e7, decimals in 0u8..=6,
        ) {
            let Cell::Real(kept) = rounded(value, decimals) else { panic!("finite") };
            let printed = format!("{kept:.0$}", usize::from(decimals));
            prop_assert_eq!(printed.parse::<f64>().unwrap().to_bits(), kept.to_bits());
            // Half a unit of the last place, and what f64 itself rounds off: scaled up, rounded, scaled down.
            let limit = 0.5 * 10f64.powi(-i32::from(decimals)) + 2.0 * f64::EPSILON * value.abs();
            prop_assert!((kept - value).abs() <= limit);
        }
    }

    #[test]
    fn what_is_not_a_number_is_missing_and_zero_has_no_sign() {
        assert_eq!(rounded(f64::NAN, 2), Cell::Missing);
        assert_eq!(rounded(f64::INFINITY, 2), Cell::Missing);
        let Cell::Real(zero) = rounded(-0.001, 2) else { panic!("finite") };
        assert!(zero.is_sign_positive());
    }
}
