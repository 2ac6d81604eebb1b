//! Single values of codings: action units as text and back.

/// FACS numbers its action units and descriptors up to 98 (Ekman, Friesen, Hager 2002, FACS manual).
const MAX_ACTION_UNIT: u8 = 98;

/// `4+7`, `AU4+7`, `AU4+AU7`: rising, each once. Empty text gives none.
///
/// # Errors
/// What is wrong, and what would be right.
pub fn action_units_from_text(text: &str) -> Result<Vec<u8>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let mut units = Vec::new();
    for part in text.split('+') {
        let number = part.trim();
        let number = match number.get(..2) {
            Some(prefix) if prefix.eq_ignore_ascii_case("au") => number[2..].trim_start(),
            _ => number,
        };
        let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        match number.parse::<u8>() {
            Ok(unit) if is_number && (1..=MAX_ACTION_UNIT).contains(&unit) => units.push(unit),
            _ => {
                return Err(format!(
                    "{text:?} is no list of action units; write numbers (1 to {MAX_ACTION_UNIT}) joined by `+`, such as \
                     4+7, without side or intensity (those belong into the note)"
                ));
            }
        }
    }
    units.sort_unstable();
    units.dedup();
    Ok(units)
}

/// `4+7`; empty without any.
pub fn text_from_action_units(units: &[u8]) -> String {
    units.iter().map(u8::to_string).collect::<Vec<_>>().join("+")
}
