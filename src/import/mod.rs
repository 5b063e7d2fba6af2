//! Bringing a book in: from a text, a folder or a finished book to a folder that `build` takes at once. Nothing is lost: what is not
//! part of the book is set aside in a file, what was put right is in the ledger, and with it the source can be made again.

mod archive;
mod blocks;
mod contents;
mod docx;
mod epub;
mod flow;
mod folder;
mod headings;
mod html;
mod lines;
mod markdown;
mod notes;
mod plan;
mod repeats;
mod report;
mod site;
mod text;
mod title;
mod web;
mod wrap;

use crate::diagnostic::{Code, Diagnostic, Sink, Text};
use crate::repair::encoding::decode;
use crate::repair::{Entry, Fault, Ledger, Rule, Unplaced};
use crate::text;
use archive::Archive;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What a person may say about the import.
#[derive(Clone, Debug)]
pub struct Options {
    /// The title, where it is not to be found in the source.
    pub title: Option<String>,
    /// Whether a book that is there may be replaced.
    pub force: bool,
    /// How sure a change has to be to be made, 0 to 1.
    pub confidence: f32,
    /// Whether nothing is to be written.
    pub dry_run: bool,
    /// Where the ledger goes; into the book's folder, where nobody says.
    pub ledger: Option<PathBuf>,
    /// Where the ledger goes as a page for people, if anywhere.
    pub report: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Options {
        Options { title: None, force: false, confidence: crate::repair::CONFIDENCE, dry_run: false, ledger: None, report: None }
    }
}

/// What was done.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// In words, line by line.
    pub lines: Vec<Text>,
    /// The ledger.
    pub ledger: Ledger,
    /// The texts that the ledger is about, in the order of its files.
    pub texts: Vec<String>,
}

/// A book as it is brought in.
#[derive(Debug, Default)]
struct Book {
    title: String,
    authors: Vec<String>,
    language: &'static str,
    /// Chapters and parts, as the manifest names them.
    chapters: Vec<Chapter>,
    /// The texts that its chapters are made of, each with the changes that make them.
    entries: Vec<(Entry, String)>,
    /// Other files, by their paths in the book's folder.
    assets: Vec<(String, Vec<u8>)>,
    asides: Vec<Aside>,
    /// What a person should know.
    notes: Vec<Text>,
}

/// An entry of the manifest's chapters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Chapter {
    file: Option<String>,
    title: Option<String>,
    part: Option<String>,
    matter: Option<&'static str>,
}

/// Lines that are set aside.
#[derive(Clone, Debug)]
struct Aside {
    rule: Rule,
    first: usize,
    last: usize,
    lines: Vec<String>,
}

/// The file in the book's folder that holds what was set aside.
const LEFT_OUT: &str = "left-out.txt";
/// The ledger's name in the book's folder.
const LEDGER: &str = "ledger.jsonl";
/// Bytes of the largest text that is read; a long novel has three million.
const LARGEST: u64 = 64 << 20;

/// Makes a book of a source. `None` after an error was reported; then nothing was written.
pub fn run(source: &Path, output: &Path, options: &Options, sink: &Sink) -> Option<Report> {
    may_write(output, options, sink)?;
    let book = read(source, options, sink)?;
    let (entries, texts): (Vec<Entry>, Vec<String>) = book.entries.into_iter().unzip();
    let manifest = manifest(&book.title, &book.authors, book.language, &book.chapters);
    let ledger = Ledger { manifest, files: entries };
    let mut lines = tell(&ledger, &book.title, &book.chapters, &book.asides);
    lines.extend(book.notes);
    let borrowed: Vec<&str> = texts.iter().map(String::as_str).collect();
    let written = ledger.write(&borrowed);
    let place = options.ledger.clone().or_else(|| (!options.dry_run).then(|| output.join(LEDGER)));
    let mut files = Vec::new();
    if !options.dry_run {
        files = book_files(&ledger, &borrowed, book.assets, &book.asides, output);
    }
    if !options.force {
        free(&files, sink)?;
    }
    let stale = if options.dry_run { Vec::new() } else { stale(output, &files) };
    files.extend(place.map(|place| (place, written.into_bytes(), None)));
    let report = finish(files, Report { lines, ledger, texts }, options, sink)?;
    stale.into_iter().for_each(|path| drop(std::fs::remove_file(path)));
    Some(report)
}

