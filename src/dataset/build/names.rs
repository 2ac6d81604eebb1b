//! Names of files and folders from names that people gave.

/// Keeps letters of ASCII, digits, `-`, `_` and inner dots; what else there is becomes `_`. Never empty, never a hidden or special name.
pub(in crate::dataset) fn file_name(text: &str) -> String {
    let kept: String =
        text.chars().map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' }).collect();
    let mut name: String = kept.chars().take(100).collect();
    if name.is_empty() || name.starts_with('.') {
        name.insert(0, '_');
    }
    name
}

/// Folder of samples that nobody gave a label.
pub(super) const UNLABELLED: &str = "unlabelled";

/// The folder of a label.
pub(super) fn label_folder(label: &str) -> String {
    if label.is_empty() { UNLABELLED.to_owned() } else { file_name(label) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_nowhere_else() {
        assert_eq!(file_name("P07-20261126T111500Z"), "P07-20261126T111500Z");
        assert_eq!(file_name("../a b/ä"), "_.._a_b__");
        assert_eq!(file_name(""), "_");
        assert_eq!(label_folder(""), "unlabelled");
        assert_eq!(file_name(&"x".repeat(300)).len(), 100);
    }
}
