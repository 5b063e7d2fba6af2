//! Books that are Markdown already: an mdBook, a GitBook (HonKit), a folder of Markdown files, one file. Each file stays a file, put
//! right where it needs it.

use super::{Book, Chapter, doubts};
use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::document::{self, Prose};
use crate::repair::encoding::decode;
use crate::repair::{Change, Entry, File, Rule};
use crate::source::{FileId, percent_decode, resolve, shown};
use crate::text;
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Bytes of all files of a book that are read.
const LARGEST: u64 = 512 << 20;
/// Folders that hold no text of the book.
const SKIPPED: &[&str] = &["node_modules", "_book", "dist", "target"];
/// Kinds of files that go along with the text.
const ALONG: &[&str] = &["png", "jpg", "jpeg", "gif", "webp", "svg"];

/// Makes a book of a folder, or of a Markdown file.
pub(super) fn book(source: &Path, title: Option<&str>, confidence: f32, sink: &Sink) -> Option<Book> {
    if source.is_file() {
        let root = source.parent().unwrap_or(Path::new("")).to_owned();
        let name = source.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut reader = Reader::new(root, PathBuf::new(), confidence, sink);
        let to = format!("{}.md", name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem));
        reader.chapter(&name, &to)?;
        reader.divide(&to);
        let stem = source.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        reader.shown_images();
        return reader.finish(title.map(str::to_owned).or(stem), None);
    }
    let read = |name: &str| std::fs::read(source.join(name)).ok().map(|bytes| decode(&bytes).text);
    if let Some(manifest) = read("book.toml") {
        return mdbook(source, &manifest, title, confidence, sink);
    }
    let config: serde_json::Value =
        ["book.json", "package.json"].iter().find_map(|name| serde_json::from_str(&read(name)?).ok()).unwrap_or_default();
    let root = config
        .get("root")
        .and_then(|root| root.as_str())
        .map_or_else(PathBuf::new, |root| resolve(Path::new(""), root).unwrap_or_default());
    let summary = config.pointer("/structure/summary").and_then(|name| name.as_str()).unwrap_or("SUMMARY.md");
    let title = title.map(str::to_owned).or_else(|| config.get("title")?.as_str().map(str::to_owned));
    let author = config.get("author").and_then(|author| author.as_str()).map(str::to_owned);
    let mut reader = Reader::new(source.join(&root), root, confidence, sink);
    if reader.root.join(summary).is_file() {
        reader.gitbook(summary)?;
    } else {
        reader.files()?;
    }
    reader.book.authors.extend(author);
    let stem = source.canonicalize().ok().and_then(|path| Some(path.file_name()?.to_string_lossy().into_owned()));
    reader.finish(title, stem)
}

/// An mdBook: its `SUMMARY.md` is read as it is, by `build`.
fn mdbook(source: &Path, manifest: &str, title: Option<&str>, confidence: f32, sink: &Sink) -> Option<Book> {
    let config: toml::Table = toml::from_str(manifest).unwrap_or_default();
    let book = config.get("book").and_then(|book| book.as_table()).cloned().unwrap_or_default();
    let value = |key: &str| book.get(key).and_then(|value| value.as_str()).map(str::to_owned);
    let src = resolve(Path::new(""), &value("src").unwrap_or_else(|| "src".into())).unwrap_or_default();
    let mut reader = Reader::new(source.join(&src), src, confidence, sink);
    if reader.root.join("SUMMARY.md").is_file() {
        reader.gitbook("SUMMARY.md")?;
    } else {
        reader.files()?;
    }
    let authors = book.get("authors").and_then(|list| list.as_array()).into_iter().flatten();
    reader.book.authors.extend(authors.filter_map(|author| author.as_str().map(str::to_owned)));
    let stem = source.canonicalize().ok().and_then(|path| Some(path.file_name()?.to_string_lossy().into_owned()));
    reader.finish(title.map(str::to_owned).or_else(|| value("title")), stem)
}

struct Reader<'a> {
    /// The folder of the text.
    root: PathBuf,
    /// That folder, in the source's: paths in the ledger are the source's.
    within: PathBuf,
    confidence: f32,
    sink: &'a Sink,
    book: Book,
    seen: BTreeSet<String>,
    bytes: u64,
}