/// Makes the book that a ledger says, from its source: the way back in after a person has edited the ledger.
pub fn apply(source: &Path, ledger: &Path, output: &Path, options: &Options, sink: &Sink) -> Option<Report> {
    may_write(output, options, sink)?;
    let unplaced = read_ledger(ledger, sink)?;
    // The source is read as before; only what it says is needed.
    let book = read(source, options, &Sink::default()).or_else(|| read(source, options, sink))?;
    let known: BTreeMap<&str, (&str, &str)> =
        book.entries.iter().map(|(entry, text)| (entry.file.file.as_str(), (entry.file.sha1.as_str(), text.as_str()))).collect();
    let mut texts = Vec::new();
    for file in unplaced.files() {
        match known.get(file.file.as_str()).filter(|(sha1, _)| *sha1 == file.sha1) {
            Some((_, text)) => texts.push((*text).to_owned()),
            None => {
                sink.report(fault(ledger, &Fault::OtherFile(file.file.clone())));
                return None;
            }
        }
    }
    let borrowed: Vec<&str> = texts.iter().map(String::as_str).collect();
    let ledger = unplaced.place(&borrowed).map_err(|found| sink.report(fault(ledger, &found))).ok()?;
    let mut files = book_files(&ledger, &borrowed, book.assets, &book.asides, output);
    files.push((output.join(LEDGER), ledger.write(&borrowed).into_bytes(), None));
    if options.dry_run {
        files.clear();
    }
    let lines = tell(&ledger, &book.title, &book.chapters, &book.asides);
    finish(files, Report { lines, ledger, texts }, options, sink)
}

/// Writes everything, all of it or nothing.
fn finish(mut files: Vec<(PathBuf, Vec<u8>, Option<usize>)>, report: Report, options: &Options, sink: &Sink) -> Option<Report> {
    files.extend(options.report.clone().map(|path| (path, report::page(&report).into_bytes(), None)));
    crate::output::write::write_all(files, sink)?;
    Some(report)
}

/// Makes the source again, byte for byte, from the book and its ledger. One file goes to `output`, more into a folder of this name.
pub fn undo(book: &Path, ledger: &Path, output: &Path, force: bool, sink: &Sink) -> Option<Vec<PathBuf>> {
    let unplaced = read_ledger(ledger, sink)?;
    // A file that is gone is told where the ledger asks for it.
    let texts = made_texts(book, &unplaced);
    let find = |name: &str| texts.get(name).map(String::as_str);
    let restored = unplaced.place_in_book(&find).and_then(|ledger| ledger.restore(&find));
    let restored = restored.map_err(|found| sink.report(fault(ledger, &found))).ok()?;
    let single = restored.len() == 1 && !output.is_dir();
    let mut files = Vec::new();
    for (name, bytes) in restored {
        let path = if single { Some(output.to_owned()) } else { inside(output, &name) };
        files.extend(path.map(|path| (path, bytes, None)));
    }
    // What was put right in a book is taken back in it.
    let within = book.canonicalize().ok().zip(output.canonicalize().ok()).is_some_and(|(book, output)| book == output);
    if !force && !within {
        free(&files, sink)?;
    }
    Some(crate::output::write::write_all(files, sink)?.into_iter().map(|written| written.path).collect())
}

fn may_write(output: &Path, options: &Options, sink: &Sink) -> Option<()> {
    if options.dry_run || options.force || !output.join("book.toml").exists() {
        return Some(());
    }
    let target = output.display().to_string();
    let report = Diagnostic::new(Code::WouldOverwrite, text!("{target} already holds a book", "{target} 里已经有一本书"));
    sink.report(report.advise(text!("choose another folder, or give --force", "请换一个目录，或加 --force")));
    None
}

/// Whether nothing is in the way of these files. `None` after an error was reported.
fn free(files: &[(PathBuf, Vec<u8>, Option<usize>)], sink: &Sink) -> Option<()> {
    let Some((path, ..)) = files.iter().find(|(path, ..)| path.exists()) else { return Some(()) };
    let shown = path.display().to_string();
    let report = Diagnostic::new(Code::WouldOverwrite, text!("{shown} exists", "{shown} 已经存在"));
    sink.report(report.advise(text!("choose another place, or give --force", "请换一个位置，或加 --force")));
    None
}

