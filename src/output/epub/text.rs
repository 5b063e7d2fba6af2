//! Text in the flow of a reader: words with marks of their own, what shares an em of a column, notes of two lines in one.

use super::xhtml::{Writer, escape};
use crate::document::{Inline, InlineKind, plain_text};
use crate::script::{self, Class};
use crate::source::Span;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::ops::Range;

impl Writer<'_> {
    /// Text with the breaks of its pages. Marks that Chinese and Western text share belong to what they stand in: a word with
    /// such a mark is set as one; in a column two or three digits share an em (CLREQ 2.1.3). Quotes stay as they are
    /// written: what a reader sees is the reader's and the font's.
    pub fn text(&mut self, text: &str, span: Span) -> String {
        let breaks = self.page_breaks(text, span);
        self.words(text, &breaks)
    }

    /// Text without any words told apart: code.
    pub fn plain(&mut self, text: &str, span: Span) -> String {
        let breaks = self.page_breaks(text, span);
        pieces(text, 0..text.len(), &breaks, &|piece| escape(piece))
    }

    /// What the book itself writes: the number of a note, the mark of a task.
    pub fn generated(&self, text: &str) -> String {
        self.edition.rare.as_ref().map_or_else(|| escape(text), |rare| told_apart(text, rare))
    }

    #[expect(
        clippy::indexing_slicing,
        clippy::string_slice,
        reason = "`places` has one more than `characters`, `classes` as many; `at` and `end` are within both"
    )]
    fn words(&self, text: &str, breaks: &[(usize, String)]) -> String {
        let style = self.edition.input.style;
        let vertical = style.is_vertical();
        let piece = |piece: &str| self.generated(piece);
        if !style.chinese && !vertical || script::is_only_chinese(text) {
            return pieces(text, 0..text.len(), breaks, &piece);
        }
        let characters: Vec<char> = text.chars().collect();
        // Bytes before each character.
        let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let classes = script::classify(&characters);
        let western = |at: usize| matches!(classes[at], Class::Western | Class::Extend);
        let mut out = String::new();
        let mut at = 0;
        while at < characters.len() {
            let now = western(at);
            let end = (at..characters.len()).find(|at| western(*at) != now).unwrap_or(characters.len());
            let inner = pieces(text, places[at]..places[end], breaks, &piece);
            if !now {
                out.push_str(&inner);
                at = end;
                continue;
            }
            let word = &text[places[at]..places[end]];
            // One word among others of its kind lies on its side with them.
            let spaced = |c: &&char| **c != ' ';
            let beside = |c: Option<&char>| c.is_some_and(|c| !script::is_cjk(*c) && !script::is_shared(*c));
            let joined = || beside(characters[..at].iter().rev().find(spaced)) || beside(characters[end..].iter().find(spaced));
            let class = if word.chars().any(script::is_shared) {
                Some("western")
            } else if vertical && script::stands_in_one_em(word) && !joined() {
                Some("tcy")
            } else {
                None
            };
            match class {
                Some(class) => {
                    let _ = write!(out, "<span class=\"{class}\">{inner}</span>");
                }
                None => out.push_str(&inner),
            }
            at = end;
        }
        out
    }

    /// A note among the text in brackets, where it has none of its own.
    pub fn bracketed(&mut self, inner: &[Inline]) -> String {
        let plain = plain_text(inner);
        let [open, close] = script::BRACKETS;
        let has = plain.trim().starts_with(['（', '(', '〔', '［', '[', '【']);
        let text = self.inlines(inner);
        if has { text } else { format!("{open}{text}{close}") }
    }

    /// A note of two lines in one: boxes short enough that a line may end between them, each of two lines that break where
    /// lines may and are of about one length. A reader that knows no such boxes shows it on. `None` where it holds more
    /// than text.
    #[expect(
        clippy::indexing_slicing,
        reason = "`characters`, `classes`, `sources` go together, `places` has one more; `may_break` from 1"
    )]
    pub fn double_line(&mut self, inner: &[Inline]) -> Option<String> {
        /// Half ems of one box: two lines of eight characters.
        const BOX: usize = 32;
        let mut text = String::new();
        // The place in the source of each character.
        let mut sources: Vec<u32> = Vec::new();
        for inline in inner {
            let InlineKind::Text(part) = &inline.kind else { return None };
            text.push_str(part);
            sources.extend(part.char_indices().map(|(at, _)| inline.span.at(at)));
        }
        sources.drain(..text.chars().take_while(|c| c.is_whitespace()).count());
        if !self.edition.profile.double_lines || !script::may_be_divided(&text) {
            return None;
        }
        let style = self.edition.input.style;
        let rules = style.rules(style.direction);
        let characters: Vec<char> = text.trim().chars().collect();
        let classes = script::classify(&characters);
        let cell = |class: &Class| match class {
            Class::Extend => 0,
            Class::Western | Class::Space | Class::HalfOpen | Class::HalfClose => 1,
            _ => 2,
        };
        // Half ems before each character.
        let mut reached = 0_usize;
        let after = classes.iter().map(|class| {
            reached += cell(class);
            reached
        });
        let places: Vec<usize> = std::iter::once(0).chain(after).collect();
        let width = |range: Range<usize>| places[range.end] - places[range.start];
        // Where a line may end before a character.
        let may_break = |at: usize| match (classes[at - 1], classes[at]) {
            (_, Class::Space | Class::Extend) => false,
            (Class::Long, Class::Long) if characters[at - 1] == characters[at] => false,
            (Class::Space, after) => at < 2 || rules.may_break_at_space(classes[at - 2], after),
            (before, after) => rules.may_break(before, after),
        };
        // Where the range is best divided, its first part of about `wanted` half ems.
        let divide = |range: Range<usize>, wanted: usize| {
            // Somewhat beyond the wanted place is far enough to look.
            let last = (range.start + wanted + BOX).min(range.end);
            let ends = (range.start + 1..last).filter(|at| may_break(*at));
            ends.min_by_key(|at| {
                let first = width(range.start..*at);
                (first.abs_diff(wanted), first < wanted)
            })
        };
        let mut out = String::new();
        let mut start = 0;
        while start < characters.len() {
            let rest = width(start..characters.len());
            let boxes = rest.div_ceil(BOX);
            let end = if boxes > 1 { divide(start..characters.len(), rest.div_ceil(boxes)) } else { None }.unwrap_or(characters.len());
            let split = divide(start..end, width(start..end).div_ceil(2)).unwrap_or(end);
            out.push_str(&self.page_break(sources[start]));
            out.push_str("<span class=\"lines\">");
            for line in [start..split, split..end] {
                let line: String = characters[line].iter().collect();
                if !line.is_empty() {
                    let _ = write!(out, "<span class=\"line\">{}</span>", self.words(line.trim(), &[]));
                }
            }
            out.push_str("</span>");
            start = end;
        }
        Some(out)
    }
}

