//! Against the real liblsl: between two instances in this process, and with a program in Python.
//!
//! Skipped with a line that says so where there is none. `LSL_LIB` names the library, `ONSET_LSL_PYTHON` a Python that
//! has pylsl (`pip install pylsl` brings both: the library lies in `site-packages/pylsl/lib`).

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use super::*;
use crate::capture::SessionClock;
use crate::session::Marker;

/// Polls of 20 ms until a test gives up: a minute.
const POLLS: usize = 3000;
/// What a clock comparison over the loopback of a busy machine may be off.
const TOLERANCE_S: f64 = 0.05;

fn lsl() -> Option<Lsl> {
    match Lsl::open() {
        Ok(lsl) => Some(lsl),
        Err(error) => {
            eprintln!("skipped: {error}");
            None
        }
    }
}

/// Polls until `count` markers that begin with `name` have come, calling `each` before every poll. Others are dropped:
/// tests run side by side, and there may be other programs on the network.
fn receive(
    inlet: &mut MarkerInlet,
    clock: SessionClock,
    (name, count): (&str, usize),
    mut each: impl FnMut(),
) -> Vec<Marker> {
    let mut markers = Vec::new();
    for _ in 0..POLLS {
        each();
        markers.extend(inlet.poll(clock.now()).into_iter().filter(|marker| marker.name.starts_with(name)));
        if markers.len() >= count {
            return markers;
        }
        thread::sleep(Duration::from_millis(20));
    }
    panic!("{} of {count} markers {name} came: {markers:?}", markers.len());
}

#[test]
fn markers_go_from_one_instance_to_another_and_not_to_oneself() {
    let (Some(here), Some(there)) = (lsl(), lsl()) else { return };
    eprintln!("liblsl {}", here.version());
    let clock = SessionClock::start();
    let mut outlet = MarkerOutlet::open(&there).unwrap();
    let mut own = MarkerOutlet::open(&here).unwrap();
    let mut inlet = MarkerInlet::open(&here).unwrap();
    let at = Timestamp::from_secs_f64(-3.25);
    let mut sent = 0;
    let markers = receive(&mut inlet, clock, ("block", 1), || {
        own.push_marker("block 0: mine", clock.now(), clock.now()).unwrap();
        if sent == 0 && outlet.has_consumers() {
            outlet.push_marker("block 1: äöü \"x\"", at, clock.now()).unwrap();
            sent += 1;
        }
        // Another test's inlet may have been the consumer: again for ours.
        if sent > 0 {
            sent = (sent + 1) % 50;
        }
    });
    // And not the first, which was our own.
    assert_eq!((markers[0].name.as_str(), markers[0].origin.as_str()), ("block 1: äöü \"x\"", "lsl"));
    assert!((markers[0].t_s + 3.25).abs() < TOLERANCE_S, "{markers:?}");
    // One stream of this test at least; other programs on the network may have others.
    assert!(inlet.streams().contains(&"Onset".to_owned()));
}

/// Receives our two streams, sends three markers, says with `repr` what it saw and sent.
const PYTHON: &str = r#"
import sys, threading, time, pylsl
outlet = pylsl.StreamOutlet(pylsl.StreamInfo("Paradigm", "Markers", 1, 0, "string", "paradigm-of-a-test"))
def find(source):
    found = pylsl.resolve_byprop("source_id", source, timeout=60)
    assert found, "no stream " + source
    inlet = pylsl.StreamInlet(found[0])
    inlet.open_stream(60)
    return inlet
markers, frames = find(sys.argv[1] + "-markers"), find(sys.argv[1] + "-frames")
info = frames.info()
label = info.desc().child("channels").child("channel")
print("streams", markers.info().name(), markers.info().type(), info.channel_count(), info.nominal_srate(),
      label.child_value("label"), sep="|", flush=True)
sample, stamp = markers.pull_sample(timeout=60)
print("marker", sample[0], repr(stamp), sep="|", flush=True)
sample, stamp = frames.pull_sample(timeout=60)
print("frame", repr(sample[0]), repr(sample[1]), repr(stamp), sep="|", flush=True)
connected = threading.Event()
threading.Thread(target=lambda: (sys.stdin.readline(), connected.set()), daemon=True).start()
while not connected.wait(0.05):
    outlet.push_sample(["hello"])
