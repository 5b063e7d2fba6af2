//! Files onto the disk: all of them or none, so that a build that fails or is killed leaves the last good ones.

use crate::cache::Change;
use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::text;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// A file that is to be written: where, its bytes, its pages where it has any.
pub type File = (PathBuf, Vec<u8>, Option<usize>);

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
    let staged = files.into_par_iter().map(|file| batch.stage(file)).collect::<Option<_>>()?;
    batch.place(staged)
}

/// Files that are written together: all of them take their places or none.
pub(crate) struct Batch<'a> {
    sink: &'a Sink,
    /// The folders that are written in.
    workshops: Mutex<BTreeMap<PathBuf, Workshop>>,
}

/// A file that waits beside its place.
pub(crate) struct Waiting(Staged, Written);

impl<'a> Batch<'a> {
    pub fn new(sink: &'a Sink) -> Batch<'a> {
        Batch { sink, workshops: Mutex::default() }
    }

    /// Writes a file beside its final name.
    pub fn stage(&self, (path, bytes, pages): File) -> Option<Waiting> {
        let write = || {
            if path.is_dir() {
                return Err(std::io::Error::other("a folder of this name is in the way"));
            }
            if let Some(folder) = path.parent() {
                // A bare name is of the folder in which the program was called.
                let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
                let mut workshops = self.workshops.lock().unwrap_or_else(PoisonError::into_inner);
                if !workshops.contains_key(folder) {
                    workshops.insert(folder.to_owned(), Workshop::open(folder)?);
                }
            }
            let staged = Staged::beside(&path);
            std::fs::write(&staged.0, &bytes).map(|()| staged)
        };
        match write() {
            Ok(staged) => Some(Waiting(staged, Written { path, bytes: bytes.len(), pages })),
            Err(error) => {
                cannot_write(&path, &error, self.sink);
                None
            }
        }
    }

    /// Puts the files into their places.
    pub fn place(self, files: Vec<Waiting>) -> Option<Vec<Written>> {
        let mut done = Vec::new();
        for Waiting(staged, written) in files {
            if let Err(error) = std::fs::rename(&staged.0, &written.path) {
                cannot_write(&written.path, &error, self.sink);
                return None;
            }
            done.push(written);
        }
        Some(done)
    }
}

/// Writes what is kept for the next build, which nobody misses if it cannot be written.
pub(crate) fn keep(path: &Path, change: Change) {
    drop(match change {
        Change::More(bytes) => std::fs::File::options().append(true).open(path).and_then(|mut file| file.write_all(&bytes)),
        Change::Whole(bytes) => {
            let staged = Staged::beside(path);
            std::fs::write(&staged.0, bytes).and_then(|()| std::fs::rename(&staged.0, path))
        }
    });
}

/// What the names of files that are not in their place yet end with, after a dot and the number of the process.
const PART: &str = ".part";

/// A file beside its final name. It goes if it does not take its place.
struct Staged(PathBuf);

impl Staged {
    fn beside(path: &Path) -> Staged {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        Staged(path.with_file_name(format!(".{name}.{}{PART}", std::process::id())))
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
