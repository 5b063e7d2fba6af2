//! Files onto the disk: all of them or none, so that a build that fails or is killed leaves the last good ones.

use super::{Pieces, length_of};
use crate::cache::Change;
use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::text;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// A file that is to be written: where, its bytes, its pages where it has any.
pub type File = (PathBuf, Vec<u8>, Option<usize>);

/// The same, its bytes in pieces.
pub(crate) type InPieces<'a> = (PathBuf, Pieces<'a>, Option<usize>);

/// How many bytes are written at a time where the pieces are shorter.
const TOGETHER: usize = 1 << 18;

/// A file that was made.
#[derive(Clone, Debug)]
pub struct Written {
    /// Where it is.
    pub path: PathBuf,
    /// Its size in bytes.
    pub bytes: usize,
    /// Its pages, where it has any.
    pub pages: Option<usize>,
}

/// Writes every file beside its final name, then renames them: a build that fails or is killed leaves the last good files.
pub(crate) fn write_all(files: Vec<File>, sink: &Sink) -> Option<Vec<Written>> {
    let batch = Batch::new(sink);
    // What is in the way is told before anything is written.
    if !files.iter().all(|(path, ..)| batch.open(path)) {
        return None;
    }
    let staged: Vec<Option<Waiting>> =
        files.into_par_iter().map(|(path, bytes, pages)| batch.stage((path, vec![bytes.into()], pages))).collect();
    batch.place(staged.into_iter().collect::<Option<_>>()?)
}

/// Files that are written together: all of them take their places or, unless the system dies meanwhile, none.
pub(crate) struct Batch<'a> {
    sink: &'a Sink,
    /// The folders that are written in; `None` for one that cannot be.
    workshops: Mutex<BTreeMap<PathBuf, Option<Workshop>>>,
}

/// A file that waits beside its place.
pub(crate) struct Waiting(Staged, Written);

impl<'a> Batch<'a> {
    /// One without files.
    pub fn new(sink: &'a Sink) -> Batch<'a> {
        Batch { sink, workshops: Mutex::default() }
    }

    /// Makes sure that a file can be written in its folder, and tells what is in the way.
    fn open(&self, path: &Path) -> bool {
        if path.is_dir() {
            cannot_write(path, &std::io::Error::other("a folder of this name is in the way"), self.sink);
            return false;
        }
        let Some(folder) = path.parent() else { return true };
        let open = || {
            // A bare name is of the folder in which the program was called.
            let opened = Workshop::open(if folder.as_os_str().is_empty() { Path::new(".") } else { folder });
            opened.inspect_err(|error| cannot_write(folder, error, self.sink)).ok()
        };
        let mut workshops = self.workshops.lock().unwrap_or_else(PoisonError::into_inner);
        workshops.entry(folder.to_owned()).or_insert_with(open).is_some()
    }

    /// Writes a file beside its final name.
    pub fn stage(&self, (path, bytes, pages): InPieces<'_>) -> Option<Waiting> {
        if !self.open(&path) {
            return None;
        }
        let staged = Staged::beside(&path, "");
        let write = || {
            let mut file = BufWriter::with_capacity(TOGETHER, std::fs::File::create(&staged.0)?);
            bytes.iter().try_for_each(|piece| file.write_all(piece))?;
            file.flush()
        };
        if let Err(error) = write() {
            cannot_write(&path, &error, self.sink);
            return None;
        }
        Some(Waiting(staged, Written { path, bytes: length_of(&bytes), pages }))
    }

    /// Puts the files into their places. Where one cannot take its own, those before it give theirs back to what was there.
    pub fn place(&self, files: Vec<Waiting>) -> Option<Vec<Written>> {
        let mut done: Vec<(Written, Before)> = Vec::new();
        for Waiting(staged, written) in files {
            let before = Before::of(&written.path);
            if let Err(error) = std::fs::rename(&staged.0, &written.path) {
                cannot_write(&written.path, &error, self.sink);
                done.into_iter().for_each(|(written, before)| before.put_back(&written.path));
                return None;
            }
            done.push((written, before));
        }
        let (written, before): (Vec<Written>, Vec<Before>) = done.into_iter().unzip();
        // To give up a large file takes the system a while.
        before.into_par_iter().for_each(drop);
        Some(written)
    }
}

/// What was in a file's place.
enum Before {
    Nothing,
    /// A file, which has a second name now.
    Kept(Staged),
    /// A file, where the system knows no second names.
    Lost,
}

impl Before {
    fn of(path: &Path) -> Before {
        let second = Staged::beside(path, "before");
        match std::fs::hard_link(path, &second.0) {
            Ok(()) => Before::Kept(second),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Before::Nothing,
            Err(_) => Before::Lost,
        }
    }

