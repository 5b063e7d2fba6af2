//! The ledger: a file of lines of JSON, the first about the whole, each other a change. With the source it makes the book
//! again, and with the book the source.

use super::change::{Change, Files, Mismatch, Rule, apply, undo};
use super::encoding::{Form, encode};
use serde::{Deserialize, Serialize};
use std::fmt::Write;

/// The ledger of one run.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    /// `book.toml` as it was made; empty where the run made none.
    pub manifest: String,
    /// The files that were changed, in the order of the book.
    pub files: Vec<Entry>,
}

/// A file with its changes.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What is known of it.
    pub file: File,
    /// Its changes, in the order of its text, made or only proposed.
    pub changes: Vec<Change>,
}

/// A file that was changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct File {
    /// Its path: the source's.
    pub file: String,
    /// Where its text begins in the book.
    pub to: String,
    /// Whether it was made from something that is no plain text (a page of an EPUB, a DOCX): then it is the Markdown that was
    /// made of that, and undoing gives this Markdown.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub converted: bool,
    /// How the text stood in the file.
    #[serde(flatten)]
    pub form: Form,
    /// The digest of its bytes, by SHA-1.
    pub sha1: String,
}

impl File {
    /// What is known of a file of these bytes.
    pub fn new(file: impl Into<String>, to: impl Into<String>, form: Form, bytes: &[u8]) -> File {
        File { file: file.into(), to: to.into(), converted: false, form, sha1: digest(bytes) }
    }
}

/// The digest of bytes, by SHA-1, in hexadecimal digits.
pub fn digest(bytes: &[u8]) -> String {
    sha1_smol::Sha1::from(bytes).digest().to_string()
}

#[derive(Serialize, Deserialize)]
struct Head {
    ledger: u32,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    manifest: String,
    files: Vec<File>,
}

#[derive(Serialize, Deserialize)]
struct Record {
    file: String,
    line: usize,
    column: usize,
    before: String,
    after: String,
    rule: Rule,
    confidence: f32,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    why: Vec<String>,
    #[serde(default = "yes")]
    applied: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to: Option<String>,
}

fn yes() -> bool {
    true
}

/// What is wrong with a ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A line, from 1, is no record, and why.
    Syntax(usize, String),
    /// A record, by its line from 1, does not fit the text: what it says stands there does not.
    Place(usize),
    /// A source file is not the one that the ledger is about.
    OtherFile(String),
    /// The book was changed since, at this place.
    Changed(Mismatch),
}

/// Finds lines and columns of a text by its bytes, in order.
pub struct Places<'a> {
    text: &'a str,
    at: usize,
    line: usize,
    start: usize,
}

impl<'a> Places<'a> {
    /// Of a text, from its start.
    pub fn new(text: &'a str) -> Places<'a> {
        Places { text, at: 0, line: 1, start: 0 }
    }

    /// The line and the column, both from 1, of a byte that is not before the last one asked for.
    pub fn find(&mut self, at: usize) -> (usize, usize) {
        for (offset, _) in self.text.get(self.at..at).unwrap_or("").match_indices('\n') {
            self.line += 1;
            self.start = self.at + offset + 1;
        }
        self.at = at;
        (self.line, self.text.get(self.start..at).unwrap_or("").chars().count() + 1)
    }
}

impl Ledger {
    /// As it is written. `texts` are those of the files, in the same order.
    pub fn write(&self, texts: &[&str]) -> String {
        let files = self.files.iter().map(|entry| entry.file.clone()).collect();
        let mut out = json(&Head { ledger: 1, manifest: self.manifest.clone(), files });
        for (entry, text) in self.files.iter().zip(texts) {
            let mut places = Places::new(text);
            for change in &entry.changes {
                let (line, column) = places.find(change.at);
                let record = Record {
                    file: entry.file.file.clone(),
                    line,
                    column,
                    before: change.before.clone(),
                    after: change.after.clone(),
                    rule: change.rule,
                    confidence: change.confidence,
                    why: change.why.clone(),
                    applied: change.applied,
                    to: change.to.clone(),
                };
                let _ = write!(out, "\n{}", json(&record));
            }
        }
        out.push('\n');
        out
    }

    /// Reads a ledger. Its changes have no place in bytes yet: [`Unplaced::place`] needs the source's texts for that, and
    /// [`Unplaced::place_in_book`] those of the book.
    pub fn read(text: &str) -> Result<Unplaced, Fault> {
        let mut lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        let fault = |at: usize, error: serde_json::Error| Fault::Syntax(at + 1, error.to_string());
        let (at, first) = lines.next().ok_or_else(|| Fault::Syntax(1, "empty".into()))?;
        let head: Head = serde_json::from_str(first).map_err(|error| fault(at, error))?;
        let mut records = Vec::new();
        for (at, line) in lines {
            let record: Record = serde_json::from_str(line).map_err(|error| fault(at, error))?;
            if !head.files.iter().any(|file| file.file == record.file) {
                return Err(Fault::Syntax(at + 1, format!("no file {}", record.file)));
            }
            records.push((at + 1, record));
        }
        Ok(Unplaced { head, records })
    }

