//! The camera source against a fake camera that stalls, goes away, comes back, and says no.
//!
//! Times are short; no test asserts how long anything took.

#![expect(clippy::disallowed_methods, reason = "a test that drives real programs waits in real time")]

mod fake;

use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::bounded;

use super::*;
use crate::types::{PixelFormat, TimestampSource};
use fake::{Act, Fake, HEIGHT, Step, WIDTH, fake, fake_with};

fn request() -> CameraRequest {
    let ms = Duration::from_millis;
    let timeouts = CameraTimeouts {
        start: ms(400),
        stall: ms(60),
        abandon: ms(150),
        retry_first: ms(10),
        retry_max: ms(40),
        gone: ms(1500),
    };
    CameraRequest { timeouts, ..Default::default() }
}

fn open(fake: &Arc<Fake>) -> Result<CameraSource, CaptureError> {
    CameraSource::open_with(Arc::clone(fake) as Arc<dyn CameraBackend>, &request(), SessionClock::start())
}

/// Reads until `enough` frames came; the frames' sequence numbers and the gaps. Checks that numbers and times fit.
fn read(source: &mut CameraSource, enough: usize) -> (Vec<u64>, Vec<Gap>) {
    let (mut seqs, mut gaps) = (Vec::new(), Vec::new());
    let mut frame = Frame::default();
    let (mut next_seq, mut last_at) = (source.next_seq, source.last_at);
    while seqs.len() < enough {
        match source.next(&mut frame).unwrap() {
            Captured::Frame => {
                assert_eq!(frame.seq, next_seq);
                assert!(frame.captured_at >= last_at && frame.arrived_at >= frame.captured_at);
                last_at = frame.captured_at;
                next_seq += 1;
                seqs.push(frame.seq);
            }
            Captured::Gap(gap) => {
                assert_eq!(gap.first_seq, next_seq);
                next_seq += gap.count;
                gaps.push(gap);
            }
            Captured::Waiting => {}
            Captured::End => panic!("ended after {seqs:?} {gaps:?}"),
        }
    }
    (seqs, gaps)
}

fn failure(source: &mut CameraSource) -> String {
    let mut frame = Frame::default();
    loop {
        match source.next(&mut frame) {
            Err(error) => {
                assert_eq!(source.next(&mut frame).unwrap(), Captured::End);
                return error.to_string();
            }
            Ok(Captured::End) => panic!("ended without an error"),
            Ok(_) => {}
        }
    }
}

