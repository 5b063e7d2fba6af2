//! Source files and places in them. Every block, inline and glyph keeps a [`Span`], so that a problem
//! found late, in a line or a page, is still reported at its place in a chapter.

use serde::{Deserialize, Serialize};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A file that was read, by its number in [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct FileId(pub u32);

/// A range of bytes in a source file. `start <= end`, both on character boundaries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A span of `range` in `file`.
    pub fn new(file: FileId, range: std::ops::Range<usize>) -> Span {
        Span { file, start: range.start as u32, end: range.end as u32 }
    }

    /// The place in the source of what stands `offset` bytes into the text of this span. Where the text is not as its source
    /// has it (an entity, a reference's words), a place within the span that grows with the offset.
    pub fn at(self, offset: usize) -> u32 {
        (self.start + offset as u32).min(self.end)
    }

    /// The bytes as a range, for indexing the text.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// One source file: its path as shown to the user, and its text.
#[derive(Clone, Debug)]
pub struct Source {
    /// The path relative to the book folder, with forward slashes.
    pub path: String,
    /// The text, UTF-8, without a byte order mark, line ends as `\n`.
    pub text: Arc<str>,
}

/// All files read for one run, in the order in which they were read.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<Source>,
}

/// A line and a column, both from 1; the column counts characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineColumn {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// Why a file could not be read as text.
#[derive(Debug)]
pub enum ReadError {
    /// The file system said no.
    Io(std::io::Error),
    /// The bytes are not UTF-8; the offset of the first bad byte.
    NotUtf8(usize),
    /// A link leads out of the folder.
    Outside,
    /// It is no file: a folder, a device.
    NoFile,
    /// It has more bytes than are read: so many million.
    TooLarge(u64),
}

/// Bytes of a text at the most.
pub const LARGEST_TEXT: u64 = 64_000_000;

/// Bytes of an image or a font at the most.
pub const LARGEST_FILE: u64 = 256_000_000;

/// Reads a text below a folder, as it is kept.
///
/// # Errors
///
/// Why it cannot be read.
pub fn read_text(root: &Path, relative: &Path) -> Result<Arc<str>, ReadError> {
    let bytes = read_below(root, relative, LARGEST_TEXT)?;
    // That Chinese is UTF-8 takes the standard library as long as the rest of reading.
    let text = simdutf8::compat::from_utf8(&bytes).map_err(|error| ReadError::NotUtf8(error.valid_up_to()))?;
    Ok(kept(text))
}

/// A text as it is kept: without a mark of its bytes' order, and with one way of ending lines.
fn kept(text: &str) -> Arc<str> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let has_returns = memchr::memchr(b'\r', text.as_bytes()).is_some();
    if has_returns { text.replace("\r\n", "\n").replace('\r', "\n").into() } else { text.into() }
}

/// Reads a file of a folder: links are followed only within it, and nothing is read that is no file or has more than `most` bytes.
///
/// # Errors
///
/// Why it cannot be read; never [`ReadError::NotUtf8`].
pub fn read_below(root: &Path, relative: &Path, most: u64) -> Result<Vec<u8>, ReadError> {
    let real = |path: &Path| std::fs::canonicalize(path).map_err(ReadError::Io);
    let (root, path) = (real(root)?, real(&root.join(relative))?);
    if !path.starts_with(root) {
        return Err(ReadError::Outside);
    }
    let file = std::fs::File::open(path).map_err(ReadError::Io)?;
    let about = file.metadata().map_err(ReadError::Io)?;
    if !about.is_file() {
        return Err(ReadError::NoFile);
    }
    let mut bytes = Vec::with_capacity(about.len().min(most) as usize + 1);
    // It may grow while it is read.
    file.take(most + 1).read_to_end(&mut bytes).map_err(ReadError::Io)?;
    if bytes.len() as u64 > most { Err(ReadError::TooLarge(most / 1_000_000)) } else { Ok(bytes) }
}

impl Sources {
    /// Adds a text under a shown path.
    pub fn add(&mut self, path: impl Into<String>, text: &str) -> FileId {
        self.keep(path, kept(text))
    }

    /// Adds a text that was read.
    pub fn keep(&mut self, path: impl Into<String>, text: Arc<str>) -> FileId {
        self.files.push(Source { path: path.into(), text });
        FileId(self.files.len() as u32 - 1)
    }

    /// Reads a file below `root` and adds it.
    pub fn read(&mut self, root: &Path, relative: &Path) -> Result<FileId, ReadError> {
        Ok(self.keep(shown(relative), read_text(root, relative)?))
    }

    /// Replaces the text of a file that was read, and gives its id.
    #[expect(clippy::indexing_slicing, reason = "an id is the place of a file that was added, and none is taken out")]
    pub fn replace(&mut self, file: FileId, text: &str) -> FileId {
        self.files[file.0 as usize].text = text.into();
        file
    }

    /// The file of an id given by this value.
    #[expect(clippy::indexing_slicing, reason = "an id is the place of a file that was added, and none is taken out")]
    pub fn get(&self, file: FileId) -> &Source {
        &self.files[file.0 as usize]
    }

    /// The text under a span.
    pub fn slice(&self, span: Span) -> &str {
        self.get(span.file).text.get(span.range()).unwrap_or("")
    }

    /// Where a span starts.
    #[expect(clippy::string_slice, reason = "`start` was moved to a boundary, and `line_start` is past a line end that was found")]
    pub fn line_column(&self, span: Span) -> LineColumn {
        let text = &self.get(span.file).text;
        let mut start = (span.start as usize).min(text.len());
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        let before = &text[..start];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        LineColumn { line: before.matches('\n').count() + 1, column: before[line_start..].chars().count() + 1 }
    }
}

/// A path as shown to the user: forward slashes on every system.
pub fn shown(path: &Path) -> String {
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// Joins a relative reference to the folder of `from`, resolving `.` and `..`; both are paths below the
/// same root. `None` where the result leaves the root.
pub fn resolve(from: &Path, reference: &str) -> Option<PathBuf> {
    let mut parts: Vec<String> = Vec::new();
    let base = from.parent().unwrap_or(Path::new(""));
    for part in shown(base).split('/').chain(reference.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part.to_owned()),
        }
    }
    Some(parts.iter().collect())
}

/// A number that stands for some bytes, the same on every machine (FNV-1a, 64 bits). Not for secrets.
pub fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// A path or fragment without its percent escapes; kept as it is where they are no UTF-8.
pub fn percent_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escaped = (byte == b'%').then(|| text.get(at + 1..at + 3)).flatten().and_then(|hex| u8::from_str_radix(hex, 16).ok());
        out.push(escaped.unwrap_or(byte));
        at += if escaped.is_some() { 3 } else { 1 };
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_counts_characters_from_one() {
        let mut sources = Sources::default();
        let file = sources.add("a.md", "一二\n三四五");
        let at = "一二\n三四".len();
        assert_eq!(sources.line_column(Span::new(file, at..at + 3)), LineColumn { line: 2, column: 3 });
    }

    #[test]
    fn a_reference_may_climb_but_not_leave_the_root() {
        assert_eq!(resolve(Path::new("src/a/b.md"), "../c.png"), Some("src/c.png".into()));
        assert_eq!(resolve(Path::new("a.md"), "../c.png"), None);
    }
}
