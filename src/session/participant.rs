//! `participant.toml`: what a participant chose to say of themselves, apart from the media so that it can be withheld.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::write_whole;
use super::{SessionError, files};

/// Metadata of a participant. Everything is optional, and nothing in it names anybody.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Participant {
    /// As they put it: `30-39`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub age_group: String,
    /// As they put it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub gender: String,
    /// The lab's own.
    #[serde(default, skip_serializing_if = "toml::Table::is_empty")]
    pub fields: toml::Table,
}

impl Participant {
    /// Nothing was said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Reads `participant.toml` of a session folder; empty where there is none, since it may have been withheld.
    ///
    /// # Errors
    /// [`SessionError`], naming the file.
    pub fn load(dir: &Path) -> Result<Self, SessionError> {
        let path = dir.join(files::PARTICIPANT);
        match fs::read_to_string(&path) {
            Ok(text) => Self::parse(&text).map_err(|why| SessionError::Record { path, why }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(SessionError::io("read", &path)(error)),
        }
    }

    /// Reads the text of a `participant.toml`.
    ///
    /// # Errors
    /// What is wrong with it and the next step, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| {
            format!(
                "{}; it takes age_group, gender and, for everything else, a table [fields]",
                error.to_string().trim_end()
            )
        })
    }

    /// Writes it whole; writes nothing where nothing was said.
    ///
    /// # Errors
    /// [`SessionError`], naming the file.
    pub fn save(&self, dir: &Path) -> Result<(), SessionError> {
        if self.is_empty() {
            return Ok(());
        }
        let path = dir.join(files::PARTICIPANT);
        let text = toml::to_string_pretty(self)
            .map_err(|error| SessionError::Record { path: path.clone(), why: error.to_string() })?;
        write_whole(&path, text.as_bytes()).map_err(SessionError::io("write", &path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again_and_nothing_is_no_file() {
        let dir = tempfile::tempdir().unwrap();
        Participant::default().save(dir.path()).unwrap();
        assert!(!dir.path().join(files::PARTICIPANT).exists());
        assert!(Participant::load(dir.path()).unwrap().is_empty());

        let text = "age_group = \"30-39\"\n[fields]\nhandedness = \"left\"\nglasses = true\n";
        let participant = Participant::parse(text).unwrap();
        participant.save(dir.path()).unwrap();
        assert_eq!(Participant::load(dir.path()).unwrap(), participant);
        assert_eq!(participant.fields["glasses"].as_bool(), Some(true));
    }

    #[test]
    fn a_mistake_is_named_with_its_file() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(files::PARTICIPANT), "name = \"Anna\"").unwrap();
        let message = Participant::load(dir.path()).unwrap_err().to_string();
        assert!(message.contains("participant.toml") && message.contains("[fields]"), "{message}");
    }
}
