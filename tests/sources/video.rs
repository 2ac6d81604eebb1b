//! Video files, made by ffmpeg in temporary folders.

use std::path::{Path, PathBuf};
use std::process::Command;

use onset::capture::{Captured, FfmpegPrograms, Source, VideoSource};
use onset::types::{Frame, GapReason, PixelFormat, TimestampSource};
use tempfile::TempDir;

use super::{message, millis, read_all};

/// Runs ffmpeg in `folder`; false (with a line) where it is not installed.
fn ffmpeg(folder: &Path, args: &str) -> bool {
    let output = Command::new("ffmpeg")
        .current_dir(folder)
        .args(["-nostdin", "-v", "error", "-y"])
        .args(args.split_whitespace())
        .output();
    match output {
        Err(error) => {
            println!("SKIPPED: ffmpeg is not installed ({error})");
            false
        }
        Ok(output) => {
            assert!(output.status.success(), "{args}: {}", String::from_utf8_lossy(&output.stderr));
            true
        }
    }
}

fn clip(args: &str, name: &str) -> Option<(TempDir, PathBuf)> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    ffmpeg(folder.path(), &format!("{args} {name}")).then_some((folder, path))
}

const TWO_SECONDS: &str = "-f lavfi -i testsrc2=s=64x48:r=25:d=2 -pix_fmt yuv420p";

#[test]
fn every_frame_of_common_containers_comes_with_its_time() {
    for (args, name) in [
        ("-c:v libx264 -bf 3", "x.mp4"),
        ("-c:v mjpeg -pix_fmt yuvj420p", "x.avi"),
        ("-c:v libvpx-vp9 -deadline realtime", "x.webm"),
        ("-c:v ffv1", "x.mkv"),
        ("-c:v mpeg2video", "x.ts"),
    ] {
        let Some((_folder, path)) = clip(&format!("{TWO_SECONDS} {args}"), name) else { return };
        let mut source = VideoSource::open(&path).unwrap();
        let info = source.info().clone();
        assert_eq!((info.width, info.height, info.is_live), (64, 48, false), "{name}");
        assert_eq!(info.timestamp_source, TimestampSource::Media);
        assert_eq!(info.nominal_fps, Some(25.0), "{name}");
        let all = read_all(&mut source).unwrap();
        assert_eq!(millis(&all.frames), (0..50).map(|i| i * 40).collect::<Vec<_>>(), "{name}");
        assert!(all.frames.iter().all(|f| f.format == PixelFormat::Rgb8 && f.data.len() == 64 * 48 * 3));
        assert!(all.gaps.is_empty());
        assert!(source.warnings().is_empty(), "{name}: {:?}", source.warnings());
    }
}

#[test]
fn pixels_of_a_lossless_file_are_exact() {
    let Some((_folder, path)) =
        clip("-f lavfi -i testsrc2=s=32x20:r=10:d=0.3 -c:v libx264rgb -qp 0", "x.mkv")
    else {
        return;
    };
    let folder = path.parent().unwrap();
    assert!(ffmpeg(folder, "-i x.mkv -f rawvideo -pix_fmt rgb24 x.rgb"));
    let all = read_all(&mut VideoSource::open(&path).unwrap()).unwrap();
    let joined: Vec<u8> = all.frames.iter().flat_map(|f| f.data.clone()).collect();
    assert_eq!(joined, std::fs::read(folder.join("x.rgb")).unwrap());
}

#[test]
fn variable_frame_rates_keep_their_true_times() {
    // Every third frame of seven is missing, and from the 20th on there is a pause of 0.4 s.
    let filter = "select='not(eq(mod(n,7),3))',setpts='PTS+if(gt(N,20),0.4/TB,0)'";
    let args =
        format!("-f lavfi -i testsrc2=s=64x48:r=50:d=1 -vf {filter} -fps_mode passthrough -c:v libx264");
    let Some((_folder, path)) = clip(&args, "x.mkv") else { return };
    let all = read_all(&mut VideoSource::open(&path).unwrap()).unwrap();
    let kept: Vec<i64> = (0..50).filter(|n| n % 7 != 3).collect();
    let expected: Vec<i64> =
        kept.iter().enumerate().map(|(i, n)| n * 20 + if i > 20 { 400 } else { 0 }).collect();
    assert_eq!(millis(&all.frames), expected);
}

