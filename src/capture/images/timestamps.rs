//! The timestamps file beside the pictures of a folder: `timestamps.txt` or `timestamps.csv`.
//!
//! One line a picture: the seconds alone, in the natural order of the pictures, or `file,seconds`, which sets the order
//! too. Empty lines and lines that begin with `#` are skipped; one header line may come first. Seconds may start
//! anywhere (wall-clock times are fine): the first becomes 0.

/// Names looked for, in this order.
pub(super) const FILE_NAMES: [&str; 2] = ["timestamps.txt", "timestamps.csv"];
/// Seconds beyond which nanoseconds do not fit: 285 years.
const MAX_S: f64 = 9e9;

/// The times of a file.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Times {
    /// One for each picture, in the pictures' own order.
    Ordered(Vec<f64>),
    /// Picture and time.
    Named(Vec<(String, f64)>),
}

/// What is wrong, with the line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum TimesError {
    #[error("line {line}: \"{text}\" is not a time in seconds; write 1.25 or name.png,1.25")]
    NotATime { line: usize, text: String },
    #[error(
        "line {line}: the time falls from {before} s to {after} s; times must not go back, so sort the lines"
    )]
    GoesBack { line: usize, before: String, after: String },
    #[error("line {line}: some lines name a file and some do not; use one form")]
    Mixed { line: usize },
    #[error("it holds no times")]
    Empty,
}

/// Reads the file's text.
///
/// # Errors
/// [`TimesError`]: a line that is no finite number, a time below the one before it, both forms mixed, no times at all.
pub(super) fn parse(text: &str) -> Result<Times, TimesError> {
    let mut ordered: Vec<f64> = Vec::new();
    let mut named: Vec<(String, f64)> = Vec::new();
    let mut before: Option<f64> = None;
    let mut may_be_header = true;
    // A byte order mark comes from spreadsheet programs.
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let (line, number) = (line.trim(), index + 1);
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        // From the right: file names may hold commas.
        let (name, value) = match line.rsplit_once(',') {
            Some((name, value)) => (Some(name.trim().trim_matches('"')), value.trim()),
            None => (None, line),
        };
        let time = value.parse::<f64>().ok().filter(|s| s.is_finite() && s.abs() <= MAX_S);
        let is_header =
            may_be_header && time.is_none() && value.starts_with(|c: char| c.is_ascii_alphabetic());
        may_be_header = false;
        if is_header {
            continue;
        }
        let Some(time) = time else {
            return Err(TimesError::NotATime { line: number, text: line.chars().take(40).collect() });
        };
        if let Some(before) = before
            && time < before
        {
            let (before, after) = (before.to_string(), time.to_string());
            return Err(TimesError::GoesBack { line: number, before, after });
        }
        before = Some(time);
        match name {
            Some(name) => named.push((name.to_owned(), time)),
            None => ordered.push(time),
        }
        if !named.is_empty() && !ordered.is_empty() {
            return Err(TimesError::Mixed { line: number });
        }
    }
    match (named.is_empty(), ordered.is_empty()) {
        (true, true) => Err(TimesError::Empty),
        (true, false) => Ok(Times::Ordered(ordered)),
        _ => Ok(Times::Named(named)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn both_forms_with_comments_and_headers_are_read() {
        assert_eq!(parse("# camera 2\n0\n0.5\n\n1.25\n").unwrap(), Times::Ordered(vec![0.0, 0.5, 1.25]));
        assert_eq!(parse("timestamp_s\r\n1.7e9\r\n").unwrap(), Times::Ordered(vec![1.7e9]));
        let named = parse("\u{feff}file,timestamp_s\n\"a,b.png\", 0\nc.png,0.04\n").unwrap();
        assert_eq!(named, Times::Named(vec![("a,b.png".to_owned(), 0.0), ("c.png".to_owned(), 0.04)]));
    }

    #[test]
    fn mistakes_name_their_line() {
        let error = |text: &str| parse(text).unwrap_err().to_string();
        assert!(error("0\n0.5\n0.4\n").starts_with("line 3: the time falls from 0.5 s to 0.4 s"));
        assert!(error("0\nNaN\n").starts_with("line 2: \"NaN\" is not a time"));
        assert!(error("0\nx\n").starts_with("line 2"));
        assert!(error("a\nb\n1\n").starts_with("line 2"));
        assert!(error("1e300\n").starts_with("line 1"));
        assert!(error("a.png,0\n1\n").starts_with("line 2: some lines name a file"));
        assert_eq!(parse(""), Err(TimesError::Empty));
        assert_eq!(parse("seconds\n# none\n"), Err(TimesError::Empty));
    }

    proptest! {
        #[test]
        fn any_text_never_panics_and_times_never_fall(text in "([0-9a-z.,#\n -]|\\PC){0,80}") {
            if let Ok(times) = parse(&text) {
                let times = match times {
                    Times::Ordered(times) => times,
                    Times::Named(named) => named.into_iter().map(|n| n.1).collect(),
                };
                prop_assert!(times.is_sorted() && times.iter().all(|t| t.abs() <= MAX_S));
            }
        }

        #[test]
        fn written_times_come_back(mut times in prop::collection::vec(-1e6..1e6_f64, 1..30)) {
            times.sort_by(f64::total_cmp);
            let text: String = times.iter().map(|t| format!("{t}\n")).collect();
            prop_assert_eq!(parse(&text), Ok(Times::Ordered(times)));
        }
    }
}
