//! The motion of one recording, frame by frame: what training keeps of a video.

use std::io::{self, Read, Write};

use crate::types::{LANDMARK_COUNT, Landmarks, PatchMotion};

const MAGIC: &[u8; 8] = b"ONSETTR2";
/// Anything larger is a damaged file: a day at 240 frames a second.
const MAX_FRAMES: u32 = 86_400 * 240;

/// Motion of the points that the network sees (`spot::network::points`), for every frame.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Track {
    /// Points in each frame.
    pub point_count: usize,
    /// Frame times, in seconds from the recording's start.
    pub at_s: Vec<f64>,
    /// The face that was followed; `None` where there was none.
    pub faces: Vec<Option<u32>>,
    /// Speed of the head, in ICD a second.
    pub head_speeds: Vec<f32>,
    /// `point_count` for each frame, with or without a face.
    pub points: Vec<PatchMotion>,
    /// The first landmarks that were good enough to follow, in image pixels.
    pub landmarks: Option<Box<Landmarks>>,
}

impl Track {
    /// Number of frames.
    pub fn len(&self) -> usize {
        self.at_s.len()
    }

    /// No frames.
    pub fn is_empty(&self) -> bool {
        self.at_s.is_empty()
    }

    /// Seconds from the first to the last frame.
    pub fn duration_s(&self) -> f64 {
        match (self.at_s.first(), self.at_s.last()) {
            (Some(first), Some(last)) => last - first,
            _ => 0.0,
        }
    }

    /// The points of one frame.
    pub fn frame(&self, index: usize) -> &[PatchMotion] {
        self.points.get(index * self.point_count..(index + 1) * self.point_count).unwrap_or_default()
    }

    /// Adds a frame; `points` are empty without a face.
    pub fn push(&mut self, at_s: f64, face: Option<u32>, head_speed: f32, points: &[PatchMotion]) {
        self.at_s.push(at_s);
        self.faces.push(face);
        self.head_speeds.push(head_speed);
        self.points.extend_from_slice(points);
        self.points.resize(self.at_s.len() * self.point_count, PatchMotion::default());
    }

    /// Writes it, little-endian.
    ///
    /// # Errors
    /// The writer's.
    pub fn write(&self, to: &mut impl Write) -> io::Result<()> {
        to.write_all(MAGIC)?;
        to.write_all(&u32::try_from(self.len()).unwrap_or(u32::MAX).to_le_bytes())?;
        to.write_all(&u32::try_from(self.point_count).unwrap_or(u32::MAX).to_le_bytes())?;
        to.write_all(&[u8::from(self.landmarks.is_some())])?;
        for value in self.landmarks.iter().flat_map(|landmarks| landmarks.as_flattened()) {
            to.write_all(&value.to_le_bytes())?;
        }
        for index in 0..self.len() {
            to.write_all(&self.at_s[index].to_le_bytes())?;
            to.write_all(&[u8::from(self.faces[index].is_some())])?;
            to.write_all(&self.faces[index].unwrap_or(0).to_le_bytes())?;
            to.write_all(&self.head_speeds[index].to_le_bytes())?;
            for point in self.frame(index) {
                to.write_all(&point.displacement_icd[0].to_le_bytes())?;
                to.write_all(&point.displacement_icd[1].to_le_bytes())?;
                to.write_all(&[u8::from(point.is_valid)])?;
            }
        }
        Ok(())
    }

    /// Reads what [`Track::write`] wrote.
    ///
    /// # Errors
    /// The reader's, or `InvalidData` for anything else than a whole track.
    pub fn read(from: &mut impl Read) -> io::Result<Self> {
        let damaged = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
        if &bytes::<8>(from)? != MAGIC {
            return Err(damaged("not a track"));
        }
        let frames = u32::from_le_bytes(bytes(from)?);
        let point_count = u32::from_le_bytes(bytes(from)?) as usize;
        if frames > MAX_FRAMES || point_count > 10_000 {
            return Err(damaged("impossible counts"));
        }
        let mut track = Self { point_count, ..Self::default() };
        if bytes::<1>(from)? == [1] {
            let mut landmarks = Box::new([[0.0; 3]; LANDMARK_COUNT]);
            for value in landmarks.as_flattened_mut() {
                *value = f32::from_le_bytes(bytes(from)?);
            }
            track.landmarks = Some(landmarks);
        }
        for _ in 0..frames {
            track.at_s.push(f64::from_le_bytes(bytes(from)?));
            let has_face = bytes::<1>(from)? == [1];
            let face = u32::from_le_bytes(bytes(from)?);
            track.faces.push(has_face.then_some(face));
            track.head_speeds.push(f32::from_le_bytes(bytes(from)?));
            for _ in 0..point_count {
                let displacement_icd = [f32::from_le_bytes(bytes(from)?), f32::from_le_bytes(bytes(from)?)];
                track.points.push(PatchMotion { displacement_icd, is_valid: bytes::<1>(from)? == [1] });
            }
        }
        match from.read(&mut [0])? {
            0 => Ok(track),
            _ => Err(damaged("it goes on after its end")),
        }
    }
}

fn bytes<const N: usize>(from: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn track() -> Track {
        let mut track = Track { point_count: 2, ..Track::default() };
        let patch = |x: f32, is_valid| PatchMotion { displacement_icd: [x, -x], is_valid };
        track.push(0.0, Some(3), 0.5, &[patch(0.01, true), patch(0.02, false)]);
        track.push(0.04, None, 0.0, &[]);
        track.landmarks = Some(Box::new([[1.5; 3]; LANDMARK_COUNT]));
        track
    }

    #[test]
    fn reads_back_what_was_written() {
        let mut bytes = Vec::new();
        track().write(&mut bytes).unwrap();
        assert_eq!(Track::read(&mut bytes.as_slice()).unwrap(), track());
        assert_eq!(track().frame(1), [PatchMotion::default(); 2]);
    }

    #[test]
    fn damaged_files_are_errors() {
        let mut bytes = Vec::new();
        track().write(&mut bytes).unwrap();
        for end in [0, 7, 12, 100, bytes.len() - 1] {
            assert!(Track::read(&mut &bytes[..end]).is_err(), "cut at {end}");
        }
        let mut longer = bytes.clone();
        longer.push(0);
        assert!(Track::read(&mut longer.as_slice()).is_err());
        bytes[0] ^= 1;
        assert!(Track::read(&mut bytes.as_slice()).is_err());
    }
}
