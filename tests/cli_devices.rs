//! `onset devices` from outside. What it prints depends on the machine: both kinds are tested where they are met.

use assert_cmd::Command;

fn onset(args: &[&str]) -> std::process::Output {
    Command::cargo_bin("onset").unwrap().args(args).output().unwrap()
}

#[test]
fn json_is_always_a_list() {
    let output = onset(&["devices", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let list: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    for camera in list.as_array().unwrap() {
        assert!(camera["index"].is_u64() && camera["name"].is_string() && camera["formats"].is_array());
    }
}

#[test]
fn the_table_lists_cameras_or_says_what_to_do_without_one() {
    let has_camera = onset(&["devices", "--json"]).stdout.starts_with(b"[\n");
    let output = onset(&["devices"]);
    if has_camera {
        assert_eq!(output.status.code(), Some(0));
        assert!(!output.stdout.is_empty());
    } else {
        assert_eq!(output.status.code(), Some(1));
        assert!(output.stdout.is_empty());
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(text.starts_with("onset: no camera found; plug one in"), "{text}");
        assert!(text.contains("onset live --input FILE"), "{text}");
        assert!(!text.contains("panicked"), "{text}");
    }
}

#[test]
fn unknown_flags_are_wrong_usage() {
    assert_eq!(onset(&["devices", "--jsn"]).status.code(), Some(2));
}
