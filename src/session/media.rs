//! The file behind the streams: plain, or encrypted while it is written; and the way back.

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, Read, Seek, Write};
use std::path::{Path, PathBuf};

use super::{SessionError, files};

/// Bytes that are read at once.
const READ_BYTES: usize = 256 << 10;

/// Where `session.mcap` is written to.
pub(super) enum MediaFile {
    Plain(File),
    Encrypted(Box<age::stream::StreamWriter<File>>),
}

impl MediaFile {
    /// Creates the file, which must not be there, and gives a second handle for syncing.
    pub(super) fn create(
        dir: &Path,
        recipients: &[Recipient],
    ) -> Result<(Self, File, PathBuf), SessionError> {
        let name = if recipients.is_empty() { files::MEDIA } else { files::ENCRYPTED_MEDIA };
        let path = dir.join(name);
        // For reading too: what a vanished folder still holds can be saved.
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(&path);
        let file = file.map_err(SessionError::io("create", &path))?;
        let handle = file.try_clone().map_err(SessionError::io("open", &path))?;
        Ok((encrypting(file, recipients, &path)?, handle, path))
    }

    /// Writes what encryption holds back: the file is whole then.
    pub(super) fn finish(self) -> io::Result<File> {
        match self {
            Self::Plain(file) => Ok(file),
            Self::Encrypted(writer) => writer.finish(),
        }
    }
}

/// `file` as it is, or encrypted to the recipients from here on.
pub(super) fn encrypting(
    file: File,
    recipients: &[Recipient],
    path: &Path,
) -> Result<MediaFile, SessionError> {
    if recipients.is_empty() {
        return Ok(MediaFile::Plain(file));
    }
    let keys = recipients.iter().map(|recipient| &recipient.key as &dyn age::Recipient);
    let locked = |why: String| SessionError::Locked { path: path.to_owned(), why };
    let encryptor = age::Encryptor::with_recipients(keys).map_err(|error| locked(error.to_string()))?;
    let writer = encryptor.wrap_output(file).map_err(SessionError::io("write", path))?;
    Ok(MediaFile::Encrypted(Box::new(writer)))
}

impl Write for MediaFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(file) => file.write(bytes),
            Self::Encrypted(writer) => writer.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(file) => file.flush(),
            Self::Encrypted(writer) => writer.flush(),
        }
    }
}

/// Somebody that a session is encrypted to.
#[derive(Clone, Debug)]
pub struct Recipient {
    key: age::x25519::Recipient,
}

impl Recipient {
    /// Reads `age1...`.
    ///
    /// # Errors
    /// What would be right.
    pub fn parse(text: &str) -> Result<Self, String> {
        let key = text.parse().map_err(|why: &str| {
            format!("{text} is not an age recipient ({why}): it begins with age1; `age-keygen` makes one with its identity file")
        })?;
        Ok(Self { key })
    }
}

impl std::fmt::Display for Recipient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.key.fmt(f)
    }
}

/// Keys that open encrypted sessions.
#[derive(Default)]
pub struct Identities(Vec<Box<dyn age::Identity + Send + Sync>>);

impl Identities {
    /// Reads identity files, as `age-keygen` writes them.
    ///
    /// # Errors
    /// [`SessionError::Locked`], naming the file that cannot be used.
    pub fn load(paths: &[PathBuf]) -> Result<Self, SessionError> {
        let mut all: Vec<Box<dyn age::Identity + Send + Sync>> = Vec::new();
        for path in paths {
            let locked = |why: String| SessionError::Locked { path: path.clone(), why };
            let text = std::fs::read_to_string(path).map_err(SessionError::io("read", path))?;
            let mut count = 0;
            for (index, line) in text.lines().enumerate() {
                let line = line.trim();
                if line.is_empty() || line.starts_with('#') {
                    continue;
                }
                let key: age::x25519::Identity = line.parse().map_err(|why| {
                    locked(format!(
                        "line {} is no identity ({why}); use a file that `age-keygen` made",
                        index + 1
                    ))
                })?;
                all.push(Box::new(key));
                count += 1;
            }
            if count == 0 {
                return Err(locked(
                    "there is no identity in it; use a file that `age-keygen` made".to_owned(),
                ));
            }
        }
        Ok(Self(all))
    }
}

/// Bytes that can be skipped.
pub(super) trait ReadSeek: Read + Seek + Send {}
impl<T: Read + Seek + Send> ReadSeek for T {}

/// The media of a session, decrypted if need be.
pub(super) struct Opened {
    pub(super) input: BufReader<Box<dyn ReadSeek>>,
    pub(super) path: PathBuf,
    /// Bytes on the disk; the content has no more.
    pub(super) bytes: u64,
    pub(super) is_encrypted: bool,
}

/// The media file of a session folder, encrypted or not; `None` where there is none.
pub fn media_of(dir: &Path) -> Option<PathBuf> {
    [files::MEDIA, files::ENCRYPTED_MEDIA].into_iter().map(|name| dir.join(name)).find(|path| path.is_file())
}

/// Opens the media of a session folder.
pub(super) fn open(dir: &Path, identities: &Identities) -> Result<Opened, SessionError> {
    let plain = dir.join(files::MEDIA);
    let encrypted = dir.join(files::ENCRYPTED_MEDIA);
    let is_encrypted = !plain.exists() && encrypted.exists();
    let path = if is_encrypted { encrypted } else { plain };
    let file = File::open(&path).map_err(SessionError::io("open", &path))?;
    let bytes = file.metadata().map_err(SessionError::io("read", &path))?.len();
    let input: Box<dyn ReadSeek> =
        if is_encrypted { decrypted(file, identities, &path)? } else { Box::new(file) };
    Ok(Opened { input: BufReader::with_capacity(READ_BYTES, input), path, bytes, is_encrypted })
}

fn decrypted(file: File, identities: &Identities, path: &Path) -> Result<Box<dyn ReadSeek>, SessionError> {
    let locked = |why: &str| SessionError::Locked { path: path.to_owned(), why: why.to_owned() };
    if identities.0.is_empty() {
        return Err(locked("it is encrypted; give the key with --identity FILE"));
    }
    let decryptor = age::Decryptor::new(file).map_err(|error| SessionError::Locked {
        path: path.to_owned(),
        why: format!("it is damaged: {error}"),
    })?;
    let keys = identities.0.iter().map(|key| key.as_ref() as &dyn age::Identity);
    let reader = decryptor.decrypt(keys).map_err(|error| match error {
        age::DecryptError::NoMatchingKeys => {
            locked("it is encrypted to somebody else; give the right key with --identity FILE")
        }
        other => SessionError::Locked { path: path.to_owned(), why: format!("it cannot be opened: {other}") },
    })?;
    Ok(Box::new(reader))
}
