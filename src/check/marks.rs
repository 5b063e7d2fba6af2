//! Marks: half-width punctuation in Chinese text, quotes and brackets without a partner.

use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::document::{BlockKind, Document, Inline, InlineKind, visit_inlines};
use crate::script::{counterpart, half_width_mark, is_cjk, is_closing_mark, is_opening_mark};
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
        half_width(paragraph, sink);
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

/// One report a paragraph, at the first place, with the number of places.
fn half_width(paragraph: &[Placed], sink: &Sink) {
    let mut first: Option<(char, char, Span)> = None;
    let mut count = 0;
    for (at, (c, span)) in paragraph.iter().enumerate() {
        let Some(full) = half_width_mark(*c) else { continue };
        let before = at.checked_sub(1).and_then(|before| paragraph.get(before)).map(|(c, _)| *c);
        let after = paragraph.get(at + 1).map(|(c, _)| *c);
        let chinese = match c {
            '(' => after.is_some_and(is_cjk) || before.is_some_and(is_cjk) && !after.is_some_and(|c| c.is_ascii()),
            ')' => before.is_some_and(is_cjk),
            _ => {
                before.is_some_and(is_cjk)
                    && after.is_none_or(|c| is_cjk(c) || c.is_whitespace() || is_opening_mark(c) || c.is_ascii_digit())
            }
        };
        if chinese {
            first.get_or_insert((*c, full, *span));
            count += 1;
        }
    }
    if let Some((half, full, span)) = first {
        let report = Diagnostic::new(
            Code::HalfWidthPunctuation,
            text!(
                "half-width \"{half}\" in Chinese text ({count} such marks in this paragraph)",
                "中文里用了半角“{half}”（本段共 {count} 处半角标点）"
            ),
        );
        sink.report(report.at(span).advise(text!("write {full}", "改为 {full}")));
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
            let apostrophe = *c == '’' && at > 0 && paragraph[at - 1].0.is_ascii_alphanumeric();
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