impl<'a> Reader<'a> {
    fn new(root: PathBuf, within: PathBuf, confidence: f32, sink: &'a Sink) -> Reader<'a> {
        Reader { root, within, confidence, sink, book: Book::default(), seen: BTreeSet::new(), bytes: 0 }
    }

    /// Reads a file below the root. `None` after an error was reported.
    fn read(&mut self, name: &str) -> Option<Vec<u8>> {
        let path = self.root.join(name);
        // What a link of the file system leads to may lie anywhere.
        let inside = path.canonicalize().ok().zip(self.root.canonicalize().ok()).is_some_and(|(path, root)| path.starts_with(root));
        let size = std::fs::metadata(&path).map_or(0, |data| data.len());
        self.bytes += size;
        if self.bytes > LARGEST {
            let most = LARGEST >> 20;
            let report = Diagnostic::new(Code::TooLarge, text!("the book has more than {most} MB", "全书超过 {most} MB"));
            self.sink.report(report.in_file(name).advise(text!("leave out what is not part of it", "去掉不属于本书的文件")));
            return None;
        }
        match std::fs::read(&path) {
            Ok(bytes) if inside => Some(bytes),
            _ => {
                let report = Diagnostic::new(Code::MissingFile, text!("cannot read {name}", "无法读取 {name}"));
                self.sink.report(
                    report.in_file(name).advise(text!("remove it from the list, or restore the file", "从列表中去掉，或恢复该文件")),
                );
                None
            }
        }
    }

    /// A Markdown file, as it goes into the book under a name.
    fn chapter(&mut self, name: &str, to: &str) -> Option<()> {
        if !self.seen.insert(name.to_owned()) {
            return Some(());
        }
        let bytes = self.read(name)?;
        let decoded = decode(&bytes);
        let path = shown(&self.within.join(name));
        if decoded.binary {
            let report = Diagnostic::new(Code::NothingToImport, text!("{path} is no text", "{path} 不是文本"));
            self.sink.report(report.in_file(path).advise(text!("remove it from the list", "从列表中去掉它")));
            return None;
        }
        doubts(&decoded, &path, self.sink);
        let file = File::new(path, format!("src/{to}"), decoded.form, &bytes);
        self.book.entries.push((Entry { file, changes: Vec::new() }, decoded.text));
        Some(())
    }

    /// Divides a file that holds several chapters: each first-level heading begins a file of its own.
    fn divide(&mut self, to: &str) {
        let Some((entry, text)) = self.book.entries.last_mut() else { return };
        let starts: Vec<usize> = headings(text).filter(|(level, _)| *level == 1).map(|(_, at)| at).collect();
        let [first, _, ..] = starts.as_slice() else {
            return self.book.chapters.push(Chapter { file: Some(to.to_owned()), ..Chapter::default() });
        };
        let digits = starts.len().to_string().len().max(2);
        let front = text.get(..*first).is_some_and(|front| !front.trim().is_empty());
        if front {
            entry.file.to = "src/front.md".into();
            self.book.chapters.push(Chapter {
                file: Some("front.md".into()),
                title: Some("前言".into()),
                matter: Some("front"),
                ..Chapter::default()
            });
        }
        for (number, at) in starts.into_iter().enumerate() {
            let file = format!("ch{:0digits$}.md", number + 1);
            if number == 0 && !front {
                entry.file.to = format!("src/{file}");
            } else {
                let mut change = Change::new(Rule::File, at, "", "");
                change.to = Some(format!("src/{file}"));
                entry.changes.push(change);
            }
            self.book.chapters.push(Chapter { file: Some(file), ..Chapter::default() });
        }
    }

    /// A list of chapters as mdBook and GitBook write it, copied with what `build` can follow.
    fn gitbook(&mut self, summary: &str) -> Option<()> {
        let text = decode(&self.read(summary)?).text;
        let mut out = String::new();
        for line in text.lines() {
            let indent: String = line.chars().take_while(|c| c.is_whitespace()).collect();
            let body = line.trim();
            let link = body.split_once("](").and_then(|(before, after)| Some((before.split_once('[')?.1, after.split_once(')')?.0)));
            let Some((label, target)) = link else {
                let item = body.strip_prefix(['-', '*', '+']).map(str::trim).filter(|item| !item.is_empty());
                match item.filter(|item| !item.chars().all(|c| "-*_ ".contains(c))) {
                    // A chapter that is not written yet.
                    Some(item) => out += &format!("{indent}- [{item}]()\n"),
                    None => out += &format!("{line}\n"),
                }
                continue;
            };
            let target = target.trim().trim_matches(['<', '>']);
            let path = crate::source::percent_decode(target.split(['#', '?', ' ']).next().unwrap_or(""));
            let inside = resolve(Path::new(""), path.trim_start_matches('/')).map(|path| shown(&path));
            let mark = if body.starts_with('[') { "" } else { "- " };
            match inside.filter(|path| !path.is_empty() && !target.contains("://")) {
                Some(path) if self.seen.contains(&path) => {}
                Some(path) if self.root.join(&path).is_file() => {
                    self.chapter(&path, &path)?;
                    out += &format!("{indent}{mark}[{label}]({path})\n");
                }
                Some(path) => {
                    self.book.notes.push(text!("{path} is listed and does not exist", "列表中的 {path} 不存在"));
                    out += &format!("{indent}{mark}[{label}]()\n");
                }
                None if target.is_empty() => out += &format!("{indent}{mark}[{label}]()\n"),
                None => self.book.notes.push(text!("{label}: {target} is no file of the book", "{label}：{target} 不是书中的文件")),
            }
        }
        self.book.assets.push(("src/SUMMARY.md".into(), out.into_bytes()));
        self.images();
        Some(())
    }

    /// Every Markdown file below the root, in the order of their names, as people count.
    fn files(&mut self) -> Option<()> {
        let mut names: Vec<String> = self.walk().into_iter().filter(|name| has_extension(name, &["md", "markdown"])).collect();
        names.sort_by_cached_key(|name| natural(name));
        for name in &names {
            let to = match name.strip_suffix(".markdown") {
                Some(stem) => format!("{stem}.md"),
                None => name.clone(),
            };
            self.chapter(name, &to)?;
            self.book.chapters.push(Chapter { file: Some(to), ..Chapter::default() });
        }
        self.images();
        Some(())
    }

    /// Files below the root, by their paths.
    fn walk(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut folders = vec![PathBuf::new()];
        while let Some(folder) = folders.pop() {
            let mut entries: Vec<_> = std::fs::read_dir(self.root.join(&folder)).into_iter().flatten().flatten().collect();
            entries.sort_by_key(std::fs::DirEntry::file_name);
            for entry in entries {
                let name = entry.file_name().to_string_lossy().into_owned();
                // Links of the file system are not followed: they may lead anywhere.
                let Ok(kind) = entry.file_type() else { continue };
                if name.starts_with('.') || SKIPPED.contains(&name.as_str()) {
                    continue;
                }
                if kind.is_dir() {
                    folders.push(folder.join(name));
                } else if kind.is_file() {
                    found.push(shown(&folder.join(name)));
                }
            }
        }
        found
    }

    /// Takes along the pictures that a file by itself shows: what else lies beside it is not the book's.
    fn shown_images(&mut self) {
        let mut wanted = BTreeSet::new();
        for (_, text) in &self.book.entries {
            let document = document::parse(text, FileId(0), &Sink::default());
            for blocks in document.texts() {
                document::visit_images(blocks, &mut |image, _, _| wanted.extend(resolve(Path::new(""), &percent_decode(&image.source))));
            }
        }
        for name in wanted.iter().map(|path| shown(path)).filter(|name| has_extension(name, ALONG)) {
            if self.root.join(&name).is_file()
                && let Some(bytes) = self.read(&name)
            {
                self.book.assets.push((format!("src/{name}"), bytes));
            }
        }
    }

    /// Takes along the pictures below the folder of the text, and what its chapters include.
    fn images(&mut self) {
        let includes: Vec<&str> = self.book.entries.iter().map(|(_, text)| text.as_str()).filter(|text| text.contains("{{#")).collect();
        let includes = includes.concat();
        for name in self.walk() {
            let wanted = has_extension(&name, ALONG) || includes.contains(name.rsplit('/').next().unwrap_or(&name));
            if wanted
                && !self.seen.contains(&name)
                && let Some(bytes) = self.read(&name)
            {
                self.book.assets.push((format!("src/{name}"), bytes));
            }
        }
    }

    fn finish(mut self, title: Option<String>, stem: Option<String>) -> Option<Book> {
        if self.book.entries.is_empty() {
            let report = Diagnostic::new(Code::NothingToImport, text!("the folder holds no Markdown", "目录中没有 Markdown 文件"));
            self.sink.report(report.advise(text!("name a folder with .md files, or a file", "请给出含有 .md 文件的目录，或一个文件")));
            return None;
        }
        if self.book.chapters.is_empty() && self.book.assets.iter().all(|(name, _)| name != "src/SUMMARY.md") {
            let files = self.book.entries.iter().map(|(entry, _)| entry.file.to.trim_start_matches("src/").to_owned());
            self.book.chapters = files.map(|file| Chapter { file: Some(file), ..Chapter::default() }).collect();
        }
        revise(&mut self.book.entries, self.confidence);
        let all: String = self.book.entries.iter().map(|(_, text)| text.as_str()).collect();
        self.book.language = super::text::language(&all);
        let first = || all.lines().find_map(|line| line.strip_prefix("# ")).map(|title| title.trim().to_owned());
        self.book.title = title
            .or_else(|| if self.book.entries.len() == 1 { first() } else { None })
            .or(stem)
            .or_else(first)
            .unwrap_or_else(|| "未名".into());
        Some(self.book)
    }
}

/// Finds what is to be put right in chapters of Markdown, all of them together: each speaks for the others.
pub(super) fn revise(entries: &mut [(Entry, String)], confidence: f32) {
    let chapters: Vec<Prose> = entries
        .par_iter()
        .map(|(_, text)| Prose {
            source: text,
            passages: document::passages(&document::parse(text, FileId(0), &Sink::default()), text, FileId(0)),
        })
        .collect();
    let changes = document::revise(chapters.iter(), confidence);
    for ((entry, _), changes) in entries.iter_mut().zip(changes) {
        entry.changes.extend(changes);
        entry.changes.sort_by_key(|change| (change.at, !change.before.is_empty()));
    }
}

/// Headings of Markdown in a text, outside of its listings: their levels, and the bytes at which they begin.
fn headings(text: &str) -> impl Iterator<Item = (usize, usize)> + '_ {
    let (mut at, mut fenced) = (0, false);
    text.split_inclusive('\n').filter_map(move |line| {
        let start = at;
        at += line.len();
        fenced ^= line.starts_with("```") || line.starts_with("~~~");
        let title = line.trim_start_matches('#');
        let level = line.len() - title.len();
        let fits = (1..=6).contains(&level) && title.starts_with(' ') && !title.trim().is_empty();
        (fits && !fenced).then_some((level, start))
    })
}

