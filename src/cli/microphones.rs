//! The microphones of this machine, for `onset devices` (feature `audio`).

use std::fmt::Write as _;

use anyhow::{Result, bail};
use serde_json::json;

use super::print::print;
use crate::capture::audio::{Microphone, list_microphones};

/// Prints the microphones alone, as `onset devices --microphones` does.
pub(super) fn run(is_json: bool) -> Result<()> {
    let microphones = list_microphones()?;
    if is_json {
        return print(&json_of(&microphones)?);
    }
    if microphones.is_empty() {
        bail!("no microphone found; plug one in, or allow the program to use it in the system's settings");
    }
    print(&table_of(&microphones))
}

/// Microphones below the cameras; empty where there are none, or where the sound system gives no answer.
pub(super) fn table() -> String {
    list_microphones().map_or_else(|_| String::new(), |microphones| table_of(&microphones))
}

fn json_of(microphones: &[Microphone]) -> Result<String> {
    let list: Vec<_> = microphones
        .iter()
        .map(|microphone| {
            json!({
                "name": microphone.name,
                "default": microphone.is_default,
                "rate_hz": microphone.format.map(|format| format.rate_hz),
                "channels": microphone.format.map(|format| format.channels),
                "samples": microphone.format.map(|format| format.samples.name()),
            })
        })
        .collect();
    Ok(serde_json::to_string_pretty(&list)? + "\n")
}

fn table_of(microphones: &[Microphone]) -> String {
    let mut text = String::new();
    for microphone in microphones {
        let default = if microphone.is_default { " (default)" } else { "" };
        let format = microphone.format.map_or_else(
            || "cannot be asked: is another program using it?".to_owned(),
            |format| {
                format!("{} Hz, {} channels, {}", format.rate_hz, format.channels, format.samples.name())
            },
        );
        // Writing to a String cannot fail.
        let _ = writeln!(text, "mic  {}{default}\n     {format}", microphone.name);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::audio::{AudioFormat, SampleKind};

    #[test]
    fn microphones_are_listed_with_what_they_give() {
        let format = AudioFormat { rate_hz: 48_000, channels: 2, samples: SampleKind::F32 };
        let microphone =
            |name: &str, is_default, format| Microphone { name: name.to_owned(), is_default, format };
        let list = [microphone("Built-in", true, Some(format)), microphone("USB", false, None)];
        let expected = "mic  Built-in (default)\n     48000 Hz, 2 channels, pcm-f32\nmic  USB\n     cannot be asked: is \
                        another program using it?\n";
        assert_eq!(table_of(&list), expected);
        let json: serde_json::Value = serde_json::from_str(&json_of(&list).unwrap()).unwrap();
        assert_eq!((&json[0]["rate_hz"], &json[0]["default"]), (&json!(48_000), &json!(true)));
        assert!(json[1]["rate_hz"].is_null());
    }
}