    /// The book's files, from the texts of the source.
    pub fn make(&self, texts: &[&str]) -> Files {
        let mut made = Files::new();
        for (entry, text) in self.files.iter().zip(texts) {
            made.extend(apply(text, &entry.changes, &entry.file.to).unwrap_or_default());
        }
        made
    }

    /// The source's files, byte for byte, from the book's.
    pub fn restore<'a>(&self, files: &dyn Fn(&str) -> Option<&'a str>) -> Result<Vec<(String, Vec<u8>)>, Fault> {
        let mut restored = Vec::new();
        for Entry { file, changes } in &self.files {
            let text = undo(files, changes, &file.to).map_err(Fault::Changed)?;
            let bytes = if file.converted { Some(text.into_bytes()) } else { encode(&text, &file.form) };
            let bytes = bytes.filter(|bytes| digest(bytes) == file.sha1);
            restored.push((file.file.clone(), bytes.ok_or_else(|| Fault::OtherFile(file.to.clone()))?));
        }
        Ok(restored)
    }
}

/// A ledger that was read, whose changes are at lines and columns.
pub struct Unplaced {
    head: Head,
    records: Vec<(usize, Record)>,
}

impl Unplaced {
    /// The files that it is about.
    pub fn files(&self) -> &[File] {
        &self.head.files
    }

    /// The files that the book has of it, by their paths.
    pub fn outputs(&self) -> Vec<String> {
        let begun = self.head.files.iter().map(|file| file.to.clone());
        begun.chain(self.records.iter().filter_map(|(_, record)| record.to.clone())).collect()
    }

    /// The ledger for these texts, which are in the order of its files.
    pub fn place(self, texts: &[&str]) -> Result<Ledger, Fault> {
        self.with(|file, records| {
            let text = texts.get(file).copied().unwrap_or("");
            let starts: Vec<usize> = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
            let mut changes: Vec<(usize, Change)> = Vec::new();
            for (number, record) in records {
                let line = starts.get(record.line.wrapping_sub(1)).and_then(|start| text.get(*start..));
                let column =
                    line.and_then(|line| line.char_indices().map(|(at, _)| at).chain([line.len()]).nth(record.column.wrapping_sub(1)));
                let at = starts
                    .get(record.line.wrapping_sub(1))
                    .zip(column)
                    .map(|(start, offset)| start + offset)
                    .ok_or(Fault::Place(number))?;
                changes.push((number, change(record, at)));
            }
            changes.sort_by_key(|(_, change)| change.at);
            let mut end = 0;
            for (number, change) in &changes {
                if change.applied && change.at < end || text.get(change.at..change.end()) != Some(&change.before) {
                    return Err(Fault::Place(*number));
                }
                if change.applied {
                    end = change.end();
                }
            }
            Ok(changes.into_iter().map(|(_, change)| change).collect())
        })
    }

    /// The ledger for a book, whose source is not at hand: places in the source follow from the changes themselves. `files`
    /// gives the texts of the book.
    pub fn place_in_book<'a>(self, files: &dyn Fn(&str) -> Option<&'a str>) -> Result<Ledger, Fault> {
        let names: Vec<String> = self.head.files.iter().map(|file| file.to.clone()).collect();
        self.with(|file, records| {
            let mut name = names.get(file).cloned().unwrap_or_default();
            let mut made = files(&name).unwrap_or("");
            let (mut at, mut length, mut line, mut column) = (0, 0, 1, 1);
            let mut changes = Vec::new();
            for (_, record) in records.into_iter().filter(|(_, record)| record.applied) {
                while (line, column) < (record.line, record.column) {
                    let Some(c) = made.get(at..).and_then(|rest| rest.chars().next()) else {
                        return Err(Fault::Changed(Mismatch { file: name, at }));
                    };
                    (line, column) = if c == '\n' { (line + 1, 1) } else { (line, column + 1) };
                    at += c.len_utf8();
                    length += c.len_utf8();
                }
                if let Some(next) = &record.to {
                    (made, at) = (files(next).ok_or_else(|| Fault::Changed(Mismatch { file: next.clone(), at: 0 }))?, 0);
                    name.clone_from(next);
                }
                if !made.get(at..).is_some_and(|rest| rest.starts_with(&record.after)) {
                    return Err(Fault::Changed(Mismatch { file: name, at }));
                }
                at += record.after.len();
                for c in record.before.chars() {
                    (line, column) = if c == '\n' { (line + 1, 1) } else { (line, column + 1) };
                }
                let start = length;
                length += record.before.len();
                changes.push(change(record, start));
            }
            Ok(changes)
        })
    }

    fn with(self, mut placed: impl FnMut(usize, Vec<(usize, Record)>) -> Result<Vec<Change>, Fault>) -> Result<Ledger, Fault> {
        let mut files = Vec::new();
        let mut records = self.records;
        for (at, file) in self.head.files.into_iter().enumerate() {
            let (own, others) = records.into_iter().partition(|(_, record)| record.file == file.file);
            records = others;
            files.push(Entry { changes: placed(at, own)?, file });
        }
        Ok(Ledger { manifest: self.head.manifest, files })
    }
}

fn change(record: Record, at: usize) -> Change {
    let Record { before, after, rule, confidence, why, applied, to, .. } = record;
    Change { at, before, after, rule, confidence, why, applied, to }
}

/// A line of JSON. What is written holds no map with keys that are no text, and nothing else fails.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
