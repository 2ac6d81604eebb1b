//! Plays frames into a v4l2loopback device: the camera of the tests in `tests/camera/`.
//!
//! `camera-feeder DEVICE WIDTHxHEIGHT FOURCC NUM/DEN FOLDER STEP...`: NUM/DEN are frames a second, FOLDER holds one file a
//! frame, and steps are `play=N` (frames, round and round), `short=N` (frames cut to half their bytes) and
//! `rest=SECONDS` (nothing, with the device held open).

#[cfg(target_os = "linux")]
mod linux {
    #![expect(clippy::disallowed_methods, reason = "a camera runs in real time")]

    use std::io::Write as _;
    use std::time::{Duration, Instant};
    use std::{env, fs};

    use anyhow::{Context as _, Result, bail};
    use v4l::buffer::Type;
    use v4l::io::mmap::Stream;
    use v4l::io::traits::Stream as _;
    use v4l::video::Output as _;
    use v4l::video::output::Parameters;
    use v4l::{Device, Format, FourCC, Fraction};

    pub(super) fn run() -> Result<()> {
        let args: Vec<String> = env::args().skip(1).collect();
        let [device, size, code, rate, folder, steps @ ..] = args.as_slice() else {
            bail!("usage: camera-feeder DEVICE WIDTHxHEIGHT FOURCC NUM/DEN FOLDER STEP...");
        };
        let (width, height) = pair(size, 'x')?;
        let (num, den) = pair(rate, '/')?;
        let code: [u8; 4] = code.as_bytes().try_into().context("FOURCC has four letters")?;
        let frames = frames_of(folder)?;
        let mut device = Device::with_path(device).with_context(|| device.clone())?;
        let given = device.set_format(&Format::new(width, height, FourCC::new(&code)))?;
        if (given.width, given.height, given.fourcc.repr) != (width, height, code) {
            bail!("the device gives {given}");
        }
        device.set_params(&Parameters::new(Fraction::new(den, num)))?;
        // Frames are written, which numbers them; but only a stream that was started makes v4l2loopback forget its feeder
        // when that ends.
        let mut stream = Stream::with_buffers(&device, Type::VideoOutput, 4)?;
        stream.start()?;
        let period = Duration::from_secs_f64(f64::from(den) / f64::from(num));
        let mut next = 0;
        for step in steps {
            let (what, amount) = step.split_once('=').context("a step is WHAT=AMOUNT")?;
            if what == "rest" {
                std::thread::sleep(Duration::from_secs_f64(amount.parse()?));
                continue;
            }
            let mut due = Instant::now();
            for _ in 0..amount.parse::<usize>()? {
                let frame = frames.get(next % frames.len()).context("no frames")?;
                let end = if what == "short" { frame.len() / 2 } else { frame.len() };
                device.write_all(&frame[..end])?;
                next += 1;
                due += period;
                // After a pause from outside (SIGSTOP) it goes on as before, and does not catch up.
                if due + Duration::from_millis(500) < Instant::now() {
                    due = Instant::now();
                }
                std::thread::sleep(due.saturating_duration_since(Instant::now()));
            }
        }
        println!("feeder: {next} frames");
        Ok(())
    }

    fn pair(text: &str, between: char) -> Result<(u32, u32)> {
        let (a, b) = text.split_once(between).with_context(|| format!("{text}: expected A{between}B"))?;
        Ok((a.parse()?, b.parse()?))
    }

    fn frames_of(folder: &str) -> Result<Vec<Vec<u8>>> {
        let mut paths: Vec<_> =
            fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
        paths.sort();
        if paths.is_empty() {
            bail!("{folder}: there are no frames");
        }
        Ok(paths.iter().map(fs::read).collect::<std::io::Result<_>>()?)
    }
}

#[cfg(target_os = "linux")]
fn main() -> anyhow::Result<()> {
    linux::run()
}

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("camera-feeder: v4l2loopback is a driver of Linux");
}