/// Files of an earlier import of the same folder that nobody has changed since and that this one does not make.
fn stale(output: &Path, files: &[(PathBuf, Vec<u8>, Option<usize>)]) -> Vec<PathBuf> {
    let old = std::fs::read_to_string(output.join(LEDGER)).ok().and_then(|text| Ledger::read(&text).ok());
    let Some(old) = old else { return Vec::new() };
    let texts = made_texts(output, &old);
    let names = old.outputs();
    let find = |name: &str| texts.get(name).map(String::as_str);
    let unchanged = old.place_in_book(&find).and_then(|ledger| ledger.restore(&find)).is_ok();
    let made = |path: &PathBuf| files.iter().any(|(other, ..)| other == path);
    let left = names.iter().filter_map(|name| inside(output, name)).chain([output.join(LEFT_OUT)]);
    left.filter(|path| unchanged && path.exists() && !made(path)).collect()
}

/// A path of a ledger in a folder. A ledger is a file that anyone may write: its names stay inside.
fn inside(folder: &Path, name: &str) -> Option<PathBuf> {
    crate::source::resolve(Path::new(""), name).map(|name| folder.join(name))
}

/// The texts of a book that a ledger is about, as far as they are there. What Git or an editor made of their line ends is no change.
fn made_texts(book: &Path, ledger: &Unplaced) -> BTreeMap<String, String> {
    let read = |name: String| inside(book, &name).and_then(|path| std::fs::read(path).ok()).map(|bytes| (name, decode(&bytes).text));
    ledger.outputs().into_iter().filter_map(read).collect()
}

fn read_ledger(path: &Path, sink: &Sink) -> Option<Unplaced> {
    let shown = path.display().to_string();
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            let report = Diagnostic::new(Code::MissingFile, text!("cannot read {shown}: {error}", "无法读取 {shown}：{error}"));
            sink.report(report.advise(text!("name the ledger that the import wrote", "请给出导入时写下的账本")));
            return None;
        }
    };
    Ledger::read(&text).map_err(|found| sink.report(fault(path, &found))).ok()
}

/// What is wrong with a ledger, in words.
fn fault(path: &Path, found: &Fault) -> Diagnostic {
    let shown = path.display().to_string();
    let (message, advice) = match found {
        Fault::Syntax(line, error) => (
            text!("line {line} of {shown} is no record: {error}", "{shown} 第 {line} 行不是一条记录：{error}"),
            text!("restore the line, or delete it whole", "恢复该行，或整行删去"),
        ),
        Fault::Place(line) => (
            text!(
                "line {line} of {shown} does not fit the source: what it says stands there does not",
                "{shown} 第 {line} 行与原文不符：原文此处不是它所说的文字"
            ),
            text!("change only “after” and “applied”, or delete the line whole", "只改 after 与 applied，或整行删去"),
        ),
        Fault::OtherFile(file) => (
            text!("{file} is not the file that {shown} is about", "{file} 不是 {shown} 所记的文件"),
            text!("name the source of this ledger, unchanged", "请给出这本账所对应、未经改动的来源"),
        ),
        Fault::Changed(mismatch) => {
            let (file, at) = (&mismatch.file, mismatch.at);
            (
                text!("{file} was changed since the import, first at byte {at}", "{file} 在导入之后有改动，首处在第 {at} 字节"),
                text!("undo the edits in it first, e.g. with Git", "请先撤销其中的改动，如用 Git"),
            )
        }
    };
    Diagnostic::new(Code::BrokenLedger, message).in_file(shown).advise(advice)
}

