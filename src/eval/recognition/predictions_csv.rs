//! Predictions as a CSV file, so that figures and comparisons can be made later.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::{Prediction, Predictions};
use crate::eval::EvalError;
use crate::eval::csv_file::CsvFile;

/// Columns before the probabilities.
const COLUMNS: [&str; 9] =
    ["example", "subject", "corpus", "gender", "stimulus", "kind", "fold", "truth", "said"];

/// What the columns of probabilities begin with; the class follows.
const SHARE: &str = "p_";

/// How far the sum of an example's probabilities may be from 1: what rounding in a file does.
const SUM_TOLERANCE: f64 = 1e-3;

impl Predictions {
    /// Writes one row an example: columns `example, subject, corpus, gender, stimulus, kind, fold, truth, said`, and `p_CLASS`
    /// for each class.
    ///
    /// Probabilities have all their digits: [`Predictions::read_csv`] gives the same predictions back.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write_csv(&self, path: &Path) -> Result<(), EvalError> {
        let failed = |error: csv::Error| EvalError::io("write", path)(error.into());
        let file = File::create(path).map_err(EvalError::io("write", path))?;
        let mut writer = csv::Writer::from_writer(file);
        let header = COLUMNS.iter().map(|column| (*column).to_owned());
        writer
            .write_record(header.chain(self.classes.iter().map(|class| format!("{SHARE}{class}"))))
            .map_err(failed)?;
        let name = |class: Option<usize>| class.and_then(|class| self.classes.get(class)).cloned();
        for row in &self.rows {
            let cells = [
                row.example.clone(),
                row.subject.clone(),
                row.corpus.clone(),
                row.gender.clone(),
                row.stimulus.clone(),
                row.kind.clone(),
                row.fold.to_string(),
                name(Some(row.truth)).unwrap_or_default(),
                name(row.said()).unwrap_or_default(),
            ];
            writer
                .write_record(cells.into_iter().chain(row.shares.iter().map(f64::to_string)))
                .map_err(failed)?;
        }
        writer.flush().map_err(EvalError::io("write", path))
    }

    /// Reads what [`Predictions::write_csv`] wrote, or another program in that form.
    ///
    /// Needed are `example`, `truth` and at least two `p_CLASS`; of the others what is there is used, save `said`, which follows
    /// from the probabilities.
    ///
    /// # Errors
    /// Names the file, line and column of what cannot be used.
    pub fn read_csv(path: &Path) -> Result<Self, EvalError> {
        predictions_from(CsvFile::open(path)?, path)
    }
}

pub(super) fn predictions_from<R: Read>(mut file: CsvFile<R>, path: &Path) -> Result<Predictions, EvalError> {
    let example = file.required("example")?;
    let truth = file.required("truth")?;
    let [subject, corpus, gender, stimulus, kind, fold] =
        ["subject", "corpus", "gender", "stimulus", "kind", "fold"].map(|name| file.optional(name));
    let (subject, corpus, gender, stimulus, kind, fold) =
        (subject?, corpus?, gender?, stimulus?, kind?, fold?);
    let classes: Vec<String> =
        file.column_names().filter_map(|name| name.strip_prefix(SHARE)).map(str::to_owned).collect();
    let shares = classes
        .iter()
        .map(|class| file.required(&format!("{SHARE}{class}")))
        .collect::<Result<Vec<_>, _>>()?;
    let Some(first_share) = shares.first().filter(|_| shares.len() > 1).copied() else {
        return Err(EvalError::NoColumn {
            path: path.to_owned(),
            column: format!("{SHARE}CLASS (probabilities of at least two classes)"),
            found: crate::eval::error::some_of(file.column_names()),
        });
    };
    let mut rows = Vec::new();
    while let Some(row) = file.next_row()? {
        let name = row.text(truth);
        let class = classes.iter().position(|class| class == name).ok_or_else(|| {
            row.error(
                truth,
                format!("{name:?} has no column {SHARE}{name}; the classes are {}", classes.join(", ")),
            )
        })?;
        let mut values = Vec::with_capacity(shares.len());
        for share in &shares {
            match row.number(*share)? {
                Some(value) if (0.0..=1.0).contains(&value) => values.push(value),
                _ => return Err(row.error(*share, "a probability from 0 to 1 belongs here")),
            }
        }
        let sum: f64 = values.iter().sum();
        if (sum - 1.0).abs() > SUM_TOLERANCE {
            return Err(
                row.error(first_share, format!("the probabilities of this row sum to {sum:.4}, not to 1"))
            );
        }
        let fold = match fold.map(|column| (column, row.text(column))) {
            None | Some((_, "")) => 0,
            Some((column, text)) => text
                .parse()
                .map_err(|_| row.error(column, format!("{text:?} is not the number of a fold")))?,
        };
        rows.push(Prediction {
            example: row.text(example).to_owned(),
            subject: row.optional_text(subject).to_owned(),
            corpus: row.optional_text(corpus).to_owned(),
            gender: row.optional_text(gender).to_owned(),
            stimulus: row.optional_text(stimulus).to_owned(),
            kind: row.optional_text(kind).to_owned(),
            fold,
            truth: class,
            shares: values,
        });
    }
    if rows.is_empty() {
        return Err(EvalError::NoPredictedExamples { path: path.to_owned() });
    }
    Ok(Predictions { classes, rows })
}