fn refusal(acts: Vec<Act>) -> String {
    let (fake, _hold) = fake(acts);
    match open(&fake) {
        Ok(_) => panic!("expected an error"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn frames_come_in_order_from_the_named_thread() {
    let (fake, _hold) = fake(vec![Act::Run(vec![Step::Frames(20)])]);
    let mut source = open(&fake).unwrap();
    let info = source.info().clone();
    assert_eq!((info.name.as_str(), info.width, info.height, info.is_live), ("Fake Camera", 4, 2, true));
    assert_eq!((info.nominal_fps, info.timestamp_source), (Some(100.0), TimestampSource::Arrival));
    let (seqs, _) = read(&mut source, 10);
    assert_eq!(seqs[0], 0);
    assert_eq!(*fake.threads.lock().unwrap(), ["onset-camera"]);
}

#[test]
fn driver_stamps_are_used_and_their_absence_is_reported() {
    let ms = Duration::from_millis;
    // The third stamp is impossibly old.
    let steps = [8, 4, 60_000, 1].map(|age| Step::Aged(ms(age))).to_vec();
    let (fake, _hold) = fake(vec![Act::Run(steps)]);
    let mut source = open(&fake).unwrap();
    assert_eq!(source.info().timestamp_source, TimestampSource::Driver);
    let mut frame = Frame::default();
    let mut latencies = Vec::new();
    for _ in 0..4 {
        while source.next(&mut frame).unwrap() != Captured::Frame {}
        latencies.push(frame.arrived_at.millis_since(frame.captured_at));
    }
    // The session began as the camera was opened, so that an age above that is cut to the start.
    assert!(latencies[0] >= 0.0 && latencies[2] == 0.0, "{latencies:?}");
    assert!(source.warnings()[0].contains("1 frames were not stamped by driver"), "{:?}", source.warnings());
}

#[test]
fn a_refusal_says_what_to_do() {
    let refuse = |fault| refusal(vec![Act::Refuse(fault)]);
    let text = refuse(CameraFault::NotFound("the system has no camera".to_owned()));
    assert!(text.contains("onset devices") && text.contains("onset live --input FILE"), "{text}");
    assert!(refuse(CameraFault::Busy).contains("another program uses this camera; close it"));
    let text = refuse(CameraFault::PermissionDenied);
    assert!(text.contains("permission denied"), "{text}");
    #[cfg(target_os = "linux")]
    assert!(text.contains("group `video`"), "{text}");
    let text = refuse(CameraFault::NoSuchFormat("640x480 30 fps yuyv".to_owned()));
    assert!(text.contains("it has 640x480 30 fps yuyv"), "{text}");
    assert!(refuse(CameraFault::Failed("code 7".to_owned())).contains("code 7; unplug it"));
    assert!(refusal(vec![Act::Panic]).contains("driver library crashed"));
}

#[test]
fn a_camera_that_opens_but_sends_nothing_is_an_error_not_a_hang() {
    assert!(refusal(vec![Act::Run(vec![])]).contains("Fake Camera: no frame came within"));
    assert!(refusal(vec![Act::HangOpening]).contains("any camera: no frame came within"));
    let text = refusal(vec![Act::Run(vec![Step::Fail(CameraFault::Busy)])]);
    assert!(text.contains("Fake Camera: another program uses"), "{text}");
}

#[test]
fn an_unplugged_camera_is_a_gap_and_comes_back() {
    let gone = CameraFault::Gone("os error 19".to_owned());
    let mut acts = vec![Act::Run(vec![Step::Frames(5), Step::Fail(gone.clone())])];
    acts.extend((0..5).map(|_| Act::Refuse(CameraFault::NotFound("gone".to_owned()))));
    acts.push(Act::Run(vec![Step::Frames(400)]));
    let (fake, _hold) = fake(acts);
    let mut source = open(&fake).unwrap();
    let (_, gaps) = read(&mut source, 12);
    assert!(!gaps.is_empty() && gaps.iter().any(|g| g.reason == GapReason::Stalled), "{gaps:?}");
    let warnings = source.warnings().join("\n");
    assert!(warnings.contains("the camera came back (4x2 100 fps yuyv)"), "{warnings}");
    // Any camera was asked for; after the first it is that one that is waited for.
    let asked = fake.asked.lock().unwrap();
    assert_eq!(asked[0], DeviceChoice::Any);
    assert!(
        asked[1..].iter().all(|choice| *choice == DeviceChoice::Name("Fake Camera".to_owned())),
        "{asked:?}"
    );
}

#[test]
fn a_loss_and_return_within_the_stall_time_is_a_gap_too() {
    let gone = CameraFault::Gone("os error 19".to_owned());
    let first = vec![Step::Frames(5), Step::Fail(gone)];
    let (fake, _hold) = fake(vec![Act::Run(first), Act::Run(vec![Step::Frames(400)])]);
    // At 1000 fps the pause of 10 ms before the camera is opened again is ten frames.
    let fake = Arc::new(Fake {
        format: CameraFormat { fps: 1000.0, ..fake.format },
        ..Arc::into_inner(fake).unwrap()
    });
    let (_, gaps) = read(&mut open(&fake).unwrap(), 8);
    assert!(gaps.iter().any(|g| g.reason == GapReason::Stalled && g.count >= 5), "{gaps:?}");
}

#[test]
fn a_read_that_blocks_is_left_behind_and_the_camera_opened_anew() {
    let acts = vec![
        Act::Run(vec![Step::Frames(5)]),
        // The driver still thinks that we use it.
        Act::Refuse(CameraFault::Busy),
        Act::Refuse(CameraFault::Busy),
        Act::Run(vec![Step::Frames(400)]),
    ];
    let (fake, _hold) = fake(acts);
    let mut source = open(&fake).unwrap();
    let (_, gaps) = read(&mut source, 15);
    let stalled: u64 = gaps.iter().filter(|g| g.reason == GapReason::Stalled).map(|g| g.count).sum();
    assert!(stalled >= 10, "at 100 fps, 150 ms of silence are more than 10 frames: {gaps:?}");
    assert!(source.warnings().join("\n").contains("stopped delivering 1 times"), "{:?}", source.warnings());
    assert!(fake.threads.lock().unwrap().iter().all(|name| name == "onset-camera"));
}

#[test]
fn a_short_pause_is_no_loss() {
    let (fake, _hold) = fake(vec![Act::Run(vec![Step::Frames(3), Step::Frames(30)])]);
    let mut source = open(&fake).unwrap();
    std::thread::sleep(Duration::from_millis(1));
    let (seqs, _) = read(&mut source, 3);
    assert_eq!(seqs.len(), 3);
    assert!(source.warnings().is_empty(), "{:?}", source.warnings());
}

#[test]
fn a_camera_that_stays_away_ends_with_its_name_and_the_reason() {
    let gone = CameraFault::Gone("os error 19".to_owned());
    let (fake, _hold) = fake(vec![Act::Run(vec![Step::Frames(3), Step::Fail(gone)])]);
    let text = failure(&mut open(&fake).unwrap());
    assert!(text.contains("Fake Camera: no frame for") && text.contains("no more acts"), "{text}");
    assert!(text.contains("plug it in again"), "{text}");
}

#[test]
fn a_driver_that_crashes_midway_ends_with_an_error() {
    let failed = CameraFault::Failed("broken".to_owned());
    let (fake, _hold) = fake(vec![Act::Run(vec![Step::Frames(3), Step::Fail(failed)]), Act::Panic]);
    let text = failure(&mut open(&fake).unwrap());
    assert!(text.contains("Fake Camera"), "{text}");
}

#[test]
fn frames_that_wait_too_long_give_way_to_newer_ones_and_are_counted() {
    let (go, wait) = bounded(0);
    let (fake, _hold) =
        fake(vec![Act::Run(vec![Step::Frames(1), Step::Wait(wait), Step::Burst(50), Step::Frames(2)])]);
    let mut source = open(&fake).unwrap();
    drop(go);
    // The burst passes by while nobody reads: the queue holds four.
    std::thread::sleep(Duration::from_millis(100));
    let mut frame = Frame::default();
    let (mut frames, mut lost) = (0, 0);
    while frames + lost < 53 {
        match source.next(&mut frame).unwrap() {
            Captured::Frame => frames += 1,
            Captured::Gap(gap) => {
                assert_eq!(gap.reason, GapReason::Overrun);
                lost += gap.count;
            }
            Captured::Waiting => {}
            Captured::End => panic!("ended"),
        }
    }
    assert!(lost >= 40 && frames >= 5, "{lost} lost, {frames} frames");
    assert_eq!(frame.seq, 52);
}

#[test]
fn padding_is_cut_and_short_frames_are_corrupt() {
    let whole = (WIDTH * HEIGHT * 2) as usize;
    let steps = vec![
        Step::Bytes(vec![7; whole + 4096]),
        Step::Bytes(vec![7; whole - 1]),
        Step::Bytes(vec![9; whole]),
    ];
    let (fake, _hold) = fake(vec![Act::Run(steps)]);
    let mut source = open(&fake).unwrap();
    let mut frame = Frame::default();
    assert_eq!(source.next(&mut frame).unwrap(), Captured::Frame);
    assert_eq!((frame.data.len(), frame.format), (whole, PixelFormat::Yuyv));
    let Captured::Gap(gap) = source.next(&mut frame).unwrap() else { panic!("a short frame is lost") };
    assert_eq!((gap.first_seq, gap.count, gap.reason), (1, 1, GapReason::Corrupt));
    assert_eq!(source.next(&mut frame).unwrap(), Captured::Frame);
    assert_eq!((frame.seq, frame.data[0]), (2, 9));
}

#[test]
fn bgr_becomes_rgb_and_jpeg_loses_its_padding() {
    let bgr = [1, 2, 3].repeat((WIDTH * HEIGHT) as usize);
    let (bgr_fake, _hold) = fake_with(vec![Act::Run(vec![Step::Bytes(bgr)])], CameraPixels::Bgr);
    let mut frame = Frame::default();
    open(&bgr_fake).unwrap().next(&mut frame).unwrap();
    assert_eq!((frame.format, &frame.data[..6]), (PixelFormat::Rgb8, &[3, 2, 1, 3, 2, 1][..]));
    let jpeg = [&[0xFF, 0xD8, 1, 0xFF, 0xD9][..], &[0; 500]].concat();
    let (jpeg_fake, _hold) = fake_with(vec![Act::Run(vec![Step::Bytes(jpeg)])], CameraPixels::Mjpeg);
    open(&jpeg_fake).unwrap().next(&mut frame).unwrap();
    assert_eq!((frame.format, frame.data.as_slice()), (PixelFormat::Mjpeg, &[0xFF, 0xD8, 1, 0xFF, 0xD9][..]));
}

#[test]
fn settings_that_the_camera_lacks_are_warnings() {
    let (fake, _hold) = fake(vec![Act::Run(vec![Step::Frames(2)])]);
    let mut request = request();
    request.controls.gain = Some(3);
    let source = CameraSource::open_with(fake, &request, SessionClock::start()).unwrap();
    assert_eq!(source.warnings(), ["Fake: gain was not set"]);
}

#[test]
fn dropping_the_source_lets_a_blocked_camera_be() {
    let (fake, hold) = fake(vec![Act::Run(vec![Step::Frames(1)])]);
    let weak = Arc::downgrade(&fake);
    drop(open(&fake).unwrap());
    drop(fake);
    // Once the driver lets go, the thread left behind ends and frees the camera.
    drop(hold);
    while weak.strong_count() > 0 {
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn frames_that_the_driver_skipped_are_a_gap_of_their_own_kind() {
    let numbers = [5, 6, 9, 10, 12, 0, 1].map(Step::Numbered).to_vec();
    let (fake, _hold) = fake(vec![Act::Run(numbers)]);
    let (seqs, gaps) = read(&mut open(&fake).unwrap(), 7);
    // The first number and the count that begins anew are no losses.
    assert_eq!(seqs, [0, 1, 4, 5, 7, 8, 9]);
    let gaps: Vec<_> = gaps.iter().map(|gap| (gap.first_seq, gap.count, gap.reason)).collect();
    assert_eq!(gaps, [(2, 2, GapReason::Driver), (6, 1, GapReason::Driver)]);
}

#[test]
fn a_frame_that_the_driver_calls_broken_is_a_corrupt_gap() {
    let steps = vec![Step::Frames(2), Step::Broken, Step::Frames(2)];
    let (fake, _hold) = fake(vec![Act::Run(steps)]);
    let (seqs, gaps) = read(&mut open(&fake).unwrap(), 4);
    assert_eq!(seqs, [0, 1, 3, 4]);
    assert_eq!((gaps.len(), gaps[0].reason, gaps[0].first_seq), (1, GapReason::Corrupt, 2));
}

#[test]
fn a_silence_that_the_driver_counted_too_is_reported_once() {
    // 100 ms of silence at 100 fps; the driver says that it lost 10 frames meanwhile.
    let steps = vec![Step::Numbered(0), Step::Silent(50), Step::Numbered(11), Step::Numbered(12)];
    let (fake, _hold) = fake(vec![Act::Run(steps)]);
    let (_, gaps) = read(&mut open(&fake).unwrap(), 3);
    assert!(gaps.iter().all(|gap| gap.reason == GapReason::Stalled), "{gaps:?}");
    assert!(gaps.iter().map(|gap| gap.count).sum::<u64>() >= 5, "{gaps:?}");
}

#[test]
fn a_silent_camera_that_can_be_stopped_is() {
    let steps = vec![Step::Frames(1), Step::Silent(u32::MAX)];
    let (fake, _hold) = fake(vec![Act::Run(steps)]);
    let weak = Arc::downgrade(&fake);
    drop(open(&fake).unwrap());
    drop(fake);
    // Its thread has ended by the time the source is gone; a slow machine may take a little longer.
    while weak.strong_count() > 0 {
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn a_silence_short_of_a_stall_gives_the_caller_a_chance_to_stop() {
    let (fake, _hold) = fake(vec![Act::Run(vec![Step::Frames(1), Step::Silent(u32::MAX)])]);
    let mut request = request();
    request.timeouts.stall = Duration::from_millis(600);
    let mut source = CameraSource::open_with(fake, &request, SessionClock::start()).unwrap();
    let mut frame = Frame::default();
    let mut kinds = Vec::new();
    while kinds.last() != Some(&'g') {
        kinds.push(match source.next(&mut frame).unwrap() {
            Captured::Frame => 'f',
            Captured::Waiting => 'w',
            Captured::Gap(_) => 'g',
            Captured::End => panic!("ended"),
        });
    }
    assert_eq!(kinds, ['f', 'w', 'w', 'g']);
}
