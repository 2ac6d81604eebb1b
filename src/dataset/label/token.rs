//! The secret in the page's address: whoever does not know it gets nothing.

use super::LabelError;

const BYTES: usize = 16;

/// 128 random bits, in hex.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// A new one, from the system's generator.
    ///
    /// # Errors
    /// [`LabelError::Random`] where the system gives none.
    pub fn random() -> Result<Self, LabelError> {
        let mut bytes = [0_u8; BYTES];
        getrandom::fill(&mut bytes).map_err(|error| LabelError::Random { why: error.to_string() })?;
        Ok(Self(bytes.iter().map(|byte| format!("{byte:02x}")).collect()))
    }

    /// The token as it stands in the address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// True for the same text, in a time that does not depend on where the two differ.
    pub(super) fn is(&self, other: &str) -> bool {
        let (ours, theirs) = (self.0.as_bytes(), other.as_bytes());
        let differing =
            ours.iter().zip(theirs).fold(ours.len() ^ theirs.len(), |acc, (a, b)| acc | usize::from(a ^ b));
        differing == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_differ_and_match_only_themselves() {
        let (a, b) = (Token::random().unwrap(), Token::random().unwrap());
        assert_eq!(a.as_str().len(), 32);
        assert!(a.is(a.as_str()) && !a.is(b.as_str()));
        assert!(!a.is("") && !a.is(&a.as_str()[..31]) && !a.is(&format!("{}0", a.as_str())));
    }
}
