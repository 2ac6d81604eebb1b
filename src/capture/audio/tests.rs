//! Sound without a sound card: a made-up callback feeds the same ring that cpal's does.

use super::*;
use crate::types::Timestamp;

const STEREO: AudioFormat = AudioFormat { rate_hz: 1000, channels: 2, samples: SampleKind::I16 };

fn at(ms: i64) -> Timestamp {
    Timestamp::from_nanos(ms * 1_000_000)
}

/// `frames` stereo frames that count up from `first`.
fn frames(first: i16, frames: i16) -> Vec<i16> {
    (first..first + frames).flat_map(|frame| [frame, -frame]).collect()
}

/// A block: its time in ms, its first frame, its left samples.
type Told = (i64, u64, Vec<i16>);

/// Everything that is there.
fn drain(reader: &mut BlockReader) -> (Vec<Told>, Vec<AudioGap>, Polled) {
    let mut block = AudioBlock::default();
    let (mut blocks, mut gaps) = (Vec::new(), Vec::new());
    loop {
        match reader.poll(&mut block) {
            Polled::Block => {
                let Samples::I16(samples) = &block.samples else { panic!("{block:?}") };
                let left = samples.iter().step_by(2).copied().collect();
                assert!(samples.chunks(2).all(|frame| frame[0] == -frame[1]));
                blocks.push((block.captured_at.as_nanos() / 1_000_000, block.first_frame, left));
            }
            Polled::Gap(gap) => gaps.push(gap),
            end => return (blocks, gaps, end),
        }
    }
}

#[test]
fn callbacks_of_any_length_become_blocks_of_one_length_with_their_times() {
    let (mut writer, mut reader) = audio_ring(STEREO, 20, 8);
    writer.write(&frames(0, 7), at(100));
    assert_eq!(drain(&mut reader), (vec![], vec![], Polled::Nothing));
    writer.write(&frames(7, 40), at(107));
    let (blocks, _, end) = drain(&mut reader);
    assert_eq!(blocks, [(100, 0, (0..20).collect()), (120, 20, (20..40).collect())]);
    assert_eq!(end, Polled::Nothing);
    // The rest comes when the stream ends.
    drop(writer);
    assert_eq!(drain(&mut reader), (vec![(140, 40, (40..47).collect())], vec![], Polled::Ended));
    assert_eq!(reader.frames_lost(), 0);
}

#[test]
fn a_slow_reader_loses_whole_frames_and_is_told_which() {
    let (mut writer, mut reader) = audio_ring(STEREO, 10, 2);
    for callback in 0..5 {
        writer.write(&frames(callback * 10, 10), at(i64::from(callback) * 10));
    }
    let gap = AudioGap { start: at(20), first_frame: 20, frames: 30, reason: AudioGapReason::Overrun };
    let (blocks, gaps, _) = drain(&mut reader);
    assert_eq!(blocks.len(), 2);
    // What is lost is told with the next block.
    assert_eq!(gaps, []);
    writer.write(&frames(50, 10), at(50));
    assert_eq!(drain(&mut reader), (vec![(50, 50, (50..60).collect())], vec![gap], Polled::Nothing));
    // And at the end where no block follows.
    for callback in 6..10 {
        writer.write(&frames(callback * 10, 10), at(i64::from(callback) * 10));
    }
    drop(writer);
    let (blocks, gaps, end) = drain(&mut reader);
    assert_eq!((blocks.len(), end), (2, Polled::Ended));
    assert_eq!(
        gaps,
        [AudioGap { start: at(80), first_frame: 80, frames: 20, reason: AudioGapReason::Overrun }]
    );
    assert_eq!(reader.frames_lost(), 50);
}

#[test]
fn what_the_device_loses_is_a_gap_of_the_time_that_is_missing() {
    let (mut writer, mut reader) = audio_ring(STEREO, 20, 8);
    let losses = writer.loss_reporter();
    writer.write(&frames(0, 15), at(0));
    // A late callback alone is no loss.
    writer.write(&frames(15, 15), at(18));
    losses.report();
    writer.write(&frames(30, 20), at(83));
    // Nor is one that is reported but leaves no hole.
    losses.report();
    writer.write(&frames(50, 20), at(103));
    // A jump of this size is one, reported or not.
    writer.write(&frames(70, 20), at(423));
    let (blocks, gaps, _) = drain(&mut reader);
    let gap = |start, first_frame, frames| AudioGap {
        start: at(start),
        first_frame,
        frames,
        reason: AudioGapReason::Device,
    };
    assert_eq!(gaps, [gap(33, 30, 50), gap(123, 120, 300)]);
    let firsts: Vec<_> = blocks.iter().map(|(ms, first, samples)| (*ms, *first, samples.len())).collect();
    assert_eq!(firsts, [(0, 0, 20), (23, 20, 10), (83, 80, 20), (103, 100, 20), (423, 420, 20)]);
}

#[test]
fn samples_are_stored_as_the_device_gives_them() {
    let mut stored = Samples::default();
    i16::append(&[i16::MIN, -1, 0, i16::MAX], &mut stored);
    u16::append(&[0, 0x7fff, 0x8000, u16::MAX], &mut stored);
    i8::append(&[i8::MIN, 1], &mut stored);
    u8::append(&[0, 0x80, 0x81], &mut stored);
    let expected = [i16::MIN, -1, 0, i16::MAX, i16::MIN, -1, 0, i16::MAX, i16::MIN, 256, i16::MIN, 0, 256];
    assert_eq!(stored, Samples::I16(expected.to_vec()));
    let mut bytes = Vec::new();
    Samples::I16(vec![1, -2]).append_le_bytes(&mut bytes);
    assert_eq!(bytes, [1, 0, 0xfe, 0xff]);

    let mut stored = Samples::F32(Vec::new());
    f32::append(&[0.1, -1.5], &mut stored);
    let i24 = [-8_388_608, 1, 8_388_607].map(|value| cpal::I24::new(value).unwrap());
    cpal::I24::append(&i24, &mut stored);
    let Samples::F32(samples) = &stored else { panic!() };
    assert_eq!(samples[..2], [0.1, -1.5]);
    let back: Vec<f64> = samples[2..].iter().map(|sample| f64::from(*sample) * 8_388_608.0).collect();
    assert_eq!(back, [-8_388_608.0, 1.0, 8_388_607.0]);
    i16::append(&[1], &mut stored);
    assert_eq!(stored.len(), 5);
}

#[test]
fn drift_is_found_under_jitter() {
    let mut drift = Drift::default();
    for block in 0..3000 {
        let counted_s = f64::from(block) * 0.02;
        let jitter_s = f64::from(block * 7919 % 1000) * 2e-6;
        drift.push(counted_s, Timestamp::from_secs_f64(5.0 + counted_s * (1.0 + 80e-6) + jitter_s));
        if block == 400 {
            assert_eq!(drift.ppm(), None);
        }
    }
    let ppm = drift.ppm().unwrap();
    assert!((ppm - 80.0).abs() < 3.0, "{ppm}");
}

#[test]
fn a_missing_microphone_is_explained() {
    let clock = crate::capture::SessionClock::start();
    let message = AudioSource::open(Some("no such microphone"), clock).unwrap_err().to_string();
    assert!(message.contains("microphone"), "{message}");
    match AudioSource::open(None, clock) {
        Ok(source) => assert!(source.info().format.rate_hz > 0),
        Err(error) => assert!(error.to_string().contains("microphone"), "{error}"),
    }
}
