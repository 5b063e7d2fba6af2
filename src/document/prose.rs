//! Which bytes of a chapter's source are prose: what a proofreader may touch, and what is code, an address, a formula, a mark.

use super::{BlockKind, Document, Inline, InlineKind, visit_inlines};
use crate::repair::{self, Change, Copies, Passage};
use crate::source::FileId;
use std::ops::Range;

/// The passages of a chapter's prose, in the order of its source. What stands between the pieces of a passage is gone where it is
/// only a mark of emphasis or a line's end, a hole where it is content. `source` is the text that the document was made of.
pub fn passages(document: &Document, source: &str, file: FileId) -> Vec<Passage> {
    let mut found: Vec<Passage> = Vec::new();
    for blocks in document.texts() {
        visit_inlines(blocks, &mut |block, list| {
            if matches!(block.kind, BlockKind::Code { .. }) {
                return;
            }
            let mut gathered = Gathered { source, file, pieces: Vec::new() };
            gathered.list(list);
            // The places of HTML in a quotation are off by what begins its lines: no piece ends within a character all the same.
            for (range, _) in &mut gathered.pieces {
                range.end = (range.end..source.len()).find(|at| source.is_char_boundary(*at)).unwrap_or(source.len());
            }
            found.extend(passage(gathered.pieces));
        });
    }
    found.sort_by_key(|passage| passage.range.start);
    let mut end = 0;
    // A note's text may stand within the block of its mark; what is told twice is one passage.
    found.retain(|passage| {
        let free = passage.range.start >= end;
        end = end.max(passage.range.end);
        free
    });
    found
}

/// A chapter's file with its prose.
pub struct Prose<'a> {
    /// The text of the file.
    pub source: &'a str,
    /// Its passages: see [`passages`].
    pub passages: Vec<Passage>,
}

/// Finds what is to be put right in the prose of chapters, all of them together: each speaks for the others. The changes of each
/// chapter, by its own bytes.
pub fn revise<'a>(chapters: impl Iterator<Item = &'a Prose<'a>>, confidence: f32) -> Vec<Vec<Change>> {
    let mut all = String::new();
    let mut shifted = Vec::new();
    let mut ranges = Vec::new();
    for Prose { source, passages } in chapters {
        let start = all.len();
        let moved = |range: &Range<usize>| range.start + start..range.end + start;
        shifted.extend(passages.iter().map(|passage| Passage {
            range: moved(&passage.range),
            holes: passage.holes.iter().map(moved).collect(),
            gone: passage.gone.iter().map(moved).collect(),
        }));
        all.push_str(source);
        all.push('\n');
        ranges.push(start..all.len());
    }
    let mut changes = repair::revise(&all, &shifted, &Copies::new(), confidence).into_iter().peekable();
    let mut own = |range: Range<usize>| {
        let mut found = Vec::new();
        while let Some(mut change) = changes.next_if(|change| change.at < range.end) {
            change.at -= range.start;
            found.push(change);
        }
        found
    };
    ranges.into_iter().map(&mut own).collect()
}

struct Gathered<'a> {
    source: &'a str,
    file: FileId,
    /// Bytes, and whether they are prose as they stand.
    pieces: Vec<(Range<usize>, bool)>,
}

impl Gathered<'_> {
    fn list(&mut self, list: &[Inline]) {
        for inline in list {
            let range = inline.span.range();
            if inline.span.file != self.file {
                continue;
            }
            match &inline.kind {
                InlineKind::Text(text) => {
                    // Attributes at a heading's end are no text.
                    let exact = self.source.get(range.clone()).is_some_and(|source| source.starts_with(text.as_str()));
                    let end = if exact { range.start + text.len() } else { range.end };
                    self.pieces.push((range.start..end, exact));
                }
                InlineKind::Ruby(_) | InlineKind::Code(_) | InlineKind::Math(_) | InlineKind::Image(_) | InlineKind::Break => {
                    self.pieces.push((range, false))
                }
                _ if inline.children().is_empty() => self.pieces.push((range, false)),
                _ => self.list(inline.children()),
            }
        }
    }
}

fn passage(mut pieces: Vec<(Range<usize>, bool)>) -> Option<Passage> {
    pieces.retain(|(range, _)| !range.is_empty());
    pieces.sort_by_key(|(range, _)| range.start);
    let first = pieces.iter().position(|(_, prose)| *prose)?;
    let last = pieces.iter().rposition(|(_, prose)| *prose)?;
    let pieces = pieces.get(first..=last)?;
    let start = pieces.first()?.0.start;
    let mut passage = Passage::new(start..start);
    for (range, prose) in pieces {
        let end = passage.range.end;
        if range.start < end {
            continue;
        }
        if range.start > end {
            passage.gone.push(end..range.start);
        }
        if !prose {
            passage.holes.push(range.clone());
        }
        passage.range.end = range.end;
    }
    Some(passage)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Sink;

    fn prose(source: &str) -> Vec<String> {
        let document = super::super::parse(source, FileId(0), &Sink::default());
        let read = |passage: &Passage| {
            let mut read: Vec<char> = passage.characters(source).map(|(_, c)| c.unwrap_or('□')).collect();
            read.dedup_by(|one, other| *one == '□' && one == other);
            read.into_iter().collect()
        };
        passages(&document, source, FileId(0)).iter().map(read).collect()
    }

    #[test]
    fn prose_is_told_from_the_rest() {
        assert_eq!(prose("# 题 {#a}\n\n甲**乙**丙\n丁`戊`己[庚](http://a.b,c)辛\n"), ["题", "甲乙丙丁□己庚辛"]);
        assert_eq!(prose("> 甲\n> 乙\n\n| 丙 | 丁 |\n|---|---|\n| 戊 | `己` |\n\n```\n庚\n```\n"), ["甲乙", "丙", "丁", "戊"]);
        assert_eq!(prose("甲$x$乙{丙|bing}丁[^1]戊\n\n[^1]: 己\n"), ["甲□乙□丁□戊", "己"]);
    }
}