for number in range(3):
    stamp = pylsl.local_clock() - 1.5 + number
    outlet.push_sample(["go %d" % number], stamp)
    print("sent", repr(stamp), sep="|", flush=True)
time.sleep(3)  # an outlet that closes takes what was not sent with it
"#;

#[test]
fn a_python_program_receives_our_streams_and_is_received() {
    let Some(lsl) = lsl() else { return };
    let Some(python) = std::env::var_os("ONSET_LSL_PYTHON") else {
        eprintln!("skipped: ONSET_LSL_PYTHON names no Python with pylsl");
        return;
    };
    let clock = SessionClock::start();
    let mut outlet = MarkerOutlet::open(&lsl).unwrap();
    let mut frames = FrameOutlet::open(&lsl).unwrap();
    let mut inlet = MarkerInlet::open(&lsl).unwrap();
    let mut child = Command::new(python)
        .args(["-c", PYTHON, &lsl.source])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut line =
        || -> Vec<String> { lines.next().unwrap().unwrap().split('|').map(str::to_owned).collect() };
    assert_eq!(line(), ["streams", "Onset", "Markers", "2", "0.0", "frame"]);

    // A moment of two seconds before the session began, and a frame of half a second before now.
    let at = Timestamp::from_secs_f64(-2.0);
    let (now, lsl_now_s) = (clock.now(), lsl.library.clock_s());
    outlet.push_marker("step anger-01", at, now).unwrap();
    let captured_at = now - Duration::from_millis(500);
    frames.push_frame(7, captured_at, now).unwrap();
    let marker = line();
    assert_eq!(marker[..2], ["marker", "step anger-01"]);
    let stamp_s: f64 = marker[2].parse().unwrap();
    assert!((lsl_now_s - stamp_s - now.seconds_since(at)).abs() < TOLERANCE_S, "{marker:?}");
    let frame: Vec<f64> = line()[1..].iter().map(|number| number.parse().unwrap()).collect();
    assert_eq!(frame[..2], [7.0, captured_at.as_secs_f64()]);
    assert!((lsl_now_s - frame[2] - 0.5).abs() < TOLERANCE_S, "{frame:?}");

    // Once its stream is connected, the program is told to go on.
    receive(&mut inlet, clock, ("hello", 1), || ());
    child.stdin.take().unwrap().write_all(b"\n").unwrap();
    let markers = receive(&mut inlet, clock, ("go ", 3), || ());
    for (number, marker) in markers.iter().enumerate() {
        let stamp_s: f64 = line()[1].parse().unwrap();
        let expected_s = clock.now().as_secs_f64() - (lsl.library.clock_s() - stamp_s);
        assert_eq!(marker.name, format!("go {number}"));
        assert!((marker.t_s - expected_s).abs() < TOLERANCE_S, "{marker:?}, expected at {expected_s}");
        eprintln!("{}: {:.3} ms off", marker.name, (marker.t_s - expected_s) * 1000.0);
    }
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_missing_library_is_explained() {
    let why = in_words(&Library::load(std::ffi::OsStr::new("/nowhere/liblsl.so")).err().unwrap());
    let named = LslError::Named { path: "/nowhere/liblsl.so".into(), why };
    let message = named.to_string();
    assert!(
        message.starts_with("LSL_LIB=/nowhere/liblsl.so: ")
            && message.matches("liblsl.so").count() > 1
            && message.contains("name the file of liblsl"),
        "{message}"
    );
    let missing = LslError::Missing { tried: "tried liblsl.so".to_owned() }.to_string();
    assert!(missing.contains("tried liblsl.so") && missing.contains("LSL_LIB"), "{missing}");
    // Another library is not taken for it.
    #[cfg(target_os = "linux")]
    assert!(Library::load(std::ffi::OsStr::new("libm.so.6")).is_err());
}