/// A range of a text, its pieces between page breaks each written as asked.
#[expect(clippy::string_slice, reason = "`page_breaks` gives places of characters in growing order; the range is of such places")]
fn pieces(text: &str, range: Range<usize>, breaks: &[(usize, String)], write: &dyn Fn(&str) -> String) -> String {
    let mut out = String::new();
    let mut at = range.start;
    for (place, element) in breaks.iter().filter(|(place, _)| range.contains(place)) {
        out.push_str(&write(&text[at..*place]));
        out.push_str(element);
        at = *place;
    }
    out.push_str(&write(&text[at..range.end]));
    out
}

/// Text in which the characters that devices lack are told apart: they are in the book's own font.
fn told_apart(text: &str, rare: &BTreeSet<char>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(|c| rare.contains(&c)) {
        let (before, after) = rest.split_at(at);
        let end = after.find(|c: char| !rare.contains(&c) && !script::is_variation_selector(c)).unwrap_or(after.len());
        let (own, after) = after.split_at(end);
        let _ = write!(out, "{}<span class=\"rare\">{}</span>", escape(before), escape(own));
        rest = after;
    }
    out.push_str(&escape(rest));
    out
}

/// Whether it is text with a line along it: a proper noun, a title.
pub(super) fn is_lined(inline: &Inline) -> bool {
    matches!(inline.kind, InlineKind::Underline(_)) || inline.attrs.has("proper") || inline.attrs.has("title")
}
