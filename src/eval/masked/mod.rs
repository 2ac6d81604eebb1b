//! `onset evaluate masked`: pictures of smiles that the eyes contradict, and of others, against what the detector says of them.
//!
//! [`read_pictures`] reads the table, [`report`] counts, [`text_of`] writes for people. What is said of a picture is the caller's business.

mod pictures;
mod report;

pub use pictures::{LabelledPicture, TRUTHS, Truth, read_pictures, truth_name};
pub use report::{MaskedReport, SaidPicture, report, text_of};