/// Whether a text is Markdown, whatever its file is called: it has headings as Markdown writes them.
pub(super) fn is_markdown(text: &str) -> bool {
    headings(text).take(3).count() == 3
}

fn has_extension(name: &str, list: &[&str]) -> bool {
    name.rsplit_once('.').is_some_and(|(_, extension)| list.iter().any(|known| known.eq_ignore_ascii_case(extension)))
}

/// What names are sorted by: words and numbers; a folder's own page before the others.
fn natural(name: &str) -> Vec<(String, u64)> {
    let mut parts = Vec::new();
    for piece in name.split('/') {
        let stem = piece.rsplit_once('.').map_or(piece, |(stem, _)| stem);
        if ["readme", "index", "preface", "前言", "序"].contains(&stem.to_lowercase().as_str()) {
            parts.push((String::new(), 0));
            continue;
        }
        let mut word = String::new();
        let mut number = String::new();
        for c in stem.chars() {
            if c.is_ascii_digit() {
                number.push(c);
                continue;
            }
            if !number.is_empty() {
                parts.push((std::mem::take(&mut word), number.parse().unwrap_or(u64::MAX)));
                number.clear();
            }
            word.push(c);
        }
        parts.push((word, number.parse().unwrap_or(0)));
    }
    parts
}
