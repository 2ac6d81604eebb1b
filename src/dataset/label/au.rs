//! Action units as coders type them and as files hold them: `4+7`.

/// Highest number in FACS (Ekman, Friesen and Hager 2002): head, eye and gross codes go up to 98.
const MAX: u8 = 98;
/// More than a face can do at once.
const MAX_COUNT: usize = 20;

/// `4+7` of `7, 4`, `4 7`, `AU4+AU7`: numbers in order, each once. Separators at the ends are those of somebody who is still
/// typing.
///
/// # Errors
/// What is wrong, in words for the coder.
pub(super) fn canonical(text: &str) -> Result<String, String> {
    let mut units: Vec<u8> = Vec::new();
    for word in text.split(|c: char| matches!(c, '+' | ',' | ';') || c.is_whitespace()) {
        let number = word.trim_start_matches(['A', 'a']).trim_start_matches(['U', 'u']);
        if number.is_empty() {
            continue;
        }
        match number.parse::<u8>() {
            Ok(unit) if (1..=MAX).contains(&unit) => units.push(unit),
            _ => {
                let word: String = word.chars().take(12).collect();
                return Err(format!("{word:?} is no action unit: type numbers from 1 to {MAX}, such as 4+7"));
            }
        }
    }
    units.sort_unstable();
    units.dedup();
    if units.len() > MAX_COUNT {
        return Err(format!("{} action units at once: at most {MAX_COUNT}", units.len()));
    }
    Ok(units.iter().map(u8::to_string).collect::<Vec<_>>().join("+"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_becomes_one_form() {
        for (typed, canon) in [
            ("", ""),
            ("7,4", "4+7"),
            (" AU4 + au12 + ", "4+12"),
            ("6 6;12", "6+12"),
            ("1", "1"),
            ("4+", "4"),
            ("au", ""),
        ] {
            assert_eq!(canonical(typed).as_deref(), Ok(canon), "{typed:?}");
        }
        for typed in ["0", "99", "300", "four", "4-7", "-4", "4.5"] {
            assert!(canonical(typed).unwrap_err().contains("no action unit"), "{typed:?}");
        }
        let all: String = (1..=21).map(|unit| format!("{unit} ")).collect();
        assert!(canonical(&all).unwrap_err().contains("at most 20"));
    }
}
