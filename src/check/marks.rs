//! Marks: quotes and brackets without a partner.

use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::document::{BlockKind, Document, Inline, InlineKind, visit_inlines};
use crate::script::{counterpart, is_closing_mark, is_opening_mark};
use crate::source::Span;
use crate::text;

/// A character with its place; `None` for what is no text: code, an image.
type Placed = (char, Span);

/// Lints one chapter.
pub(super) fn lint(document: &Document, sink: &Sink) {
    let mut paragraphs: Vec<Vec<Placed>> = Vec::new();
    for blocks in document.texts() {
        visit_inlines(blocks, &mut |block, list| {
            if matches!(block.kind, BlockKind::Code { .. }) {
                return;
            }
            let mut characters = Vec::new();
            gather(list, &mut characters);
            paragraphs.push(characters);
        });
    }
    for (at, paragraph) in paragraphs.iter().enumerate() {
        let next = paragraphs.get(at + 1).and_then(|next| next.first()).map(|(c, _)| *c);
        unpaired(paragraph, next, sink);
    }
}

fn gather(list: &[Inline], out: &mut Vec<Placed>) {
    for inline in list {
        match &inline.kind {
            InlineKind::Text(text) => {
                let exact = (inline.span.end - inline.span.start) as usize == text.len();
                out.extend(text.char_indices().map(|(at, c)| {
                    let start = if exact { inline.span.start + at as u32 } else { inline.span.start };
                    let end = if exact { start + c.len_utf8() as u32 } else { inline.span.end };
                    (c, Span { start, end, ..inline.span })
                }));
            }
            // What is no text stands between its neighbours as a letter.
            InlineKind::Code(_) | InlineKind::Math(_) | InlineKind::Image(_) => out.push(('x', inline.span)),
            InlineKind::Break => out.push((' ', inline.span)),
            _ => gather(inline.children(), out),
        }
    }
}

fn unpaired(paragraph: &[Placed], next: Option<char>, sink: &Sink) {
    let mut open: Vec<Placed> = Vec::new();
    let report = |c: char, span: Span| {
        let report = Diagnostic::new(Code::UnpairedMark, text!("{c} has no partner in this paragraph", "“{c}”在本段中没有配对"));
        sink.report(report.at(span).advise(text!("add the missing mark, or remove this one", "补上另一半，或删去这一个")));
    };
    for (at, (c, span)) in paragraph.iter().enumerate() {
        if is_opening_mark(*c) {
            open.push((*c, *span));
        } else if is_closing_mark(*c) {
            let apostrophe = *c == '’' && paragraph.get(at.wrapping_sub(1)).is_some_and(|(c, _)| c.is_ascii_alphanumeric());
            match open.iter().rposition(|(opened, _)| counterpart(*opened) == Some(*c)) {
                Some(found) => {
                    // What was opened inside and never closed is left behind.
                    open.drain(found + 1..).for_each(|(c, span)| report(c, span));
                    open.pop();
                }
                None if apostrophe => {}
                None => report(*c, *span),
            }
        }
    }
    for (c, span) in open {
        // Speech over several paragraphs opens each of them and is closed in the last.
        if next != Some(c) {
            report(c, span);
        }
    }
}
