//! The files of one coder: journal, table and lock. No other coder's file is ever opened.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::journal::{self, line_of};
use super::wire::{Answer, Batch, Refusal};
use super::{Candidates, Entry, LabelError, Op, Patch, Workbook, csv_file};

/// Folder of the codings in a dataset.
const FOLDER: &str = "codings";
const MAX_NAME: usize = 64;
/// Changes in one request: what a page may have kept while the server was away.
pub(super) const MAX_BATCH: usize = 500;
const MAX_CLIENT_NAME: usize = 40;

/// One coder at work. The lock is held as long as this lives.
pub struct Desk {
    coder: String,
    candidates: Candidates,
    workbook: Workbook,
    journal: File,
    journal_path: PathBuf,
    journal_len: u64,
    csv_path: PathBuf,
    /// What was found amiss on opening, for the terminal and the page.
    notices: Vec<String>,
    _lock: File,
}

impl Desk {
    /// Opens the work of `coder` on the candidates of `dataset`, or begins it.
    ///
    /// # Errors
    /// [`LabelError`]: a name that makes no file name, no candidates, a lock that is held, a damaged journal, or the system's.
    pub fn open(dataset: &Path, coder: &str, is_blind: bool, at_ms: u64) -> Result<Self, LabelError> {
        check_name(coder)?;
        let candidates = Candidates::read(dataset)?;
        let folder = dataset.join(FOLDER);
        fs::create_dir_all(&folder).map_err(LabelError::io("create", &folder))?;
        let lock = lock(&folder.join(format!(".{coder}.lock")), coder)?;

        let journal_path = folder.join(format!("{coder}.jsonl"));
        let mut options = OpenOptions::new();
        let mut journal = options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&journal_path)
            .map_err(LabelError::io("write", &journal_path))?;
        let mut bytes = Vec::new();
        journal.read_to_end(&mut bytes).map_err(LabelError::io("read", &journal_path))?;
        let read = journal::read(&bytes).map_err(|(line, why)| LabelError::Journal {
            path: journal_path.clone(),
            line,
            why,
        })?;

