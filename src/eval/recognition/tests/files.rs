//! Predictions written and read again, and tables that cannot be used.

use std::fs;
use std::path::Path;

use super::{of, row};
use crate::eval::csv_file::CsvFile;
use crate::eval::recognition::predictions_csv::predictions_from;
use crate::eval::recognition::{Prediction, Predictions};

fn read(text: &str) -> Result<Predictions, String> {
    let path = Path::new("x.csv");
    CsvFile::new(path, text.as_bytes())
        .and_then(|file| predictions_from(file, path))
        .map_err(|error| error.to_string())
}

#[test]
fn what_was_written_is_read_again() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("p.csv");
    let third = 1.0 / 3.0;
    let full = Prediction {
        corpus: "c".into(),
        gender: "female".into(),
        stimulus: "image".into(),
        kind: "micro".into(),
        fold: 3,
        ..row("a, \"quoted\".png", "P01", 1, &[third, 1.0 - third])
    };
    let predictions = of(&["anger", "happy, but sad"], vec![full, row("b", "", 0, &[1.0, 0.0])]);
    predictions.write_csv(&path).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert!(
        text.starts_with(
            "example,subject,corpus,gender,stimulus,kind,fold,truth,said,p_anger,\"p_happy, but sad\"\n"
        ),
        "{text}"
    );
    assert_eq!(Predictions::read_csv(&path).unwrap(), predictions);
    let error = predictions.write_csv(&dir.path().join("no/p.csv")).unwrap_err().to_string();
    assert!(error.contains("no/p.csv"), "{error}");
}

#[test]
fn a_minimal_table_is_enough() {
    let predictions = read("p_b,truth,example,p_a,more\n0.25,a,x,0.75,?\n").unwrap();
    assert_eq!(predictions.classes, ["b", "a"]);
    assert_eq!(predictions.rows[0].truth, 1);
    assert_eq!(predictions.rows[0].said(), Some(1));
}

#[test]
fn what_cannot_be_used_is_named_with_its_place() {
    let fails = |text: &str, part: &str| {
        let error = read(text).unwrap_err();
        assert!(error.contains(part), "{error}");
    };
    fails("example,p_a,p_b\n", "no column truth");
    fails("example,truth,p_a\n", "probabilities of at least two classes");
    fails("example,truth,p_a,p_b,p_a\n", "two columns p_a");
    fails("example,truth,p_a,p_b\n", "there are no rows");
    fails(
        "example,truth,p_a,p_b\nx,c,1,0\n",
        "line 2, column truth: \"c\" has no column p_c; the classes are a, b",
    );
    fails("example,truth,p_a,p_b\nx,a,1,0\ny,a,1,\n", "line 3, column p_b");
    fails("example,truth,p_a,p_b\nx,a,1.5,0\n", "from 0 to 1");
    fails("example,truth,p_a,p_b\nx,a,0.5,0.1\n", "sum to 0.6000");
    fails("example,truth,p_a,p_b,fold\nx,a,1,0,one\n", "line 2, column fold");
}
