//! Characters that no font has.

use crate::Project;
use crate::cache::{Cache, Key};
use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::document::{Block, BlockKind, Inline, InlineKind, visit_blocks, visit_inlines};
use crate::font::{Fonts, Role, Want};
use crate::script::{Class, Seen};
use crate::source::Span;
use crate::text;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::convert::Infallible;

/// Reports every character without a font, once each, at its first place. A chapter that `cache` knows is not looked through again.
pub fn coverage(project: &Project, cache: &Cache, sink: &Sink) {
    let good = Seen::none();
    let fonts = Key::of("fonts", &project.fonts);
    let seekers = project.manuscript.chapters.par_iter().enumerate().map(|(at, chapter)| {
        let seek = || {
            let mut seeker = Seeker::new(&project.fonts, &good);
            for blocks in chapter.document.texts() {
                visit_blocks(blocks, &mut |block| seeker.block(block));
                visit_inlines(blocks, &mut |_, list| seeker.inlines(list));
            }
            Ok::<_, Infallible>((seeker.missing, seeker.leftward))
        };
        let Ok(found) = cache.made(Key::of("coverage", (fonts, project.manuscript.digest(at))), seek);
        found
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

    fn text(&mut self, text: &str, span: Span) {
        let exact = (span.end - span.start) as usize == text.len();
        for (at, c) in self.good.unseen(text) {
            if c.is_ascii_graphic() || c.is_whitespace() || c.is_control() || Class::of(c) == Class::Extend {
                self.good.add(c);
                continue;
            }
            let want = Want { role: Role::Serif, bold: false, italic: false };
            let leftward = crate::script::is_written_leftward(c);
            let start = if exact { span.start + at as u32 } else { span.start };
            if leftward {
                self.leftward.get_or_insert((Span { start, end: start, ..span }, 0)).1 += 1;
            }
            if self.fonts.find(want, c, false).is_some() {
                if !leftward {
                    self.good.add(c);
                }
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
