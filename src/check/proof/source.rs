//! Whether the model has all that the source says: every letter of a chapter's file is within something that the model keeps, or a mark
//! of Markdown, found by rules of its own.

use crate::Project;
use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::document::{BlockKind, Document, InlineKind, visit_blocks, visit_each_inline};
use crate::source::{FileId, Sources, Span};
use crate::text;
use std::ops::Range;

/// Reports what no block and no inline of the model covers.
pub(super) fn prove(project: &Project, sources: &Sources, sink: &Sink) {
    for chapter in project.manuscript.chapters.iter().filter(|chapter| chapter.path.is_some()) {
        let Some(file) = file(&chapter.document) else { continue };
        let source = &sources.get(file).text;
        let mut kept: Vec<Range<usize>> = covered(&chapter.document, file, source);
        kept.extend(marks(source));
        kept.sort_by_key(|range| (range.start, range.end));
        let mut done = 0;
        for range in kept.into_iter().chain([source.len()..source.len()]) {
            if range.start > done {
                lost(source, done..range.start, file, sink);
            }
            done = done.max(range.end);
        }
    }
}

fn file(document: &Document) -> Option<FileId> {
    document.blocks.first().map(|block| block.span.file).or_else(|| document.notes.first().map(|note| note.span.file))
}

#[expect(clippy::string_slice, reason = "`at` comes from `find` on this text")]
fn lost(source: &str, range: Range<usize>, file: FileId, sink: &Sink) {
    let Some(text) = source.get(range.clone()) else { return };
    let Some(at) = text.find(char::is_alphanumeric) else { return };
    let piece: String = text[at..].chars().take(30).collect();
    // A number alone counts an item of a list.
    if text.trim_matches(|c: char| !c.is_alphanumeric()).bytes().all(|byte| byte.is_ascii_digit()) {
        return;
    }
    let report =
        Diagnostic::new(Code::NotConserved, text!("“{}” of the source is in nothing that is set", "原文“{}”未进入任何输出", piece.trim()));
    let span = Span::new(file, range.start + at..range.start + at + piece.len());
    sink.report(
        report.at(span).advise(text!("this is a fault of banxin: please report it with the chapter", "这是 banxin 的错误，请附上该章报告")),
    );
}

/// The bytes that the model has.
fn covered(document: &Document, file: FileId, source: &str) -> Vec<Range<usize>> {
    let mut kept = Vec::new();
    let mut near = Vec::new();
    let mut put = |span: Span| {
        if span.file == file {
            kept.push(span.range());
        }
    };
    for blocks in document.texts() {
        visit_blocks(blocks, &mut |block| match &block.kind {
            BlockKind::Code { .. } | BlockKind::Math(_) => put(block.span),
            BlockKind::Figure { panels, .. } => panels.iter().for_each(|panel| put(panel.span)),
            _ => {}
        });
        visit_each_inline(blocks, &mut |inline| {
            // What was written as HTML has the place of a tag: its words stand beside it.
            let words: Vec<&str> = match &inline.kind {
                InlineKind::Ruby(pairs) => pairs.iter().flat_map(|(base, reading)| [base.as_str(), reading]).collect(),
                InlineKind::Code(text) => vec![text],
                _ => Vec::new(),
            };
            near.extend(
                words.into_iter().filter(|_| inline.span.file == file).filter_map(|word| beside(source, inline.span.range(), word)),
            );
            if inline.children().is_empty() || matches!(inline.kind, InlineKind::Ruby(_)) {
                put(inline.span);
            }
        });
    }
    kept.extend(near);
    kept
}

/// Where a word stands within a few lines of a place.
fn beside(source: &str, place: Range<usize>, word: &str) -> Option<Range<usize>> {
    const REACH: usize = 400;
    let mut from = place.start.saturating_sub(REACH);
    let mut to = (place.end + REACH).min(source.len());
    while !source.is_char_boundary(from) {
        from -= 1;
    }
    while !source.is_char_boundary(to) {
        to += 1;
    }
    let found = source.get(from..to)?.match_indices(word).map(|(at, _)| from + at).min_by_key(|at| at.abs_diff(place.start))?;
    Some(found..found + word.len())
}

/// Marks of Markdown that hold letters and are no text: tags, addresses, attributes, names of containers and notes.
fn marks(source: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut pair = |open: &str, close: &str| {
        let (mut at, mut rest) = (0, source);
        while let Some((before, after)) = rest.split_once(open) {
            let Some((inside, after)) = after.split_once(close) else { break };
            let start = at + before.len();
            at = start + open.len() + inside.len() + close.len();
            found.push(start..at);
            rest = after;
        }
    };
    pair("<!--", "-->");
    pair("](", ")");
    pair("][", "]");
    pair("[^", "]");
    pair("[!", "]");
    pair("[x", "]");
    pair("[X", "]");
    let mut at = 0;
    for line in source.split_inclusive('\n') {
        let body = line.trim_start_matches([' ', '\t', '>']);
        let start = at + line.len() - body.len();
        let end = at + line.trim_end().len();
        let ticks = body.len() - body.trim_start_matches(['`', '~']).len();
        if ticks >= 3 {
            found.push(start..end.max(start));
        } else {
            let reference =
                body.starts_with('[') && !body.starts_with("[^") && body.split_once("]:").is_some_and(|(label, _)| !label.contains("]("));
            if reference || body.starts_with(":::") || at == 0 && body.starts_with("---") {
                found.push(start..end.max(start));
            }
        }
        for name in ["表：", "Table:"] {
            if body.starts_with(name) {
                found.push(start..start + name.len());
            }
        }
        at += line.len();
    }
    found.extend(tags(source));
    found.extend(attributes(source));
    found.extend(front(source));
    found
}

/// Tags of HTML.
#[expect(clippy::string_slice, reason = "`at` is the place of a `<`, one byte, in this text")]
fn tags(source: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for (at, _) in source.match_indices('<') {
        let name = source[at + 1..].trim_start_matches(['/', '!', '?']);
        if name.starts_with(|c: char| c.is_ascii_alphabetic())
            && let Some(end) = source[at..].find('>')
        {
            found.push(at..at + end + 1);
        }
    }
    found
}

/// Attributes in braces, after what they are of: `{#id .class width=60%}`.
#[expect(clippy::string_slice, reason = "`at` is the place of a `{`, one byte, and `find` has the first `}` past it")]
fn attributes(source: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for (at, _) in source.match_indices('{') {
        let Some(end) = source[at..].find('}').map(|offset| at + offset + 1) else { continue };
        let inside = &source[at + 1..end - 1];
        if inside.split_whitespace().all(|word| word.starts_with(['#', '.']) || word.contains('=') || word == "-") && !inside.is_empty() {
            found.push(at..end);
        }
    }
    found
}

/// A block of metadata at the head of a file, which is told of.
fn front(source: &str) -> Option<Range<usize>> {
    let rest = source.strip_prefix("---\n")?;
    let end = rest.find("\n---\n")?;
    Some(0..end + 8)
}
