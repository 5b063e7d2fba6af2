//! banxin (版心) turns one book, a manifest and a hierarchy of Markdown chapters, into a typeset EPUB and a
//! typeset PDF. Data flows one way: manifest, book, document, layout, output; see `src/README.md`.
//!
//! [`open`] reads a book, [`check`] looks it over, [`build`] makes its files. Problems go to a
//! [`diagnostic::Sink`]; nothing here prints.

pub mod book;
pub mod check;
pub mod cli;
pub mod diagnostic;
pub mod document;
pub mod font;
pub mod import;
pub mod label;
pub mod layout;
pub mod length;
pub mod manifest;
pub mod output;
pub mod repair;
pub mod script;
pub mod source;
pub mod style;

use diagnostic::{Code, Diagnostic, Sink};
use output::{Input, Need, Output, pdf};
use rayon::prelude::*;
use source::Sources;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A book that was read and whose parts fit together.
pub struct Project {
    /// The manifest.
    pub loaded: manifest::Loaded,
    /// The text.
    pub manuscript: document::Manuscript,
    /// The look.
    pub style: style::Style,
    /// The fonts.
    pub fonts: font::Fonts,
}

impl Project {
    fn input<'a>(&'a self, pages: Option<&'a layout::Pages>, early: &'a [pdf::Early], sink: &'a Sink) -> Input<'a> {
        let Project { loaded, manuscript, style, fonts } = self;
        Input { loaded, manuscript, style, fonts, pages, early, sink }
    }
}

/// Reads the book in a folder. `None` after an error was reported.
pub fn open(root: &Path, sources: &mut Sources, sink: &Sink) -> Option<Project> {
    let loaded = manifest::load(root, sources, sink)?;
    let fonts = sink.timed(text!("fonts", "字体"), || font::Fonts::load(&loaded, sink));
    let book = sink.timed(text!("reading", "读入"), || book::load(&loaded, sources, sink))?;
    let manuscript = sink.timed(text!("parsing", "解析"), || document::assemble(&loaded, &book, sources, sink))?;
    let style = style::Style::resolve(&loaded.manifest);
    Some(Project { loaded, manuscript, style, fonts: fonts? })
}

/// Looks a book over: characters without a font, numbering, marks, headings, what a proofreader would find. `sources` are those that
/// it was read into.
pub fn check(project: &Project, sources: &Sources, sink: &Sink) {
    check::coverage(project, sink);
    check::pending(project, sink);
    check::math(project, sink);
    check::certified(project, sink);
    check::lint(project, sources, sink);
}

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

/// Makes the outputs and writes them below `dist/`, all of them or, where an error was reported, none. Calls
/// `progress` with the share of the layout that is done, 0 to 1.
pub fn build(project: &Project, outputs: &[&dyn Output], sink: &Sink, progress: &(dyn Fn(f64) + Sync)) -> Option<Vec<Written>> {
    let files = render(project, outputs, sink, progress)?;
    sink.timed(text!("writing", "写出"), || write_all(files, sink))
}

/// A file that is to be written: where, its bytes, its pages where it has any.
pub type File = (PathBuf, Vec<u8>, Option<usize>);

/// Makes the outputs as [`build`] does, and writes none.
pub fn render(project: &Project, outputs: &[&dyn Output], sink: &Sink, progress: &(dyn Fn(f64) + Sync)) -> Option<Vec<File>> {
    sink.timed(text!("checking", "检查"), || {
        check::coverage(project, sink);
        check::pending(project, sink);
        check::math(project, sink);
        check::certified(project, sink);
    });
    if sink.has_errors() {
        return None;
    }
    let Project { loaded, manuscript, style, fonts } = project;
    let need = outputs.iter().map(|output| output.needs(&project.input(None, &[], sink))).max().unwrap_or(Need::Nothing);
    let press = (need == Need::Drawing).then(|| pdf::Press::new(loaded, style, fonts));
    let take = press.as_ref().map(|press| |pages: &mut [&mut Vec<layout::Item>], elements: &[layout::Element]| press.take(pages, elements));
    let take: Option<&layout::Take<'_, pdf::Early>> = take.as_ref().map(|take| take as _);
    let lay_out = || layout::lay_out_and(manuscript, loaded, style, fonts, sink, progress, take);
    let laid = (need > Need::Nothing).then(|| sink.timed(text!("layout", "排版"), lay_out));
    let (pages, early) = laid.unzip();
    let early = early.unwrap_or_default();
    let input = project.input(pages.as_ref(), &early, sink);
    let rendered: Vec<_> = outputs.par_iter().map(|output| sink.timed(output.step(), || output.render(&input))).collect();
    let mut files = Vec::new();
    let name = file_name(project);
    for result in rendered {
        match result {
            Ok(made) => files.extend(made.into_iter().map(|file| {
                let path = project.loaded.root.join("dist").join(format!("{name}{}", file.suffix));
                (path, file.bytes, file.pages)
            })),
            Err(problem) => sink.report(problem),
        }
    }
    (!sink.has_errors()).then_some(files)
}

/// The name of the outputs: the manifest's, or the title made safe for every file system.
pub(crate) fn file_name(project: &Project) -> String {
    let wanted = project.loaded.manifest.output.name.as_ref().unwrap_or(project.loaded.manifest.book.title.get_ref());
    let safe: String = wanted.chars().map(|c| if c.is_control() || "/\\:*?\"<>|".contains(c) { '_' } else { c }).collect();
    let mut short = String::new();
    for c in safe.trim().trim_matches('.').chars() {
        // Most file systems end a name at 255 bytes.
        if short.len() + c.len_utf8() > 180 {
            break;
        }
        short.push(c);
    }
    if short.is_empty() { "book".into() } else { short }
}

/// Writes every file beside its final name, then renames them: a build that fails or is killed leaves the last good files.
pub(crate) fn write_all(files: Vec<File>, sink: &Sink) -> Option<Vec<Written>> {
    if let Some((path, ..)) = files.iter().find(|(path, ..)| path.is_dir()) {
        let error = std::io::Error::other("a folder of this name is in the way");
        cannot_write(path, &error, sink);
        return None;
    }
    let folders: BTreeSet<PathBuf> = files.iter().filter_map(|(path, ..)| Some(path.parent()?.to_owned())).collect();
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
    let mut staged: Vec<(Staged, Written)> = Vec::new();
    for (path, bytes, pages) in files {
        let file = Staged::beside(&path);
        if let Err(error) = std::fs::write(&file.0, &bytes) {
            cannot_write(&path, &error, sink);
            return None;
        }
        staged.push((file, Written { path, bytes: bytes.len(), pages }));
    }
    let mut done = Vec::new();
    for (file, written) in staged {
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
        let sign = Workshop::sign(folder, std::process::id());
        let lock = std::fs::File::create(&sign.0)?;
        // Where a file system has no locks, what was left stays.
        drop(lock.try_lock());
        Ok(Workshop { _sign: sign, _lock: lock })
    }

    fn sign(folder: &Path, number: u32) -> Staged {
        Staged(folder.join(format!(".banxin.{number}{PART}")))
    }
}

/// The process that a file which is not in its place yet is of.
fn owner(path: &Path) -> Option<u32> {
    path.file_name()?.to_str()?.strip_prefix('.')?.strip_suffix(PART)?.rsplit_once('.')?.1.parse().ok()
}

/// Whether a process no longer writes in a folder: it is the last to remove its sign, and to unlock it.
fn is_dead(folder: &Path, number: u32) -> bool {
    let sign = folder.join(format!(".banxin.{number}{PART}"));
    std::fs::File::options()
        .write(true)
        .open(sign)
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
