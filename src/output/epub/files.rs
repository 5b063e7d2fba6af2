//! Which files the EPUB has and what they are called: a content document for each chapter, several for one that is too large
//! for a reader, the images. Names follow the sources' names, and parts those of their first headings, so that they stay the
//! same while those do, and bookmarks with them.

use super::images::Prepared;
use super::xhtml::xml_id;
use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::document::{Block, BlockKind, ChapterKind, Document, InlineKind, Manuscript, visit_blocks, visit_each_inline};
use crate::source::fingerprint;
use crate::text;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hash;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Bytes of a content document at the most; some readers stall on larger ones.
const LARGEST: usize = 300_000;

/// Bytes that a document is filled to.
const FULL: usize = 240_000;

/// Bytes of a source below which its document is never too large.
const SMALL: usize = 36_000;

/// A content document of a chapter.
#[derive(Clone, Debug, Hash)]
pub(super) struct Part {
    /// The file.
    pub name: String,
    /// Which of the chapter's blocks it holds.
    pub blocks: Range<usize>,
    /// The notes whose first marks are in it, by index.
    pub notes: Vec<usize>,
}

/// The files of the EPUB.
#[derive(Clone, Debug)]
pub(super) struct Files {
    /// By chapter.
    pub parts: Vec<Vec<Part>>,
    /// By path of the image.
    pub images: BTreeMap<PathBuf, String>,
    /// Which part of its chapter an id is in, for chapters of several.
    places: BTreeMap<(usize, String), usize>,
}

/// How large what a chapter holds becomes: each block, then each note.
pub(super) type Sizes = (Vec<usize>, Vec<usize>);

impl Files {
    /// The files of a book whose chapters are of one part each.
    pub fn whole(manuscript: &Manuscript, prepared: &BTreeMap<PathBuf, Prepared>) -> Files {
        let mut names = Taken::default();
        let parts = manuscript
            .chapters
            .iter()
            .map(|chapter| {
                let title = || format!("{:08x}", fingerprint(chapter.title.as_bytes()) >> 32);
                let stem = match (&chapter.path, chapter.kind) {
                    (Some(path), _) => plain(&path.with_extension("")),
                    (None, ChapterKind::Dedication) => "dedication".into(),
                    (None, ChapterKind::Colophon) => "colophon".into(),
                    (None, ChapterKind::Text | ChapterKind::Part) => format!("part-{}", title()),
                };
                let document = &chapter.document;
                let name = format!("{}.xhtml", names.claim(stem));
                vec![Part { name, blocks: 0..document.blocks.len(), notes: (0..document.notes.len()).collect() }]
            })
            .collect();
        let images = prepared
            .iter()
            .map(|(path, image)| {
                let extension = image.media.format.extension();
                (path.clone(), format!("images/{}.{extension}", names.claim(plain(&path.with_extension("")))))
            })
            .collect();
        Files { parts, images, places: BTreeMap::new() }
    }

    /// The same with chapters divided whose documents would be too large. `measure` tells how large.
    #[expect(clippy::indexing_slicing, reason = "homes and ranges are places of the document's blocks; no range is empty")]
    pub fn divided(&self, manuscript: &Manuscript, sink: &Sink, measure: &dyn Fn(usize) -> Sizes) -> Files {
        let mut divided = self.clone();
        for (at, chapter) in manuscript.chapters.iter().enumerate() {
            let document = &chapter.document;
            let last = document.blocks.last().map_or(0, |block| block.span.end as usize);
            let notes = document.notes.iter().map(|note| note.span.end as usize).max().unwrap_or(0);
            if document.blocks.len() < 2 || last.max(notes) < SMALL {
                continue;
            }
            let (mut blocks, notes) = measure(at);
            let homes = homes(document);
            homes.iter().zip(&notes).for_each(|(home, size)| blocks[*home] += size);
            let ranges = ranges(&document.blocks, &blocks);
            for range in &ranges {
                let size: usize = blocks[range.clone()].iter().sum();
                if size > LARGEST {
                    let report = Diagnostic::new(
                        Code::LargeContent,
                        text!("this block makes a content document of {size} bytes", "这一块内容使 EPUB 的一个文件达到 {size} 字节"),
                    );
                    sink.report(
                        report
                            .at(document.blocks[range.start].span)
                            .advise(text!("divide it: some readers are slow above 300 kB", "请拆分：超过 300 kB 时有的阅读器会卡顿")),
                    );
                }
            }
            if ranges.len() > 1 {
                divided.set(at, document, ranges, &homes);
            }
        }
        divided
    }

