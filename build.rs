//! Packs the embedded networks: those whose weights were rounded to 16 bits become half as large, the others a little smaller.

use std::path::{Path, PathBuf};
use std::{env, fs};

/// The networks by name, as in `models/`.
const PACKED: [&str; 6] = [
    "face_detector",
    "face_landmarks_detector",
    "face_blendshapes",
    "expression",
    "expression_eyes",
    "spotter",
];
/// zstd's highest level without its long windows: some seconds in an unoptimised build script.
const LEVEL: i32 = 19;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    for name in PACKED {
        let model: PathBuf = root.join("models").join(name).with_extension("onnx");
        println!("cargo::rerun-if-changed={}", model.display());
        pack(&model, &out.join(name).with_extension("onnx.zst"));
    }
}

fn pack(from: &Path, to: &Path) {
    let bytes =
        fs::read(from).unwrap_or_else(|error| panic!("{}: {error}; restore it with git", from.display()));
    let packed = zstd::bulk::compress(&bytes, LEVEL).expect("memory suffices for a network");
    fs::write(to, packed).unwrap_or_else(|error| panic!("{}: {error}", to.display()));
}
