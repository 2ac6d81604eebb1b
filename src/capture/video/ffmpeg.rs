//! The `ffmpeg` and `ffprobe` programs: how they are called, and what to say when they are not there.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use crate::capture::source::CaptureError;

/// The two programs. The default finds them on the search path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FfmpegPrograms {
    /// `ffmpeg`: decodes.
    pub ffmpeg: PathBuf,
    /// `ffprobe`, of the same package: tells what a file contains.
    pub ffprobe: PathBuf,
}

impl Default for FfmpegPrograms {
    fn default() -> Self {
        Self { ffmpeg: "ffmpeg".into(), ffprobe: "ffprobe".into() }
    }
}

/// What every call has: no terminal, no colours, no start-up banner.
fn command(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.stdin(Stdio::null()).env("AV_LOG_FORCE_NOCOLOR", "1").arg("-hide_banner");
    detach(&mut command);
    command
}

/// Keeps Ctrl-C from reaching the child: we finish the current file, and stop the child ourselves.
fn detach(command: &mut Command) {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    #[cfg(windows)]
    {
        const CREATE_NEW_PROCESS_GROUP: u32 = 0x0000_0200;
        const CREATE_NO_WINDOW: u32 = 0x0800_0000;
        std::os::windows::process::CommandExt::creation_flags(
            command,
            CREATE_NEW_PROCESS_GROUP | CREATE_NO_WINDOW,
        );
    }
    #[cfg(not(any(unix, windows)))]
    let _ = command;
}

/// `-i file:PATH`: the prefix keeps names that begin with `-` or contain `:` from being read as options or addresses,
/// and the whitelist keeps playlists from opening network addresses.
fn input(command: &mut Command, path: &Path) {
    let mut url = OsString::from("file:");
    url.push(path);
    command.args(["-protocol_whitelist", "file"]).arg("-i").arg(url);
}

/// Asks ffprobe for the first real video stream (cover pictures of audio files do not count), as JSON.
pub(super) fn probe(programs: &FfmpegPrograms, path: &Path) -> Result<Output, CaptureError> {
    let mut command = command(&programs.ffprobe);
    command.args(["-v", "error", "-of", "json", "-select_streams", "V:0", "-show_entries"]).arg(
        "stream=codec_name,width,height,avg_frame_rate,nb_frames,duration:stream_side_data=rotation\
         :format=format_name,duration",
    );
    input(&mut command, path);
    command.output().map_err(|e| cannot_run(&programs.ffprobe, &e))
}

/// How YUV becomes RGB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Colours {
    /// By ffmpeg's short cut, which rounds down on its way: 1.2-1.4 levels too dark on average (ffmpeg 5.1, x86-64).
    Fast,
    /// To the nearest level: turned back into YUV, 99 values in 100 are what they were. Takes 2.5 ms more for a VGA frame, and
    /// 16 ms for one of 1080p.
    Exact,
}

/// Starts decoding: PPM pictures on stdout, the log (with a time for each picture) on stderr.
///
/// Times are in ns (`settb`); `passthrough` neither drops nor repeats a frame; a picture is turned upright as the file
/// says (ffmpeg's default); frames of another size than the first are scaled to it.
pub(super) fn decode(
    programs: &FfmpegPrograms,
    path: &Path,
    colours: Colours,
) -> Result<Child, CaptureError> {
    let passthrough = if knows_fps_mode(programs)? { "-fps_mode" } else { "-vsync" };
    let mut command = command(&programs.ffmpeg);
    command.args(["-nostdin", "-nostats", "-loglevel", "repeat+level+info"]);
    // One decoding thread: then each message stands right before its frame, whatever the number of cores. It decodes
    // a few hundred VGA frames a second, more than the analysis takes, and leaves the other core to the networks.
    command.args(["-threads", "1"]);
    input(&mut command, path);
    command.args(["-map", "0:V:0", "-an", "-sn", "-dn"]);
    // `print` shows only frames that carry metadata, so one entry is added first.
    // Behind it the pictures are numbered, so that times that repeat or go back cannot upset the muxer.
    let print = "metadata=mode=add:key=onset:value=1,metadata=mode=print";
    command.args(["-vf", &format!("settb=1/1000000000,{print},settb=1/1000,setpts=N")]);
    command.args(["-enc_time_base", "1:1000"]);
    if colours == Colours::Exact {
        command.args(["-sws_flags", "bicubic+accurate_rnd+full_chroma_int"]);
    }
    command.args([
        passthrough,
        "passthrough",
        "-c:v",
        "ppm",
        "-pix_fmt",
        "rgb24",
        "-f",
        "image2pipe",
        "pipe:1",
    ]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().map_err(|e| cannot_run(&programs.ffmpeg, &e))
}

/// `-fps_mode` came with 5.1, and `-vsync` will go some day.
fn knows_fps_mode(programs: &FfmpegPrograms) -> Result<bool, CaptureError> {
    let output =
        command(&programs.ffmpeg).arg("-version").output().map_err(|e| cannot_run(&programs.ffmpeg, &e))?;
    Ok(is_5_1_or_later(&String::from_utf8_lossy(&output.stdout)))
}

/// Reads `ffmpeg version 4.4.2-0ubuntu0.22.04.1 Copyright ...`; builds from the repository (`N-...`) are new.
fn is_5_1_or_later(version_text: &str) -> bool {
    let version = version_text.strip_prefix("ffmpeg version ").unwrap_or_default().trim_start_matches('n');
    let mut numbers = version.split(|c: char| !c.is_ascii_digit()).map(str::parse::<u32>);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => (major, minor) >= (5, 1),
        (Some(Ok(major)), _) => major > 5,
        _ => true,
    }
}

fn cannot_run(program: &Path, error: &io::Error) -> CaptureError {
    let why = match error.kind() {
        io::ErrorKind::NotFound => "it is not installed or not on the search path".to_owned(),
        _ => error.to_string(),
    };
    CaptureError::MissingProgram { program: program.display().to_string(), why }
}

#[cfg(test)]
mod tests {
    use super::is_5_1_or_later;

    #[test]
    fn versions_of_real_builds_are_told_apart() {
        for (text, new) in [
            ("ffmpeg version 4.4.2-0ubuntu0.22.04.1 Copyright (c) 2000-2021", false),
            ("ffmpeg version 5.0.1 Copyright", false),
            ("ffmpeg version 5.1.9-0+deb12u1 Copyright", true),
            ("ffmpeg version 6.1.1-3ubuntu5 Copyright", true),
            ("ffmpeg version n7.1 Copyright", true),
            ("ffmpeg version 8 Copyright", true),
            ("ffmpeg version N-118193-g5f38c82536 Copyright", true),
            ("", true),
        ] {
            assert_eq!(is_5_1_or_later(text), new, "{text}");
        }
    }
}