        let mut notices = candidates.unreadable.clone();
        if read.torn_bytes > 0 {
            notices.push(format!(
                "{}: the last line was not written to its end ({} bytes, a crash or a power cut): it is left out, at most one \
                 keystroke is lost",
                journal_path.display(),
                read.torn_bytes
            ));
        }
        let workbook = Workbook::replay(&read.entries);
        let strangers = workbook.codings().keys().filter(|id| candidates.get(id).is_none()).count();
        if strangers > 0 {
            notices.push(format!(
                "{strangers} coded candidates are no longer in the dataset: the journal keeps them, {coder}.csv leaves them out"
            ));
        }
        let mut desk = Self {
            coder: coder.to_owned(),
            candidates,
            workbook,
            journal,
            journal_len: read.whole_bytes as u64,
            csv_path: folder.join(format!("{coder}.csv")),
            journal_path,
            notices,
            _lock: lock,
        };
        desk.begin(read.lacks_line_break, is_blind, at_ms)?;
        Ok(desk)
    }

    /// Takes the torn end off and notes in the journal that the page was started.
    fn begin(&mut self, lacks_line_break: bool, is_blind: bool, at_ms: u64) -> Result<(), LabelError> {
        self.journal.set_len(self.journal_len).map_err(LabelError::io("write", &self.journal_path))?;
        if lacks_line_break {
            self.append("\n")?;
        }
        let op = Op::Open {
            version: journal::VERSION,
            coder: self.coder.clone(),
            onset: env!("CARGO_PKG_VERSION").to_owned(),
            blind: is_blind,
        };
        self.record(&Entry { at_ms, client: String::new(), n: 0, op })?;
        csv_file::write(&self.csv_path, &self.candidates, &self.workbook)?;
        // The names of new files, too. Not every file system can; those that can't need no such call.
        if let Some(folder) = self.journal_path.parent() {
            let _ = File::open(folder).and_then(|folder| folder.sync_all());
        }
        Ok(())
    }

    /// Name of the coder.
    pub fn coder(&self) -> &str {
        &self.coder
    }

    /// What there is to label.
    pub fn candidates(&self) -> &Candidates {
        &self.candidates
    }

    /// What was said so far.
    pub fn workbook(&self) -> &Workbook {
        &self.workbook
    }

    /// What was found amiss on opening.
    pub fn notices(&self) -> &[String] {
        &self.notices
    }

    /// How many candidates have a label.
    pub fn labelled(&self) -> usize {
        let is_labelled = |id: &str| self.workbook.codings().get(id).is_some_and(super::Coding::is_labelled);
        self.candidates.all.iter().filter(|candidate| is_labelled(&candidate.id)).count()
    }

    /// Carries out what a page sends, each change in the journal (and on the disk) before it is answered.
    ///
    /// # Errors
    /// [`LabelError`] where the journal cannot be written: what is not in the answer was not done, and may be sent again.
    pub(super) fn carry_out(&mut self, batch: &Batch, at_ms: u64) -> Result<Answer, LabelError> {
        let mut refused = Vec::new();
        let mut touched = None;
        for change in batch.ops.iter().take(MAX_BATCH) {
            if batch.client.len() > MAX_CLIENT_NAME || change.n == 0 {
                refused.push(Refusal { n: change.n, why: "this is not a request of our page".to_owned() });
                continue;
            }
            if self.workbook.has_seen(&batch.client, change.n) {
                continue;
            }
            match self.checked(&change.op) {
                Err(why) => refused.push(Refusal { n: change.n, why }),
                Ok(None) => {}
                Ok(Some(op)) => {
                    let entry = Entry { at_ms, client: batch.client.clone(), n: change.n, op };
                    touched = self.record(&entry)?.or(touched);
                }
            }
        }
        let table = csv_file::write(&self.csv_path, &self.candidates, &self.workbook);
        let changed =
            self.workbook.changed_since(batch.seen).map(|(id, coding)| (id.clone(), coding)).collect();
        let (undo, redo) = self.workbook.undo_depth();
        Ok(Answer {
            revision: self.workbook.revision(),
            changed,
            touched,
            undo,
            redo,
            refused,
            warning: table.err().map(|error| format!("saved in the journal, but {error}")),
        })
    }

    /// The change as the journal shall hold it; `None` where it changes nothing.
    fn checked(&self, op: &Op) -> Result<Option<Op>, String> {
        match op {
            Op::Set { id, set } => {
                let candidate =
                    self.candidates.get(id).ok_or("there is no such candidate; reload the page")?;
                let set: Patch = set.clone().in_one_form()?;
                let before = self.workbook.coding(id);
                let after = before.with(&set);
                after.check(candidate)?;
                Ok((before != after).then(|| Op::Set { id: id.clone(), set }))
            }
            Op::Undo if self.workbook.undo_depth().0 == 0 => Err("there is nothing to undo".to_owned()),
            Op::Redo if self.workbook.undo_depth().1 == 0 => Err("there is nothing to make again".to_owned()),
            Op::Undo | Op::Redo => Ok(Some(op.clone())),
            Op::Open { .. } => Err("this is not a request of our page".to_owned()),
        }
    }

    /// Into the journal first, then into the state.
    fn record(&mut self, entry: &Entry) -> Result<Option<String>, LabelError> {
        let line = line_of(entry)
            .map_err(|why| LabelError::io("write", &self.journal_path)(std::io::Error::other(why)))?;
        self.append(&line)?;
        Ok(self.workbook.apply(entry))
    }

    /// Appends and waits for the disk. Where that fails, the journal keeps its old end.
    fn append(&mut self, text: &str) -> Result<(), LabelError> {
        let write = |file: &mut File, at: u64| {
            file.seek(SeekFrom::Start(at))?;
            file.write_all(text.as_bytes())?;
            file.sync_data()
        };
        match write(&mut self.journal, self.journal_len) {
            Ok(()) => {
                self.journal_len += text.len() as u64;
                Ok(())
            }
            Err(error) => {
                // Should this fail, too, the next write begins at the old end all the same.
                let _ = self.journal.set_len(self.journal_len);
                Err(LabelError::io("write", &self.journal_path)(error))
            }
        }
    }
}

fn check_name(coder: &str) -> Result<(), LabelError> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if (1..=MAX_NAME).contains(&coder.len()) && coder.chars().all(is_plain) {
        return Ok(());
    }
    Err(LabelError::CoderName { name: coder.to_owned() })
}

/// Takes the coder's lock, which the system gives back however this program ends.
fn lock(path: &Path, coder: &str) -> Result<File, LabelError> {
    let mut options = OpenOptions::new();
    let mut file = options
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .map_err(LabelError::io("create", path))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut pid = String::new();
            // Only for the message; where it cannot be read, the message does without.
            let _ = file.read_to_string(&mut pid);
            let by = match pid.trim() {
                "" => String::new(),
                pid => format!(" (process {})", pid.chars().take(20).collect::<String>()),
            };
            return Err(LabelError::Locked { coder: coder.to_owned(), by, path: path.to_owned() });
        }
        Err(TryLockError::Error(error)) => return Err(LabelError::io("lock", path)(error)),
    }
    let write = |file: &mut File| {
        file.set_len(0)?;
        writeln!(file, "{}", std::process::id())
    };
    write(&mut file).map_err(LabelError::io("write", path))?;
    Ok(file)
}
