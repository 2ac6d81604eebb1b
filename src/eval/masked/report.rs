//! Figures of masked smiles in pictures.

use serde::Serialize;

use super::pictures::{TRUTHS, Truth, truth_name};
use crate::eval::classes::{ClassFigures, share};

/// What was said of a picture with known truth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SaidPicture {
    /// What it shows.
    pub truth: Truth,
    /// What was said; `None` too where no usable face was found.
    pub said: Truth,
    /// The likelier of sadness and anger around the eyes, whether or not a mismatch was claimed; `None` without a usable face.
    pub likelier: Truth,
}

/// A figure over two classes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct TwoClasses {
    /// Pictures.
    pub count: usize,
    /// Mean of the two recalls.
    pub balanced_accuracy: f64,
}

/// What `--json` prints.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MaskedReport {
    /// Over the three labels.
    #[serde(flatten)]
    pub classes: ClassFigures,
    /// Either mismatch against none.
    pub masked_against_not: TwoClasses,
    /// Of the pictures that are masked: is the right one of the two the likelier, whether or not a mismatch was claimed?
    pub sad_against_angry: TwoClasses,
    /// Pictures without a usable face: they count as `none`.
    pub without_face: usize,
    /// Their paths.
    pub without_face_paths: Vec<String>,
}

/// Counts.
pub fn report(said: &[SaidPicture], without_face_paths: Vec<String>) -> MaskedReport {
    // Pictures are of three truths, and the two that are masked are all that is said of them.
    let index = |truth: Truth| TRUTHS.iter().position(|one| *one == truth).unwrap_or(0);
    let mut matrix = vec![vec![0; TRUTHS.len()]; TRUTHS.len()];
    let mut two = [[0usize; 2]; 2];
    let mut likelier = [[0usize; 2]; 2];
    for one in said {
        matrix[index(one.truth)][index(one.said)] += 1;
        two[usize::from(one.truth.is_some())][usize::from(one.said.is_some())] += 1;
        if let (1.., 1..) = (index(one.truth), index(one.likelier)) {
            likelier[index(one.truth) - 1][index(one.likelier) - 1] += 1;
        }
    }
    MaskedReport {
        classes: ClassFigures::of(TRUTHS.map(truth_name).to_vec(), matrix),
        masked_against_not: TwoClasses::of(two),
        sad_against_angry: TwoClasses::of(likelier),
        without_face: without_face_paths.len(),
        without_face_paths,
    }
}

impl TwoClasses {
    /// Rows: the truth.
    fn of(matrix: [[usize; 2]; 2]) -> Self {
        let [a, b] = matrix.map(|row| row[0] + row[1]);
        let recalls = [share(matrix[0][0], a), share(matrix[1][1], b)];
        let present = [a, b].iter().filter(|count| **count > 0).count().max(1);
        Self { count: a + b, balanced_accuracy: recalls.iter().sum::<f64>() / present as f64 }
    }
}

/// The same for people.
pub fn text_of(report: &MaskedReport) -> String {
    let percent = |share: f64| format!("{:.1} %", 100.0 * share);
    let classes = &report.classes;
    let mut text = format!(
        "accuracy {}, balanced accuracy {}, macro F1 {:.3}, on {} pictures\n\
         masked against not: balanced accuracy {}; sad against angry, of those that are masked: {} of {}\n\n",
        percent(classes.accuracy),
        percent(classes.balanced_accuracy),
        classes.macro_f1,
        classes.count,
        percent(report.masked_against_not.balanced_accuracy),
        percent(report.sad_against_angry.balanced_accuracy),
        report.sad_against_angry.count,
    );
    text += &classes.tables("what the picture shows", "what was said");
    if report.without_face > 0 {
        text += &format!("\nno usable face, counted as none: {} pictures\n", report.without_face);
        report.without_face_paths.iter().for_each(|path| text += &format!("  {path}\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::MaskedLabel::{HappyButAngry, HappyButSad};

    #[test]
    fn a_small_case_by_hand() {
        let said = |truth, said, likelier| SaidPicture { truth, said, likelier };
        let report = report(
            &[
                said(None, None, Some(HappyButSad)),
                said(None, Some(HappyButSad), Some(HappyButSad)),
                said(Some(HappyButSad), Some(HappyButSad), Some(HappyButSad)),
                said(Some(HappyButSad), None, Some(HappyButAngry)),
                said(Some(HappyButAngry), Some(HappyButAngry), Some(HappyButAngry)),
                said(Some(HappyButAngry), None, None),
            ],
            vec!["x.png".to_owned()],
        );
        assert_eq!(report.classes.count, 6);
        assert_eq!(report.classes.accuracy, 0.5);
        assert_eq!(report.masked_against_not.balanced_accuracy, 0.5);
        assert_eq!((report.sad_against_angry.count, report.sad_against_angry.balanced_accuracy), (3, 0.75));
        assert_eq!(report.classes.confusion.labels, ["none", "happy_but_sad", "happy_but_angry"]);
        assert!(text_of(&report).contains("no usable face, counted as none: 1"), "{}", text_of(&report));
    }

    #[test]
    fn nothing_gives_zeros() {
        let report = report(&[], Vec::new());
        assert_eq!((report.classes.count, report.masked_against_not.balanced_accuracy), (0, 0.0));
    }
}
