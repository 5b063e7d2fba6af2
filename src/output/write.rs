//! Files onto the disk: all of them or none, so that a build that fails or is killed leaves the last good ones.

use crate::cache::Change;
use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::text;
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

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
///
/// What is `kept` for the next build is written beside them, and missed by nobody if it cannot be.
pub(crate) fn write_all(files: Vec<File>, kept: Option<(PathBuf, Change)>, sink: &Sink) -> Option<Vec<Written>> {
    if let Some((path, ..)) = files.iter().find(|(path, ..)| path.is_dir()) {
        let error = std::io::Error::other("a folder of this name is in the way");
        cannot_write(path, &error, sink);
        return None;
    }
    // A bare name is of the folder in which the program was called.
    let named = |folder: &Path| if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder.to_owned() };
    let folders: BTreeSet<PathBuf> = files.iter().filter_map(|(path, ..)| path.parent().map(named)).collect();
    let mut workshops = Vec::new();
    for folder in folders {
        match Workshop::open(&folder) {
            Ok(workshop) => workshops.push(workshop),
            Err(error) => {
                cannot_write(&folder, &error, sink);
                return None;
            }
        }
    }
    let keep = || {
        drop(kept.map(|(path, change)| match change {
            Change::More(bytes) => std::fs::File::options().append(true).open(path).and_then(|mut file| file.write_all(&bytes)),
            Change::Whole(bytes) => {
                let file = Staged::beside(&path);
                std::fs::write(&file.0, bytes).and_then(|()| std::fs::rename(&file.0, path))
            }
        }));
    };
    let stage = |(path, bytes, pages): File| {
        let file = Staged::beside(&path);
        match std::fs::write(&file.0, &bytes) {
            Ok(()) => Some((file, Written { path, bytes: bytes.len(), pages })),
            Err(error) => {
                cannot_write(&path, &error, sink);
                None
            }
        }
    };
    let (staged, ()) = rayon::join(|| files.into_par_iter().map(stage).collect::<Option<Vec<(Staged, Written)>>>(), keep);
    let mut done = Vec::new();
    for (file, written) in staged? {
        if let Err(error) = std::fs::rename(&file.0, &written.path) {
            cannot_write(&written.path, &error, sink);
            return None;
        }
        done.push(written);
    }
    Some(done)
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
