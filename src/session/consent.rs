//! Consent: no recording without a record of the text that was shown, for what, to whom, when.

use std::fs;
use std::path::Path;

use super::{ConsentRecord, Purpose};
use crate::infer::sha256_hex;

/// The text that is shown where no other is given.
pub const DEFAULT_TEXT: &str = include_str!("consent.txt");
/// Largest file of a text, in bytes: what somebody can be asked to read.
const MAX_BYTES: u64 = 64 << 10;
/// Longest pseudonym.
const MAX_PSEUDONYM: usize = 32;

/// Why there is no consent to record with.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConsentError {
    /// Sessions are not recorded for this.
    #[error(
        "--purpose {purpose} is refused: systems that infer emotions of people at work or in education are prohibited, \
         except for medical or safety reasons (EU AI Act, Regulation (EU) 2024/1689, Article 5(1)(f)); Onset records for \
         {}",
        purpose_names()
    )]
    Prohibited {
        /// `employment` or `education`.
        purpose: String,
    },
    /// It is none of ours.
    #[error("--purpose {purpose:?} is unknown; use one of {}", purpose_names())]
    UnknownPurpose {
        /// What was given.
        purpose: String,
    },
    /// It cannot be a pseudonym, or looks like a name.
    #[error("--participant {given:?}: {why}")]
    Pseudonym {
        /// What was given.
        given: String,
        /// What is wrong and the next step.
        why: String,
    },
    /// The text cannot be read or shown.
    #[error("the consent text {file}: {why}")]
    Text {
        /// The file.
        file: String,
        /// What is wrong and the next step.
        why: String,
    },
}

/// How consent was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GivenBy {
    /// A key in the participant's window.
    Key,
    /// Typed in the terminal.
    Terminal,
    /// Asked for elsewhere: the operator answers for it with `--accept-consent`.
    Operator,
}

impl GivenBy {
    /// The name used in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Terminal => "terminal",
            Self::Operator => "--accept-consent",
        }
    }
}

/// A text that asks for consent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentText {
    /// Where it is from; `default` for ours.
    pub file: String,
    /// As it is shown.
    pub text: String,
    /// SHA-256 of the text's bytes, in hex.
    pub sha256: String,
}

impl Default for ConsentText {
    fn default() -> Self {
        Self::new("default", DEFAULT_TEXT.to_owned())
    }
}

impl ConsentText {
    fn new(file: &str, text: String) -> Self {
        Self { file: file.to_owned(), sha256: sha256_hex(text.as_bytes()), text }
    }

    /// Reads the lab's own text.
    ///
    /// # Errors
    /// [`ConsentError::Text`]: missing, empty, larger than 64 KiB, or no UTF-8.
    pub fn load(path: &Path) -> Result<Self, ConsentError> {
        let file = path.display().to_string();
        let refused = |why: String| ConsentError::Text { file: file.clone(), why };
        let io = |error: std::io::Error| refused(format!("cannot be read: {error}; give a text file"));
        let length = fs::metadata(path).map_err(io)?.len();
        if length > MAX_BYTES {
            return Err(refused(format!(
                "it has {length} bytes; shorten it to {MAX_BYTES}, so that people read it"
            )));
        }
        let bytes = fs::read(path).map_err(io)?;
        let text = String::from_utf8(bytes)
            .map_err(|_| refused("it is no UTF-8 text; save it as plain text in UTF-8".to_owned()))?;
        if text.trim().is_empty() {
            return Err(refused("it is empty; write what is recorded, and what happens to it".to_owned()));
        }
        Ok(Self::new(&file, text))
    }

    /// The record of a consent that was given.
    ///
    /// * `participant`: a pseudonym that [`check_pseudonym`] accepts; checked again.
    /// * `given_utc`: RFC 3339, see [`crate::calibration`]'s `utc_text`.
    ///
    /// # Errors
    /// [`ConsentError::Pseudonym`].
    pub fn accepted(
        &self,
        participant: &str,
        purpose: Purpose,
        given_by: GivenBy,
        given_utc: String,
    ) -> Result<ConsentRecord, ConsentError> {
        check_pseudonym(participant)?;
        Ok(ConsentRecord {
            participant: participant.to_owned(),
            purpose,
            given_utc,
            given_by: given_by.name().to_owned(),
            text_file: self.file.clone(),
            text_sha256: self.sha256.clone(),
            text: self.text.clone(),
        })
    }
}

/// Reads a purpose: `research`, `clinical`, `training`, `self`.
///
/// # Errors
/// [`ConsentError::Prohibited`] for `employment` and `education` with the reason, [`ConsentError::UnknownPurpose`] for
/// everything else.
pub fn purpose_from_name(name: &str) -> Result<Purpose, ConsentError> {
    let asked = name.trim().to_lowercase();
    if let Some(purpose) = Purpose::ALL.into_iter().find(|purpose| purpose.name() == asked) {
        return Ok(purpose);
    }
    let is_prohibited = ["employment", "education"].contains(&asked.as_str());
    let purpose = name.to_owned();
    Err(if is_prohibited {
        ConsentError::Prohibited { purpose }
    } else {
        ConsentError::UnknownPurpose { purpose }
    })
}