#[test]
fn a_file_that_starts_late_starts_at_zero() {
    let Some((_folder, path)) = clip(&format!("{TWO_SECONDS} -output_ts_offset 100 -c:v libx264"), "x.mkv")
    else {
        return;
    };
    let all = read_all(&mut VideoSource::open(&path).unwrap()).unwrap();
    assert_eq!(millis(&all.frames)[..3], [0, 40, 80]);
}

#[test]
fn exact_colours_are_rounded_to_the_nearest_level() {
    let ramp = "nullsrc=s=64x48:r=5:d=0.4,geq=lum=20+3*X:cb=128:cr=128";
    let Some((_folder, path)) = clip(&format!("-f lavfi -i {ramp} -pix_fmt yuv420p -c:v ffv1"), "x.mkv")
    else {
        return;
    };
    let largest_error = |mut source: VideoSource| {
        let frames = read_all(&mut source).unwrap().frames;
        assert_eq!(frames.len(), 2);
        // Video levels: 16 is black, 235 white (ITU-R BT.601).
        let grey = |column: usize| (4 + 3 * column) as f64 * 255.0 / 219.0;
        let row = frames[0].data[..3 * 64].as_chunks::<3>().0.iter().enumerate();
        row.flat_map(|(column, rgb)| rgb.map(|value| (f64::from(value) - grey(column)).abs()))
            .fold(0.0, f64::max)
    };
    let exact = largest_error(VideoSource::open_exact(&path).unwrap());
    assert!(exact <= 0.6, "up to {exact} levels off");
    let fast = largest_error(VideoSource::open(&path).unwrap());
    assert!(fast <= 2.5, "up to {fast} levels off");
}

#[test]
fn a_turned_phone_video_comes_upright() {
    let Some((folder, path)) = clip(&format!("{TWO_SECONDS} -c:v libx264"), "flat.mp4") else { return };
    let turned = folder.path().join("turned.mp4");
    // ffmpeg 6 and later take the rotation as an option of the input, earlier ones as metadata of the output.
    let new = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-y", "-display_rotation:v:0", "90", "-i"])
        .arg(&path)
        .args(["-c", "copy"])
        .arg(&turned)
        .output();
    if !new.is_ok_and(|output| output.status.success()) {
        assert!(ffmpeg(folder.path(), "-i flat.mp4 -c copy -metadata:s:v:0 rotate=90 turned.mp4"));
    }
    let mut source = VideoSource::open(&turned).unwrap();
    assert_eq!((source.info().width, source.info().height), (48, 64));
    assert_eq!(read_all(&mut source).unwrap().frames[7].width, 48);
}

#[test]
fn times_that_go_back_are_held_and_reported() {
    let Some((folder, path)) = clip(&format!("{TWO_SECONDS} -c:v ffv1"), "x.mkv") else { return };
    let mut bytes = std::fs::read(&path).unwrap();
    // The first Matroska block at 200 ms (track 1, time 0x00C8 in its cluster, no flags) is set back to 100 ms.
    let at = bytes.windows(4).position(|w| w == [0x81, 0x00, 0xC8, 0x00]).unwrap();
    bytes[at + 2] = 100;
    let back = folder.path().join("back.mkv");
    std::fs::write(&back, bytes).unwrap();
    let mut source = VideoSource::open(&back).unwrap();
    let all = read_all(&mut source).unwrap();
    assert_eq!(millis(&all.frames)[..8], [0, 40, 80, 120, 160, 160, 240, 280], "every frame is kept");
    assert_eq!(all.frames.len(), 50);
    let warnings = source.warnings();
    assert!(warnings[0].contains("back.mkv: 1 timestamps go back"), "{warnings:?}");
}

#[test]
fn a_video_that_breaks_off_keeps_what_decodes() {
    let Some((folder, path)) =
        clip(&format!("{TWO_SECONDS} -c:v libx264 -movflags +faststart -g 5"), "x.mp4")
    else {
        return;
    };
    let whole = std::fs::read(&path).unwrap();
    let cut = folder.path().join("cut.mp4");
    std::fs::write(&cut, &whole[..whole.len() * 6 / 10]).unwrap();
    let mut source = VideoSource::open(&cut).unwrap();
    let all = read_all(&mut source).unwrap();
    assert!((5..50).contains(&all.frames.len()), "{}", all.frames.len());
    let warnings = source.warnings().join("\n");
    assert!(
        warnings.contains("cut.mp4: the video breaks off") && warnings.contains("of 50 frames"),
        "{warnings}"
    );
}