/// Reads a source of any kind.
fn read(source: &Path, options: &Options, sink: &Sink) -> Option<Book> {
    let shown = source.display().to_string();
    let name = source.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let extension = name.rsplit_once('.').map_or(String::new(), |(_, extension)| extension.to_ascii_lowercase());
    let title = options.title.as_deref();
    if source.is_dir() || matches!(extension.as_str(), "md" | "markdown") {
        return folder::book(source, title, options.confidence, sink);
    }
    let size = std::fs::metadata(source).map_or(0, |data| data.len());
    let most = if matches!(extension.as_str(), "epub" | "docx" | "docm") { LARGEST * 4 } else { LARGEST };
    if size > most {
        let (size, most) = (size >> 20, most >> 20);
        let report = Diagnostic::new(
            Code::TooLarge,
            text!("{shown} has {size} MB; {most} MB are read at most", "{shown} 有 {size} MB，最多读入 {most} MB"),
        );
        sink.report(report.in_file(shown).advise(text!("divide it into several files", "请分成几个文件")));
        return None;
    }
    let bytes = match std::fs::read(source) {
        Ok(bytes) => bytes,
        Err(error) => {
            let report = Diagnostic::new(Code::MissingFile, text!("cannot read {shown}: {error}", "无法读取 {shown}：{error}"));
            sink.report(report.advise(text!("name a text file", "请给出一个文本文件")));
            return None;
        }
    };
    if bytes.starts_with(b"PK\x03\x04") {
        let flow = Archive::open(bytes, &shown).and_then(|archive| match () {
            () if archive.has("META-INF/container.xml") => epub::read(archive),
            () if archive.has("word/document.xml") => docx::read(archive, sink),
            () => Err(nothing(&shown)),
        });
        let flow = flow.map_err(|report| sink.report(report)).ok()?;
        return or_nothing(flow::book(flow, &name, title, options.confidence), &shown, sink);
    }
    let decoded = decode(&bytes);
    if decoded.binary {
        let report = Diagnostic::new(Code::NothingToImport, text!("{shown} is no text", "{shown} 不是文本"));
        sink.report(report.in_file(shown).advise(text!("name a text file", "请给出一个文本文件")));
        return None;
    }
    if folder::is_markdown(&decoded.text) {
        return folder::book(source, title, options.confidence, sink);
    }
    doubts(&decoded, &shown, sink);
    let head = decoded.text.get(..decoded.text.len().min(1024)).unwrap_or("").to_ascii_lowercase();
    if matches!(extension.as_str(), "html" | "htm" | "xhtml") || head.contains("<!doctype html") || head.contains("<html") {
        let flow = web::read(&decoded.text, source.parent().unwrap_or(Path::new("")));
        return or_nothing(flow::book(flow, &name, title, options.confidence), &shown, sink);
    }
    or_nothing(text::book(decoded, &bytes, &name, title, options.confidence), &shown, sink)
}

fn nothing(shown: &str) -> Diagnostic {
    let message = text!("{shown} holds no text that could be made into a book", "{shown} 中没有可以成书的文字");
    let advice = text!(
        "name a text with paragraphs, an EPUB, a DOCX, a page of HTML, or a folder of Markdown",
        "请给出有段落的文本、EPUB、DOCX、网页，或 Markdown 目录"
    );
    Diagnostic::new(Code::NothingToImport, message).in_file(shown.to_owned()).advise(advice)
}

fn or_nothing(book: Option<Book>, shown: &str, sink: &Sink) -> Option<Book> {
    if book.is_none() {
        sink.report(nothing(shown));
    }
    book
}

fn doubts(decoded: &crate::repair::encoding::Decoded, shown: &str, sink: &Sink) {
    let encoding = &decoded.form.encoding;
    if let Some(first) = decoded.mixed.first() {
        let count = decoded.mixed.len();
        let report = Diagnostic::new(
            Code::MixedEncodings,
            text!(
                "{shown} is in {encoding}, but {count} of its lines are in UTF-8, the first of them line {first}; each was read by its own",
                "{shown} 是 {encoding} 编码，但其中 {count} 行是 UTF-8，首处在第 {first} 行；各按自己的编码读入"
            ),
        );
        sink.report(report.in_file(shown).advise(text!("look at these lines in the book", "请在书中核对这些行")));
    } else if decoded.doubtful {
        let wrong = decoded.form.raw.first().map_or(String::new(), |(line, _)| format!(" ({line})"));
        let report = Diagnostic::new(
            Code::DoubtfulEncoding,
            text!("{shown} was read as {encoding}, and some of it may be wrong{wrong}", "{shown} 按 {encoding} 读入，其中可能有误{wrong}"),
        );
        let advice = text!("convert it to UTF-8 first, e.g. iconv -f GB18030 -t UTF-8", "请先转换为 UTF-8，如 iconv -f GB18030 -t UTF-8");
        sink.report(report.in_file(shown).advise(advice));
    }
}