    #[expect(clippy::indexing_slicing, reason = "each chapter has a part; ranges and notes are places of its blocks and notes, none empty")]
    fn set(&mut self, chapter: usize, document: &Document, ranges: Vec<Range<usize>>, homes: &[usize]) {
        let first = self.parts[chapter][0].name.clone();
        let stem = first.trim_end_matches(".xhtml");
        let mut taken: BTreeSet<String> = self.parts.iter().flatten().map(|part| part.name.clone()).collect();
        let parts = ranges.into_iter().enumerate().map(|(number, blocks)| {
            let heading = match &document.blocks[blocks.start] {
                Block { kind: BlockKind::Heading { .. }, attrs, .. } => attrs.id.as_deref().map(|id| plain(Path::new(id))),
                _ => None,
            };
            let mut name = match heading {
                _ if number == 0 => first.clone(),
                Some(heading) => format!("{stem}-{heading}.xhtml"),
                None => format!("{stem}-{}.xhtml", number + 1),
            };
            while number > 0 && !taken.insert(name.clone()) {
                name = format!("{}-{}.xhtml", name.trim_end_matches(".xhtml"), number + 1);
            }
            let notes = homes.iter().enumerate().filter(|(_, home)| blocks.contains(home)).map(|(note, _)| note).collect();
            Part { name, blocks, notes }
        });
        let parts: Vec<Part> = parts.collect();
        for (number, part) in parts.iter().enumerate() {
            let mut claim = |id: &Option<String>| {
                if let Some(id) = id {
                    self.places.insert((chapter, id.clone()), number);
                }
            };
            let notes = part.notes.iter().map(|note| document.notes[*note].blocks.as_slice());
            for blocks in std::iter::once(&document.blocks[part.blocks.clone()]).chain(notes) {
                visit_blocks(blocks, &mut |block| claim(&block.attrs.id));
                visit_each_inline(blocks, &mut |inline| claim(&inline.attrs.id));
            }
        }
        self.parts[chapter] = parts;
    }

    /// What documents know of one another: what the files are called, and in which of them each id is.
    pub fn addresses(&self) -> impl Hash {
        let names: Vec<Vec<&str>> = self.parts.iter().map(|parts| parts.iter().map(|part| part.name.as_str()).collect()).collect();
        (names, &self.images, &self.places)
    }

    /// The file that holds a chapter's start, or an id in it.
    #[expect(clippy::indexing_slicing, reason = "`parts` is by chapter, each with a part at least, and `places` numbers the chapter's own")]
    pub fn holding(&self, chapter: usize, id: Option<&str>) -> &str {
        let part = id.and_then(|id| self.places.get(&(chapter, id.to_owned()))).copied().unwrap_or(0);
        &self.parts[chapter][part].name
    }

    /// The file that holds a note of a chapter.
    #[expect(clippy::indexing_slicing, reason = "`parts` is by chapter of the manuscript, and every chapter has one at least")]
    pub fn holding_note(&self, chapter: usize, note: usize) -> &str {
        let parts = &self.parts[chapter];
        &parts.iter().find(|part| part.notes.contains(&note)).unwrap_or(&parts[0]).name
    }

    /// The address of a place in the book from outside its file.
    pub fn href(&self, chapter: usize, id: Option<&str>) -> String {
        let fragment = id.map_or(String::new(), |id| format!("#{}", xml_id(id)));
        format!("{}{fragment}", self.holding(chapter, id))
    }
}