#[test]
fn a_cut_file_without_an_index_is_noticed_too() {
    let Some((folder, path)) = clip(&format!("{TWO_SECONDS} -c:v ffv1"), "x.mkv") else { return };
    let whole = std::fs::read(&path).unwrap();
    let cut = folder.path().join("cut.mkv");
    std::fs::write(&cut, &whole[..whole.len() / 2]).unwrap();
    let mut source = VideoSource::open(&cut).unwrap();
    assert!((10..40).contains(&read_all(&mut source).unwrap().frames.len()));
    let warnings = source.warnings().join("\n");
    assert!(warnings.contains("cut.mkv: the video breaks off (ffmpeg says"), "{warnings}");
}

#[test]
fn frames_that_an_edit_list_hides_are_not_missed() {
    // Copied from a point between key frames, mp4 keeps the frames before it and hides them by an edit list.
    let args = format!("{TWO_SECONDS} -c:v libx264 -g 25 -bf 0");
    let Some((folder, _)) = clip(&args, "x.mp4") else { return };
    assert!(ffmpeg(folder.path(), "-ss 0.4 -i x.mp4 -c copy trimmed.mp4"));
    let mut source = VideoSource::open(&folder.path().join("trimmed.mp4")).unwrap();
    let all = read_all(&mut source).unwrap();
    assert_eq!((all.frames.len(), source.info().frame_count), (40, Some(50)));
    assert_eq!(millis(&all.frames)[..3], [0, 40, 80]);
    assert!(source.warnings().is_empty(), "{:?}", source.warnings());
}

#[test]
fn packets_that_do_not_decode_are_gaps() {
    // Intra only, so that damage does not spread; four packets wiped out.
    let Some((folder, path)) = clip(&format!("{TWO_SECONDS} -c:v mjpeg -pix_fmt yuvj420p"), "x.avi") else {
        return;
    };
    let mut bytes = std::fs::read(&path).unwrap();
    let starts: Vec<usize> =
        bytes.windows(3).enumerate().filter(|(_, w)| *w == [0xFF, 0xD8, 0xFF]).map(|(i, _)| i).collect();
    assert_eq!(starts.len(), 50);
    for i in 20..24 {
        // Up to the next chunk's header of 8 bytes.
        bytes[starts[i]..starts[i + 1] - 8].fill(0);
    }
    let damaged = folder.path().join("damaged.avi");
    std::fs::write(&damaged, bytes).unwrap();
    let mut source = VideoSource::open(&damaged).unwrap();
    let all = read_all(&mut source).unwrap();
    assert_eq!((all.frames.len(), all.gaps.iter().map(|g| g.count).sum::<u64>()), (46, 4));
    assert!(all.gaps.iter().all(|g| g.reason == GapReason::Corrupt && (20..24).contains(&g.first_seq)));
    assert_eq!(millis(&all.frames)[19..21], [760, 960], "the frames after the damage keep their times");
    assert!(
        source.warnings().join("\n").contains("4 frames could not be decoded"),
        "{:?}",
        source.warnings()
    );
}

#[test]
fn damaged_pictures_are_gaps_at_their_own_time() {
    let Some((folder, path)) = clip(&format!("{TWO_SECONDS} -c:v libx264 -g 10 -bf 0"), "x.mkv") else {
        return;
    };
    let mut bytes = std::fs::read(&path).unwrap();
    // The middle of the block at 0.2 s (see above) is overwritten: the decoder conceals it and says so.
    let at = bytes.windows(4).position(|w| w == [0x81, 0x00, 0xC8, 0x00]).unwrap();
    bytes[at + 30..at + 60].fill(0xA5);
    let damaged = folder.path().join("damaged.mkv");
    std::fs::write(&damaged, bytes).unwrap();
    let all = read_all(&mut VideoSource::open(&damaged).unwrap()).unwrap();
    let lost: u64 = all.gaps.iter().map(|g| g.count).sum();
    assert_eq!(all.frames.len() as u64 + lost, 50);
    let first = all.gaps[0];
    assert_eq!(
        (first.first_seq, first.at.as_nanos() / 1_000_000, first.reason),
        (5, 200, GapReason::Corrupt)
    );
}

