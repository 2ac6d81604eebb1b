//! A scripted camera: each opening takes the next [`Act`].

use std::sync::{Arc, Mutex};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded};

use super::*;

pub(super) const WIDTH: u32 = 4;
pub(super) const HEIGHT: u32 = 2;

/// What one opening of the fake does.
pub(super) enum Act {
    Refuse(CameraFault),
    /// Never returns from opening until the test lets go.
    HangOpening,
    /// Delivers as the steps say; when they run out, blocks for ever as a stalled camera does.
    Run(Vec<Step>),
    Panic,
}

#[derive(Clone)]
pub(super) enum Step {
    /// This many frames, 2 ms apart.
    Frames(u32),
    /// One frame with so many bytes.
    Bytes(Vec<u8>),
    /// One frame with a driver stamp of this age.
    Aged(Duration),
    /// One frame with this sequence number of the driver.
    Numbered(u32),
    /// One frame that the driver calls broken.
    Broken,
    /// So many reads that end without a frame, 2 ms each.
    Silent(u32),
    Fail(CameraFault),
    /// Frames without any pause.
    Burst(u32),
    /// Waits until the test says so.
    Wait(Receiver<()>),
}

pub(super) struct Fake {
    pub(super) acts: Mutex<std::vec::IntoIter<Act>>,
    /// Closed when the test ends: lets every blocked thread go.
    pub(super) release: Receiver<()>,
    pub(super) format: CameraFormat,
    /// The thread of each opening.
    pub(super) threads: Mutex<Vec<String>>,
    /// What each opening asked for.
    pub(super) asked: Mutex<Vec<DeviceChoice>>,
}

struct FakeStream {
    steps: std::vec::IntoIter<Step>,
    current: Option<Step>,
    release: Receiver<()>,
}

impl CameraBackend for Fake {
    fn open(&self, request: &CameraRequest) -> Result<OpenedCamera, CameraFault> {
        self.threads.lock().unwrap().push(std::thread::current().name().unwrap_or_default().to_owned());
        self.asked.lock().unwrap().push(request.device.clone());
        let act = self.acts.lock().unwrap().next();
        let steps = match act {
            None => return Err(CameraFault::Gone("no more acts".to_owned())),
            Some(Act::Refuse(fault)) => return Err(fault),
            Some(Act::Panic) => panic!("the fake driver crashes, as the test wants"),
            Some(Act::HangOpening) => {
                let _ = self.release.recv();
                return Err(CameraFault::Failed("let go".to_owned()));
            }
            Some(Act::Run(steps)) => steps,
        };
        let warnings =
            request.controls.gain.map(|_| "Fake: gain was not set".to_owned()).into_iter().collect();
        Ok(OpenedCamera {
            name: "Fake Camera".to_owned(),
            format: self.format,
            warnings,
            stream: Box::new(FakeStream {
                steps: steps.into_iter(),
                current: None,
                release: self.release.clone(),
            }),
        })
    }
}

impl CameraStream for FakeStream {
    fn read(&mut self, data: &mut Vec<u8>) -> Result<Option<FrameNote>, CameraFault> {
        data.clear();
        data.resize((WIDTH * HEIGHT * 2) as usize, 100);
        let mut note = FrameNote::default();
        loop {
            match self.current.take().or_else(|| self.steps.next()) {
                Some(Step::Frames(0) | Step::Burst(0)) => continue,
                Some(Step::Frames(left)) => {
                    self.current = Some(Step::Frames(left - 1));
                    std::thread::sleep(Duration::from_millis(2));
                    return Ok(Some(note));
                }
                Some(Step::Burst(left)) => {
                    self.current = Some(Step::Burst(left - 1));
                    return Ok(Some(note));
                }
                Some(Step::Wait(go)) => {
                    let _ = go.recv();
                }
                Some(Step::Bytes(bytes)) => {
                    *data = bytes;
                    return Ok(Some(note));
                }
                Some(Step::Aged(age)) => {
                    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
                    note.stamp = Some(DriverStamp::Wall(now - age));
                    return Ok(Some(note));
                }
                Some(Step::Numbered(sequence)) => {
                    std::thread::sleep(Duration::from_millis(2));
                    note.sequence = Some(sequence);
                    return Ok(Some(note));
                }
                Some(Step::Broken) => {
                    note.is_broken = true;
                    return Ok(Some(note));
                }
                Some(Step::Silent(0)) => continue,
                Some(Step::Silent(left)) => {
                    self.current = Some(Step::Silent(left - 1));
                    std::thread::sleep(Duration::from_millis(2));
                    return Ok(None);
                }
                Some(Step::Fail(fault)) => return Err(fault),
                None => {
                    let _ = self.release.recv();
                    return Err(CameraFault::Failed("let go".to_owned()));
                }
            }
        }
    }
}

pub(super) fn fake(acts: Vec<Act>) -> (Arc<Fake>, Sender<()>) {
    fake_with(acts, CameraPixels::Yuyv)
}

pub(super) fn fake_with(acts: Vec<Act>, pixels: CameraPixels) -> (Arc<Fake>, Sender<()>) {
    let (hold, release) = bounded(0);
    let format = CameraFormat { width: WIDTH, height: HEIGHT, fps: 100.0, pixels };
    let (threads, asked) = (Mutex::new(Vec::new()), Mutex::new(Vec::new()));
    (Arc::new(Fake { acts: Mutex::new(acts.into_iter()), release, format, threads, asked }), hold)
}