/// The files of the book: what the ledger makes, what goes along, what was set aside.
fn book_files(
    ledger: &Ledger,
    texts: &[&str],
    assets: Vec<(String, Vec<u8>)>,
    asides: &[Aside],
    output: &Path,
) -> Vec<(PathBuf, Vec<u8>, Option<usize>)> {
    let mut files = vec![(output.join("book.toml"), ledger.manifest.clone().into_bytes(), None)];
    for (name, text) in ledger.make(texts) {
        files.extend(inside(output, &name).map(|path| (path, text.into_bytes(), None)));
    }
    files.extend(assets.into_iter().map(|(name, bytes)| (output.join(name), bytes, None)));
    files.extend((!asides.is_empty()).then(|| (output.join(LEFT_OUT), left_out(asides).into_bytes(), None)));
    files
}

fn manifest(title: &str, authors: &[String], language: &str, chapters: &[Chapter]) -> String {
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let authors: Vec<String> = authors.iter().map(|author| quoted(author)).collect();
    let mut out = format!("[book]\ntitle = {}\nauthors = [{}]\nlanguage = \"{language}\"\n", quoted(title), authors.join(", "));
    for Chapter { file, title, part, matter } in chapters {
        out += "\n[[chapters]]\n";
        let keys = [("part", part.as_deref()), ("file", file.as_deref()), ("title", title.as_deref()), ("matter", *matter)];
        for (key, value) in keys {
            if let Some(value) = value {
                out += &format!("{key} = {}\n", quoted(value));
            }
        }
    }
    out
}

fn left_out(asides: &[Aside]) -> String {
    let mut out = String::new();
    for Aside { rule, first, last, lines } in asides {
        out += &format!("── {} ({first}–{last})\n", rule.title().1);
        lines.iter().for_each(|line| out += &format!("{line}\n"));
        out.push('\n');
    }
    out
}

/// What was done, in words.
fn tell(ledger: &Ledger, title: &str, chapters: &[Chapter], asides: &[Aside]) -> Vec<Text> {
    let mut lines = Vec::new();
    for entry in ledger.files.iter().filter(|entry| ledger.files.len() == 1 && !entry.file.converted) {
        let (file, encoding) = (&entry.file.file, &entry.file.form.encoding);
        lines.push(text!("read {file} ({encoding})", "读入 {file}（{encoding}）"));
    }
    lines.push(text!("title: {title}", "书名：{title}"));
    let listed = chapters.iter().filter(|chapter| chapter.file.is_some() && chapter.matter.is_none()).count();
    let count = if chapters.is_empty() { ledger.files.len() } else { listed };
    let changes = || ledger.files.iter().flat_map(|entry| &entry.changes);
    let sections = changes().filter(|change| change.rule == Rule::Heading && change.applied && change.after.starts_with("##")).count();
    if ledger.files.len() == 1 && !chapters.is_empty() {
        lines.push(text!("kept: {count} chapters, {sections} sections", "收入：{count} 章，{sections} 节"));
    } else {
        lines.push(text!("kept: {count} chapters", "收入：{count} 章"));
    }
    for Aside { rule, first, last, lines: content } in asides {
        let ((en, zh), amount) = (rule.title(), content.len());
        lines.push(text!(
            "set aside, lines {first}–{last} ({amount} with text): {en}",
            "另存：{zh}，第 {first}–{last} 行（有字 {amount} 行）"
        ));
    }
    if !asides.is_empty() {
        lines.push(text!("what was set aside is in {LEFT_OUT}", "另存的内容在 {LEFT_OUT}"));
    }
    for rule in Rule::ALL.iter().filter(|rule| rule.is_repair()) {
        let made = changes().filter(|change| change.rule == *rule && change.applied).count();
        let proposed = changes().filter(|change| change.rule == *rule && !change.applied).count();
        if made + proposed > 0 {
            let (en, zh) = rule.title();
            lines.push(text!("put right: {made}, proposed: {proposed}: {en}", "改正 {made} 处，建议 {proposed} 处：{zh}"));
        }
    }
    lines
}