#[test]
fn what_is_no_video_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let open = |path: &Path| message(VideoSource::open(path));
    assert!(open(&folder.path().join("absent.mp4")).contains("absent.mp4: it does not exist"));
    assert!(open(&file("empty.mp4", b"")).contains("empty.mp4: the file is empty"));
    assert!(open(folder.path()).contains("it is a folder"));
    if !ffmpeg(folder.path(), "-version") {
        return;
    }
    assert!(open(&file("noise.mp4", &[7; 5000])).contains("noise.mp4 cannot be used as a video"));
    let text = open(&file("notes.txt", b"Participant 4 smiled.\n"));
    assert!(text.contains("it is a text file") || text.contains("check that it plays"), "{text}");
    assert!(ffmpeg(folder.path(), "-f lavfi -i sine=d=1 sound.wav"));
    assert!(open(&folder.path().join("sound.wav")).contains("no video track"));
    assert!(ffmpeg(folder.path(), &format!("{TWO_SECONDS} -c:v libx264 x.mp4")));
    let whole = std::fs::read(folder.path().join("x.mp4")).unwrap();
    assert!(open(&file("cut.mp4", &whole[..whole.len() / 2])).contains("cut off before its index"));
    assert!(ffmpeg(folder.path(), &format!("{TWO_SECONDS} -frames:v 0 -c:v ffv1 none.mkv")));
    let none = open(&folder.path().join("none.mkv"));
    assert!(ffmpeg(folder.path(), &format!("{TWO_SECONDS} -frames:v 0 -c:v libx264 none.mp4")));
    let none_mp4 = open(&folder.path().join("none.mp4"));
    assert!(none_mp4.contains("cannot be used as a video"), "{none_mp4}");
    assert!(none.contains("none.mkv") && none.contains("it has no frames"), "{none}");
}

#[test]
fn without_ffmpeg_it_says_how_to_install_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.mp4");
    std::fs::write(&path, "x").unwrap();
    let programs = FfmpegPrograms { ffmpeg: "no-such-ffmpeg".into(), ffprobe: "no-such-ffprobe".into() };
    let text = message(VideoSource::open_with(&path, &programs));
    for part in ["no-such-ffprobe", "apt", "dnf", "pacman", "brew", "winget"] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[cfg(unix)]
#[test]
fn a_file_without_permission_says_so() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.mp4");
    std::fs::write(&path, "x").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o0)).unwrap();
    if super::permissions_hold(&path) {
        assert!(message(VideoSource::open(&path)).contains("permission denied; make it readable"));
    }
}

#[test]
fn odd_names_are_no_options_and_no_addresses() {
    let folder = tempfile::tempdir().unwrap();
    if !ffmpeg(folder.path(), &format!("{TWO_SECONDS} -c:v ffv1 x.mkv")) {
        return;
    }
    let names = [
        "-y 100%d.mkv",
        "a'b é.mkv",
        #[cfg(unix)]
        "concat:x|http:y.mkv",
    ];
    for name in names {
        let path = folder.path().join(name);
        std::fs::copy(folder.path().join("x.mkv"), &path).unwrap();
        assert_eq!(read_all(&mut VideoSource::open(&path).unwrap()).unwrap().frames.len(), 50, "{name}");
    }
}

#[test]
fn dropping_a_source_midway_ends_ffmpeg_at_once() {
    // Ten seconds of 720p (830 MB) are far more than the pipes hold: ffmpeg is still writing.
    let Some((_folder, path)) =
        clip("-f lavfi -i color=s=1280x720:r=30:d=10 -c:v libx264 -preset ultrafast", "x.mkv")
    else {
        return;
    };
    let mut source = VideoSource::open(&path).unwrap();
    let mut frame = Frame::default();
    for _ in 0..3 {
        assert_eq!(source.next(&mut frame).unwrap(), Captured::Frame);
    }
    // Returns only when the program was reaped and its thread has ended; a hang fails the test run.
    drop(source);
}
