//! Where a run stands after an epoch, as a file: a run that was cut off goes on from there and ends with the same weights.

use std::path::Path;

use super::TrainError;

/// First bytes of the file.
const MAGIC: &[u8; 16] = b"onset training 1";

/// A run after some epochs.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// Says for which parameters and pictures it is good.
    pub fingerprint: [u8; 32],
    /// Epochs done.
    pub epochs: usize,
    /// Steps in the running average, or of the optimiser.
    pub averaged_steps: usize,
    /// Numbers of the run, five lists whose meaning is the run's: weights, the optimiser's memory, what is kept of them.
    pub parts: [Vec<f32>; 5],
}

impl Checkpoint {
    /// Writes it, under another name first: a run that is cut off while writing leaves the one before.
    ///
    /// # Errors
    /// [`TrainError::File`].
    pub fn write(&self, path: &Path) -> Result<(), TrainError> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(self.fingerprint);
        for number in [self.epochs, self.averaged_steps] {
            bytes.extend((number as u64).to_le_bytes());
        }
        for part in &self.parts {
            bytes.extend((part.len() as u64).to_le_bytes());
            bytes.extend(part.iter().flat_map(|value| value.to_le_bytes()));
        }
        let unfinished = path.with_extension("part");
        std::fs::write(&unfinished, bytes).map_err(|error| TrainError::file(&unfinished, &error))?;
        std::fs::rename(&unfinished, path).map_err(|error| TrainError::file(path, &error))
    }

    /// Reads one.
    ///
    /// # Errors
    /// [`TrainError::File`] where there is none, where it is damaged, or where it belongs to other parameters or pictures.
    pub fn read(path: &Path, fingerprint: &[u8; 32]) -> Result<Self, TrainError> {
        let bytes = std::fs::read(path).map_err(|error| TrainError::file(path, &error))?;
        let wrong = |why: &str| TrainError::Checkpoint { path: path.to_owned(), why: why.to_owned() };
        let found = parse(&bytes).ok_or_else(|| wrong("it is damaged or no checkpoint"))?;
        if found.fingerprint != *fingerprint {
            return Err(wrong("it belongs to other options or pictures"));
        }
        Ok(found)
    }
}

fn parse(bytes: &[u8]) -> Option<Checkpoint> {
    let rest = bytes.strip_prefix(MAGIC)?;
    let (fingerprint, mut rest) = rest.split_first_chunk::<32>()?;
    let number = |rest: &mut &[u8]| -> Option<usize> {
        let (bytes, after) = rest.split_first_chunk::<8>()?;
        *rest = after;
        usize::try_from(u64::from_le_bytes(*bytes)).ok()
    };
    let (epochs, averaged_steps) = (number(&mut rest)?, number(&mut rest)?);
    let mut parts: [Vec<f32>; 5] = Default::default();
    for part in &mut parts {
        let len = number(&mut rest)?.checked_mul(4)?;
        let values = rest.get(..len)?;
        *part = values.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
        rest = &rest[len..];
    }
    rest.is_empty().then_some(Checkpoint { fingerprint: *fingerprint, epochs, averaged_steps, parts })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("run.ckpt");
        let parts = [vec![1.0, -2.0], vec![], vec![3.5], vec![0.1], vec![f32::MIN]];
        let checkpoint = Checkpoint { fingerprint: [7; 32], epochs: 3, averaged_steps: 99, parts };
        checkpoint.write(&path).unwrap();
        assert_eq!(Checkpoint::read(&path, &[7; 32]).unwrap(), checkpoint);
        let message = Checkpoint::read(&path, &[8; 32]).unwrap_err().to_string();
        assert!(message.contains("run.ckpt") && message.contains("other options"), "{message}");
        let bytes = std::fs::read(&path).unwrap();
        for bad in [&bytes[..bytes.len() - 1], b"nothing", &[]] {
            std::fs::write(&path, bad).unwrap();
            assert!(Checkpoint::read(&path, &[7; 32]).unwrap_err().to_string().contains("damaged"));
        }
    }
}
