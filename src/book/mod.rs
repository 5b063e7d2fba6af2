//! The chapter tree: which files make the book, in which order and depth, from `[[chapters]]` or from
//! mdBook's `SUMMARY.md`. Files are read here and parsed later.

mod include;
mod summary;

use crate::diagnostic::{Code, Diagnostic, Sink, Text};
use crate::manifest::{ChapterEntry, Loaded, Matter, not_utf8};
use crate::source::{FileId, ReadError, Sources, Span, read_text, resolve, shown};
use crate::text;
use memchr::memmem;
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The chapter tree in reading order.
#[derive(Clone, Debug, Default)]
pub struct Book {
    /// Parts and chapters, in order.
    pub entries: Vec<Entry>,
}

/// One part or chapter.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What it is.
    pub kind: EntryKind,
    /// The title in the manifest or the summary.
    pub title: Option<String>,
    /// Depth in the tree, from 0.
    pub depth: usize,
    /// Front, main or back matter.
    pub matter: Matter,
}

/// The kinds of entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A part page; the title is its text.
    Part,
    /// A chapter's file.
    Chapter {
        /// Below the book's folder.
        path: PathBuf,
        /// Its text.
        file: FileId,
    },
}

/// An entry as listed, before its file is read.
struct Listed {
    path: Option<(String, Span)>,
    title: Option<String>,
    depth: usize,
    matter: Matter,
}

/// Reads the tree and the files it names. `None` where errors were reported that leave nothing to build.
pub fn load(loaded: &Loaded, sources: &mut Sources, sink: &Sink) -> Option<Book> {
    let src = PathBuf::from(&loaded.manifest.book.src);
    let listed = if loaded.manifest.chapters.is_empty() {
        let path = src.join("SUMMARY.md");
        match sources.read(&loaded.root, &path) {
            Ok(file) => summary::read(file, &sources.get(file).text.clone(), sink),
            Err(ReadError::NotUtf8(at)) => {
                sink.report(not_utf8(&shown(&path), at));
                return None;
            }
            Err(ReadError::Io(error)) if error.kind() == std::io::ErrorKind::NotFound => {
                let path = shown(&path);
                let report = Diagnostic::new(Code::EmptyBook, text!("the book names no chapters", "书中没有列出任何章节"));
                let advice = text!(
                    "add [[chapters]] with file = \"…\" to book.toml, or write {path}",
                    "在 book.toml 里写 [[chapters]] 与 file = \"…\"，或写一份 {path}"
                );
                sink.report(report.in_file("book.toml").advise(advice));
                return None;
            }
            Err(error) => {
                let advice = text!("put the file itself into the book's folder", "请把文件本身放进书的目录");
                sink.report(unreadable(&shown(&path), &error).advise(advice));
                return None;
            }
        }
    } else {
        let mut listed = Vec::new();
        from_manifest(loaded, &loaded.manifest.chapters, 0, Matter::Main, &mut listed);
        listed
    };
    let mut book = Book::default();
    let mut seen: BTreeSet<PathBuf> = BTreeSet::new();
    let mut good = true;
    let base = src.join("book");
    let below: Vec<Option<PathBuf>> = listed.iter().map(|entry| entry.path.as_ref().and_then(|(path, _)| resolve(&base, path))).collect();
    // All at once: to wait for one file after another takes longer than to read them.
    let texts: Vec<Option<Result<Arc<str>, ReadError>>> =
        below.par_iter().map(|below| below.as_ref().map(|below| read_text(&loaded.root, below))).collect();
    for ((entry, below), text) in listed.into_iter().zip(below).zip(texts) {
        let Some((path, place)) = entry.path else {
            book.entries.push(Entry { kind: EntryKind::Part, title: entry.title, depth: entry.depth, matter: entry.matter });
            continue;
        };
        let (Some(below), Some(text)) = (below, text) else {
            let report = Diagnostic::new(Code::OutsideBook, text!("\"{path}\" lies outside the book's folder", "“{path}”在书的目录之外"));
            sink.report(report.at(place).advise(text!("copy the file below {0}", "把文件放到 {0} 之下", shown(&src))));
            good = false;
            continue;
        };
        if seen.contains(&below) {
            let report = Diagnostic::new(Code::RepeatedFile, text!("\"{path}\" is named twice", "“{path}”出现了两次"));
            sink.report(report.at(place).advise(text!("remove one of the two", "删去其中一处")));
            good = false;
            continue;
        }
        match text {
            Ok(text) => {
                let file = add_chapter(&loaded.root, &below, text, sources, sink);
                seen.insert(below.clone());
                let kind = EntryKind::Chapter { path: below, file };
                book.entries.push(Entry { kind, title: entry.title, depth: entry.depth, matter: entry.matter });
            }
            Err(ReadError::NotUtf8(at)) => {
                sink.report(not_utf8(&shown(&below), at));
                good = false;
            }
            Err(error) => {
                let shown = shown(&below);
                let advice = match &error {
                    ReadError::Io(_) => advice_for_missing(&loaded.root, &below),
                    _ => text!("put the file itself into the book's folder", "请把文件本身放进书的目录"),
                };
                sink.report(unreadable(&shown, &error).at(place).advise(advice));
                good = false;
            }
        }
    }
    good.then_some(book)
}

/// A file that cannot be read.
fn unreadable(shown: &str, error: &ReadError) -> Diagnostic {
    let Text { en, zh } = Text::from(error);
    let code = if matches!(error, ReadError::Outside) { Code::OutsideBook } else { Code::MissingFile };
    Diagnostic::new(code, text!("cannot read {shown}: {en}", "无法读取 {shown}：{zh}"))
}

/// Adds a chapter with the files it includes.
fn add_chapter(root: &Path, below: &Path, text: Arc<str>, sources: &mut Sources, sink: &Sink) -> FileId {
    let file = sources.keep(shown(below), text.clone());
    if memmem::find(text.as_bytes(), b"{{#").is_none() {
        return file;
    }
    sources.replace(file, &include::expand(root, below, file, &text, sink))
}

/// Names the file of the same name that does exist, or what to do.
fn advice_for_missing(root: &Path, below: &Path) -> crate::diagnostic::Text {
    let wanted = below.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let folder = root.join(below).parent().map(Path::to_path_buf).unwrap_or_default();
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .map(|entries| entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect())
        .unwrap_or_default();
    names.sort();
    let near = names.iter().map(|name| (strsim::damerau_levenshtein(name, &wanted), name)).filter(|(distance, _)| *distance <= 3).min();
    match near {
        Some((_, near)) => text!("did you mean \"{near}\"?", "是否想写“{near}”？"),
        None => text!("write the file, or remove the entry", "补上这个文件，或删去这一条"),
    }
}

fn from_manifest(loaded: &Loaded, entries: &[ChapterEntry], depth: usize, matter: Matter, out: &mut Vec<Listed>) {
    for entry in entries {
        let own = if entry.matter == Matter::Main { matter } else { entry.matter };
        let path = entry.file.as_ref().map(|file| (file.get_ref().clone(), loaded.span(file)));
        if let (Some(part), Some(_)) = (&entry.part, &path) {
            // A part page, and the chapter right after it.
            out.push(Listed { path: None, title: Some(part.clone()), depth, matter: own });
        }
        let title = entry.title.clone().or_else(|| if path.is_none() { entry.part.clone() } else { None });
        if path.is_some() || title.is_some() {
            out.push(Listed { path, title, depth, matter: own });
        }
        let below = if entry.part.is_some() && entry.file.is_none() { depth } else { depth + 1 };
        from_manifest(loaded, &entry.chapters, below, own, out);
    }
}