/// The block of each note's first mark; the last block for a note without one.
#[expect(clippy::indexing_slicing, reason = "`seek` gives only notes that `homes`, with one for each of the document's, has")]
fn homes(document: &Document) -> Vec<usize> {
    let mut homes = vec![None; document.notes.len()];
    let mut seek = |home: usize, blocks: &[Block]| {
        let mut found = Vec::new();
        visit_each_inline(blocks, &mut |inline| {
            if let InlineKind::Note(note) = inline.kind
                && let Some(unknown @ None) = homes.get_mut(note)
            {
                *unknown = Some(home);
                found.push(note);
            }
        });
        found
    };
    for (home, block) in document.blocks.iter().enumerate() {
        let mut found = seek(home, std::slice::from_ref(block));
        // Notes that notes mark stand with them.
        while let Some(note) = found.pop() {
            found.extend(seek(home, &document.notes[note].blocks));
        }
    }
    let last = document.blocks.len().saturating_sub(1);
    homes.into_iter().map(|home| home.unwrap_or(last)).collect()
}

/// Where blocks of some sizes are divided so that no part is too large: before a heading of the highest level that leaves the
/// part at least half full, else before any block that does not follow a heading.
#[expect(clippy::indexing_slicing, reason = "places are below `blocks.len()`, `measure` sizes each block, `- 1` only after `start`")]
fn ranges(blocks: &[Block], sizes: &[usize]) -> Vec<Range<usize>> {
    let level = |at: usize| if let BlockKind::Heading { level, .. } = blocks[at].kind { level } else { u8::MAX };
    let mut ranges: Vec<Range<usize>> = Vec::new();
    let mut start = 0;
    while start < blocks.len() {
        let mut filled = 0;
        let end = (start..blocks.len()).find(|at| {
            filled += sizes[*at];
            filled > FULL && *at > start
        });
        let Some(end) = end else { break };
        let mut size = 0;
        let mut best: Option<(u8, usize)> = None;
        for (at, own) in sizes.iter().enumerate().take(end + 1).skip(start) {
            let stays = at == start || level(at - 1) != u8::MAX;
            if size >= FULL / 2 && !stays && best.is_none_or(|(known, _)| level(at) <= known) {
                best = Some((level(at), at));
            }
            size += own;
        }
        let cut = best.map_or(if level(end - 1) == u8::MAX { end } else { end + 1 }, |(_, at)| at);
        ranges.push(start..cut);
        start = cut;
    }
    ranges.push(start..blocks.len());
    ranges.retain(|range| !range.is_empty());
    ranges
}

/// Names that are given already.
struct Taken(BTreeSet<String>);

impl Default for Taken {
    fn default() -> Taken {
        Taken(["nav", "toc", "cover", "title", "copyright", "note-mark"].map(String::from).into())
    }
}

impl Taken {
    fn claim(&mut self, stem: String) -> String {
        let mut name = stem.clone();
        let mut count = 2;
        while !self.0.insert(name.clone()) {
            name = format!("{stem}-{count}");
            count += 1;
        }
        name
    }
}

/// A name of plain letters for a path: its last part, or a hash where that has none.
fn plain(path: &Path) -> String {
    let shown = crate::source::shown(path);
    let last = shown.rsplit('/').next().unwrap_or(&shown).to_ascii_lowercase();
    let clean: String = last.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '-' }).collect();
    let clean = clean.trim_matches('-').to_owned();
    if !last.is_ascii() || clean.is_empty() {
        let hash = fingerprint(shown.as_bytes());
        return format!("f{:010x}", hash >> 24);
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;

    #[test]
    fn a_large_chapter_is_divided_before_its_sections() {
        let heading = |level| Block::new(BlockKind::Heading { level, number: None, content: Vec::new() }, Span::default());
        let text = || Block::new(BlockKind::Paragraph(Vec::new()), Span::default());
        let blocks = vec![heading(1), text(), heading(2), text(), heading(3), text(), heading(2), text()];
        let sizes = vec![10, 100_000, 10, 30_000, 10, 60_000, 10, 200_000];
        assert_eq!(ranges(&blocks, &sizes), [0..6, 6..8]);
        // Without headings, anywhere; never between a heading and its text; one that is too large is by itself.
        assert_eq!(ranges(&blocks[..2], &[10, 300_000]), [0..2]);
        let plain: Vec<Block> = (0..6).map(|_| text()).collect();
        assert_eq!(ranges(&plain, &[100_000; 6]), [0..2, 2..4, 4..6]);
        assert_eq!(ranges(&plain, &[10; 6]), [0..6]);
    }
}