    /// Puts it back. A file that took the place of one that is lost stays: it is whole.
    fn put_back(self, path: &Path) {
        match self {
            Before::Nothing => drop(std::fs::remove_file(path)),
            Before::Kept(second) => drop(std::fs::rename(&second.0, path)),
            Before::Lost => {}
        }
    }
}

/// Writes what is kept for the next build, which nobody misses if it cannot be written.
pub(crate) fn keep(path: &Path, change: Change) {
    drop(match change {
        Change::More(bytes) => std::fs::File::options().append(true).open(path).and_then(|mut file| file.write_all(&bytes)),
        Change::Whole(bytes) => {
            let staged = Staged::beside(path, "");
            std::fs::write(&staged.0, bytes).and_then(|()| std::fs::rename(&staged.0, path))
        }
    });
}

/// What the names of files that are not in their place yet end with, after a dot and the number of the process.
const PART: &str = ".part";

/// A file beside its final name. It goes if it does not take its place.
struct Staged(PathBuf);

impl Staged {
    /// One of a file's, of which there may be another.
    fn beside(path: &Path, other: &str) -> Staged {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        Staged(path.with_file_name(format!(".{name}{other}.{}{PART}", std::process::id())))
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        // Where it has taken its place it is no longer here.
        drop(std::fs::remove_file(&self.0));
    }
}

/// A folder in which this process writes. A file that the system unlocks when the process ends, however it ends, says so.
struct Workshop {
    _sign: Staged,
    _lock: std::fs::File,
}

impl Workshop {
    /// Opens a folder, and removes what processes have left in it that were killed.
    fn open(folder: &Path) -> std::io::Result<Workshop> {
        std::fs::create_dir_all(folder)?;
        let left: Vec<(u32, PathBuf)> =
            std::fs::read_dir(folder)?.flatten().filter_map(|entry| Some((owner(&entry.path())?, entry.path()))).collect();
        for (number, path) in &left {
            if is_dead(folder, *number) {
                drop(std::fs::remove_file(path));
            }
        }
        let sign = Staged(sign(folder, std::process::id()));
        let lock = std::fs::File::create(&sign.0)?;
        // Where a file system has no locks, what was left stays.
        drop(lock.try_lock());
        Ok(Workshop { _sign: sign, _lock: lock })
    }
}

/// The file that says that a process writes in a folder.
fn sign(folder: &Path, number: u32) -> PathBuf {
    folder.join(format!(".banxin.{number}{PART}"))
}

/// The process that a file which is not in its place yet is of.
fn owner(path: &Path) -> Option<u32> {
    path.file_name()?.to_str()?.strip_prefix('.')?.strip_suffix(PART)?.rsplit_once('.')?.1.parse().ok()
}

/// Whether a process no longer writes in a folder: it is the last to remove its sign, and to unlock it.
fn is_dead(folder: &Path, number: u32) -> bool {
    std::fs::File::options()
        .write(true)
        .open(sign(folder, number))
        .map_or_else(|error| error.kind() == std::io::ErrorKind::NotFound, |file| file.try_lock().is_ok())
}

fn cannot_write(path: &Path, error: &std::io::Error, sink: &Sink) {
    let shown = path.display().to_string();
    let report = Diagnostic::new(Code::CannotWrite, text!("cannot write {shown}: {error}", "无法写入 {shown}：{error}"));
    sink.report(report.advise(text!(
        "close the file where it is open, free the folder for writing, or make room on the disk",
        "若文件正被打开请先关闭，或检查目录的写入权限与磁盘空间"
    )));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_one_file_cannot_take_its_place_none_does() {
        let folder = std::env::temp_dir().join(format!("banxin-batch-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = |name: &str| folder.join(name);
        std::fs::write(path("old"), "before").unwrap();
        let sink = Sink::default();
        let batch = Batch::new(&sink);
        let stage = |name: &str| batch.stage((path(name), vec![b"after".into()], None)).unwrap();
        let waiting = vec![stage("old"), stage("new"), stage("taken")];
        // It comes into the way when all has been written.
        std::fs::create_dir(path("taken")).unwrap();
        assert!(batch.place(waiting).is_none() && sink.has_errors());
        drop(batch);
        let mut names: Vec<_> = std::fs::read_dir(&folder).unwrap().flatten().map(|entry| entry.file_name()).collect();
        names.sort();
        assert_eq!((names, std::fs::read(path("old")).unwrap()), (vec!["old".into(), "taken".into()], b"before".to_vec()));
        std::fs::remove_dir_all(folder).unwrap();
    }
}
