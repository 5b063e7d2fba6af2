//! Characters that no font has.

use crate::Project;
use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::document::{Block, BlockKind, Inline, InlineKind, visit_blocks, visit_inlines};
use crate::font::{Fonts, Role, Want};
use crate::output::letters::Letters;
use crate::script::{Class, Seen, is_written_leftward};
use crate::source::Span;
use crate::text;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Reports every character without a font, once each, at its first place. `letters` are those of the chapters: one that shows only what
/// has a font is not looked through.
pub fn coverage(project: &Project, letters: &[Letters], sink: &Sink) {
    let good = Seen::none();
    let seekers = project.manuscript.chapters.par_iter().zip(letters).map(|(chapter, letters)| {
        let mut seeker = Seeker::new(&project.fonts, &good);
        if !letters.iter().all(|(_, letters)| seeker.are_fine(letters)) {
            for blocks in chapter.document.texts() {
                visit_blocks(blocks, &mut |block| seeker.block(block));
                visit_inlines(blocks, &mut |_, list| seeker.inlines(list));
            }
        }
        (seeker.missing, seeker.leftward)
    });
    let mut seeker = Seeker::new(&project.fonts, &good);
    for (missing, leftward) in seekers.collect::<Vec<_>>() {
        for (c, (place, times)) in missing {
            seeker.missing.entry(c).or_insert((place, 0)).1 += times;
        }
        if let Some((place, times)) = leftward {
            seeker.leftward.get_or_insert((place, 0)).1 += times;
        }
    }
    let book = &project.loaded.manifest.book;
    let place = project.loaded.span(&book.title);
    seeker.text(book.title.get_ref(), Span { start: place.start, end: place.start, ..place });
    if let Some((place, times)) = seeker.leftward {
        let message = text!(
            "text that is written from right to left is set from left to right; {times} characters",
            "自右而左书写的文字按自左而右排出，共 {times} 个字符"
        );
        let advice = text!("the EPUB has it right; for the PDF set it as an image", "EPUB 中无妨；PDF 中请改用图片");
        sink.report(Diagnostic::new(Code::Leftward, message).at(place).advise(advice));
    }
    for (c, (place, times)) in seeker.missing {
        let code = format!("U+{:04X}", c as u32);
        let report = Diagnostic::new(
            Code::NoGlyph,
            text!("no font has {c} ({code}); {times} in all", "没有字体含有“{c}”（{code}），共出现 {times} 次"),
        );
        sink.report(report.at(place).advise(text!(
            "name a font file that has it under [fonts] in book.toml, or write another character",
            "请在 book.toml 的 [fonts] 中指定含有它的字体文件，或改用别的字"
        )));
    }
}

struct Seeker<'a> {
    fonts: &'a Fonts,
    /// What needs no further look in any chapter.
    good: &'a Seen,
    missing: BTreeMap<char, (Span, usize)>,
    /// The first place of text that is written from right to left, and how many characters there are.
    leftward: Option<(Span, usize)>,
}

impl<'a> Seeker<'a> {
    fn new(fonts: &'a Fonts, good: &'a Seen) -> Seeker<'a> {
        Seeker { fonts, good, missing: BTreeMap::new(), leftward: None }
    }

    /// Whether nothing is to be said of any of some characters.
    fn are_fine(&self, letters: &str) -> bool {
        for (_, c) in self.good.unseen(letters) {
            if !self.is_fine(c) {
                return false;
            }
            self.good.add(c);
        }
        true
    }

    fn is_fine(&self, c: char) -> bool {
        let shown = c.is_ascii_graphic() || c.is_whitespace() || c.is_control() || Class::of(c) == Class::Extend;
        shown || !is_written_leftward(c) && self.has_font(c)
    }

    fn has_font(&self, c: char) -> bool {
        self.fonts.find(Want { role: Role::Serif, bold: false, italic: false }, c, false).is_some()
    }

    fn text(&mut self, text: &str, span: Span) {
        let exact = (span.end - span.start) as usize == text.len();
        for (at, c) in self.good.unseen(text) {
            if self.is_fine(c) {
                self.good.add(c);
                continue;
            }
            let start = if exact { span.start + at as u32 } else { span.start };
            if is_written_leftward(c) {
                self.leftward.get_or_insert((Span { start, end: start, ..span }, 0)).1 += 1;
            }
            if self.has_font(c) {
                continue;
            }
            let end = if exact { start + c.len_utf8() as u32 } else { span.end };
            self.missing.entry(c).or_insert((Span { start, end, ..span }, 0)).1 += 1;
        }
    }

    fn block(&mut self, block: &Block) {
        if let BlockKind::Code { text, .. } | BlockKind::Math(text) = &block.kind {
            self.text(text, block.span);
        }
    }

    fn inlines(&mut self, inlines: &[Inline]) {
        for inline in inlines {
            match &inline.kind {
                InlineKind::Text(text) | InlineKind::Code(text) | InlineKind::Math(text) => self.text(text, inline.span),
                InlineKind::Ruby(pairs) => pairs.iter().for_each(|(base, reading)| {
                    self.text(base, inline.span);
                    self.text(reading, inline.span);
                }),
                _ => self.inlines(inline.children()),
            }
        }
    }
}
