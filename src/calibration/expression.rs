//! What the expression networks say of a person's face at rest: tables `[expression.face]` and `[expression.eyes]`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::Profile;
use crate::expression::{ExpressionRecord, FaceRegion, RestExpression, RestProbabilities};
use crate::types::{LABEL_COUNT, Label};

/// The keys below `[expression]`, and what each network sees.
const REGIONS: [FaceRegion; 2] = [FaceRegion::Face, FaceRegion::Eyes];
/// How far the probabilities of a table may add up to something else than 1: what rounding them to two digits can do.
const SUM_TOLERANCE: f32 = 0.04;
/// Hex digits of a SHA-256.
const SHA256_DIGITS: usize = 64;

/// What each network says of the face at rest.
#[derive(Clone, Debug, PartialEq)]
pub struct NeutralExpression {
    /// The network of the whole face.
    pub face: RestProbabilities,
    /// The network of the eye region.
    pub eyes: RestProbabilities,
}

/// A table as it is written, before its keys are checked.
pub(super) type RawExpression = BTreeMap<String, BTreeMap<String, toml::Value>>;

impl NeutralExpression {
    fn of(&self, region: FaceRegion) -> &RestProbabilities {
        match region {
            FaceRegion::Face => &self.face,
            FaceRegion::Eyes => &self.eyes,
        }
    }

    /// Checks what a file says; the error names the key.
    pub(super) fn read(raw: &RawExpression) -> Result<Self, String> {
        if let Some(key) = raw.keys().find(|key| REGIONS.iter().all(|region| region.name() != **key)) {
            return Err(format!("expression.{key}: there is no such network; there are face and eyes"));
        }
        let table = |region: FaceRegion| {
            let name = region.name();
            let table = raw.get(name).ok_or_else(|| format!("expression.{name} is missing"))?;
            probabilities_of(name, table)
        };
        Ok(Self { face: table(FaceRegion::Face)?, eyes: table(FaceRegion::Eyes)? })
    }

    /// Adds the tables to a profile's text.
    pub(super) fn push(&self, text: &mut String) {
        text.push_str(
            "\n# What the expression networks say of the face at rest: probabilities that add up to 1, geometric means. Smoothed\n\
             # expressions are corrected with them. They hold for the networks with these SHA-256 alone.\n",
        );
        for region in REGIONS {
            let rest = self.of(region);
            // Writing to a String cannot fail.
            let _ =
                writeln!(text, "[expression.{}]\nmodel_sha256 = \"{}\"", region.name(), rest.model_sha256);
            for (label, p) in Label::ALL.iter().zip(rest.probabilities) {
                let _ = writeln!(text, "{} = {p:?}", label.name());
            }
        }
    }
}

fn probabilities_of(
    region: &str,
    table: &BTreeMap<String, toml::Value>,
) -> Result<RestProbabilities, String> {
    let key = |name: &str| format!("expression.{region}.{name}");
    let is_known = |name: &str| name == "model_sha256" || Label::ALL.iter().any(|label| label.name() == name);
    if let Some(name) = table.keys().find(|name| !is_known(name)) {
        return Err(format!("{}: there is no such label", key(name)));
    }
    let sha256 = table.get("model_sha256").and_then(toml::Value::as_str).unwrap_or_default();
    let is_hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    if sha256.len() != SHA256_DIGITS || !sha256.chars().all(is_hex) {
        let what = "must be a text of 64 hex digits, as `onset models --verify` prints them";
        return Err(format!("{} {what}", key("model_sha256")));
    }
    let mut probabilities = [0.0f32; LABEL_COUNT];
    for (label, out) in Label::ALL.iter().zip(&mut probabilities) {
        let value = table.get(label.name()).ok_or_else(|| format!("{} is missing", key(label.name())))?;
        let number = value.as_float().or_else(|| value.as_integer().map(|whole| whole as f64));
        *out = match number {
            Some(p) if (0.0..=1.0).contains(&p) => p as f32,
            _ => return Err(format!("{} = {value} must lie within 0 and 1", key(label.name()))),
        };
    }
    let sum: f32 = probabilities.iter().sum();
    if (sum - 1.0).abs() > SUM_TOLERANCE {
        return Err(format!("the probabilities of expression.{region} add up to {sum:.3}, not to 1"));
    }
    Ok(RestProbabilities { model_sha256: sha256.to_owned(), probabilities })
}

impl Profile {
    /// How smoothed expressions are corrected for this person, and warnings, each of a network that the profile does not know: its
    /// expressions stay as they are.
    pub fn rest_expression(&self) -> (RestExpression, Vec<String>) {
        let (mut correction, mut warnings) = (RestExpression::default(), Vec::new());
        let Some(neutral) = &self.expression else { return (correction, warnings) };
        for region in REGIONS {
            // A damaged record is told by the classifier that needs it.
            let Ok(record) = ExpressionRecord::embedded(region) else { continue };
            let params = &self.thresholds.expression;
            if let Err(error) = correction.learn(region, neutral.of(region), &record, params) {
                warnings.push(format!(
                    "the profile {} does not correct expressions: expression.{}: {error}; make it anew with `onset calibrate --name {} \
                     --force`",
                    self.identity.name, region.name(), self.identity.name
                ));
            }
        }
        (correction, warnings)
    }
}