fn purpose_names() -> String {
    Purpose::ALL.map(Purpose::name).join(", ")
}

/// Whether this can be a participant's pseudonym: letters and digits of ASCII, `-` and `_`, at most 32, starting with a
/// letter or digit, since it becomes part of file names. What looks like a name or an address is refused with its reason.
///
/// # Errors
/// [`ConsentError::Pseudonym`].
pub fn check_pseudonym(given: &str) -> Result<(), ConsentError> {
    let why = if given.trim().is_empty() {
        "give a pseudonym, like P07"
    } else if given.contains('@') {
        "this looks like an e-mail address; give a pseudonym, like P07, and keep the list of names elsewhere"
    } else if given.trim().contains(char::is_whitespace) {
        "this looks like a person's full name; give a pseudonym, like P07, and keep the list of names elsewhere"
    } else if given.chars().count() > MAX_PSEUDONYM {
        "this is longer than 32 characters; give a shorter pseudonym, like P07"
    } else if !given.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') {
        "it becomes part of file names: use letters (a to z), digits, - and _ only, like P07"
    } else if !given.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        "start it with a letter or a digit, like P07"
    } else {
        return Ok(());
    };
    Err(ConsentError::Pseudonym { given: given.chars().take(64).collect(), why: why.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_and_education_are_refused_with_the_reason() {
        for purpose in ["employment", "Education"] {
            let message = purpose_from_name(purpose).unwrap_err().to_string();
            assert!(message.contains("Article 5(1)(f)") && message.contains("research"), "{message}");
        }
        let message = purpose_from_name("marketing").unwrap_err().to_string();
        assert!(message.contains("research, clinical, training, self"), "{message}");
        for purpose in Purpose::ALL {
            assert_eq!(purpose_from_name(purpose.name()).unwrap(), purpose);
        }
    }

    #[test]
    fn pseudonyms_are_no_names() {
        for good in ["P07", "p-1", "0_a", "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"] {
            assert!(check_pseudonym(good).is_ok(), "{good}");
        }
        for (bad, word) in [
            ("", "give a pseudonym"),
            ("  ", "give a pseudonym"),
            ("Anna Schmidt", "full name"),
            ("Anna\u{a0}Schmidt", "full name"),
            ("anna@example.org", "e-mail"),
            ("..", "letters"),
            ("a/b", "letters"),
            ("Jürgen", "letters"),
            ("-rf", "start it"),
            ("P07 ", "letters"),
            ("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456", "longer"),
        ] {
            let message = check_pseudonym(bad).unwrap_err().to_string();
            assert!(message.contains(word), "{bad:?}: {message}");
        }
    }

    #[test]
    fn the_record_holds_the_text_and_its_hash() {
        let text = ConsentText::default();
        let record =
            text.accepted("P07", Purpose::Research, GivenBy::Key, "2026-11-26T11:15:00Z".to_owned()).unwrap();
        assert_eq!(record.text_sha256, sha256_hex(record.text.as_bytes()));
        assert_eq!((record.text_file.as_str(), record.given_by.as_str()), ("default", "key"));
        assert!(text.accepted("A B", Purpose::Research, GivenBy::Key, String::new()).is_err());
    }

    #[test]
    fn the_default_text_says_what_it_must_and_judges_nobody() {
        let text = DEFAULT_TEXT.to_lowercase();
        for word in
            ["face", "half a second", "mouth and eyes", "mean what you say", "onset session withdraw", "stop"]
        {
            assert!(text.contains(word), "{word}");
        }
        for word in ["deception", "deceptive", "true emotion", "liar", "lie "] {
            assert!(!text.contains(word), "{word}");
        }
        assert!(DEFAULT_TEXT.split_whitespace().count() < 320, "short enough to be read");
    }

    #[test]
    fn a_text_that_cannot_be_shown_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("consent.txt");
        let message = |path: &Path| ConsentText::load(path).unwrap_err().to_string();
        assert!(message(&path).contains("consent.txt"));
        for (bytes, word) in
            [(b" \n".to_vec(), "empty"), (vec![0xFF, 0xFE], "UTF-8"), (vec![b'a'; 70_000], "shorten")]
        {
            fs::write(&path, bytes).unwrap();
            assert!(message(&path).contains(word), "{}", message(&path));
        }
        fs::write(&path, "Wir nehmen Ihr Gesicht auf.").unwrap();
        assert_eq!(
            ConsentText::load(&path).unwrap().sha256,
            sha256_hex("Wir nehmen Ihr Gesicht auf.".as_bytes())
        );
    }
}
