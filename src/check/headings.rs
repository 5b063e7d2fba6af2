//! Headings: levels that jump, headings without text, numbers that skip or repeat, images without words.

use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::document::{Block, BlockKind, Document, Image, Manuscript, plain_text, visit_blocks, visit_images};
use crate::script::numeral::{self, Unit};
use crate::source::Span;
use crate::text;
use std::collections::BTreeMap;

/// Lints one chapter.
pub(super) fn lint(document: &Document, sink: &Sink) {
    let mut last: Option<u8> = None;
    visit_blocks(&document.blocks, &mut |block| {
        if let BlockKind::Heading { level, content, .. } = &block.kind {
            if let Some(last) = last.filter(|last| *level > last + 1) {
                let report = Diagnostic::new(
                    Code::HeadingJump,
                    text!(
                        "this heading is of level {level}, the one before it of level {last}",
                        "此标题为 {level} 级，而上一个标题是 {last} 级"
                    ),
                );
                let wanted = "#".repeat(usize::from(last) + 1);
                sink.report(report.at(block.span).advise(text!("write {wanted} instead", "改用 {wanted}")));
            }
            if plain_text(content).trim().is_empty() {
                sink.report(Diagnostic::new(Code::EmptyHeading, text!("this heading has no text", "此标题没有文字")).at(block.span));
            }
            last = Some(*level);
        }
    });
    visit_images(&document.blocks, &mut |image, _, span| alternative(image, span, sink));
}

fn alternative(image: &Image, span: Span, sink: &Sink) {
    if image.alt.trim().is_empty() {
        let report = Diagnostic::new(Code::MissingAlt, text!("this image has no alternative text", "此图片没有替代文字"));
        sink.report(report.at(span).advise(text!("say what it shows: ![…](…)", "写明图中内容：![……](…)")));
    }
}

/// Numbers of volumes, chapters and sections through the book: a larger unit lets the smaller ones begin anew.
#[expect(clippy::string_slice, reason = "`label` is where `heading` found a character of this text to end")]
pub(super) fn numbering(manuscript: &Manuscript, sink: &Sink) {
    let mut last: BTreeMap<Unit, u32> = BTreeMap::new();
    for chapter in &manuscript.chapters {
        visit_blocks(&chapter.document.blocks, &mut |block: &Block| {
            let BlockKind::Heading { content, .. } = &block.kind else { return };
            let text = plain_text(content);
            let Some(found) = numeral::heading(&text) else { return };
            let label = text[..found.label].trim();
            let (value, unit) = (found.value, found.unit);
            match last.get(&unit).copied() {
                // Chapters may go on or begin anew in each volume.
                Some(before) if value == before + 1 || (value == 1 && unit != Unit::Chapter) => {}
                Some(before) if value == 1 && unit == Unit::Chapter && last.keys().any(|known| *known < unit) && before > 1 => {}
                Some(before) => {
                    let expected = before + 1;
                    let report = Diagnostic::new(
                        Code::NumberingSkip,
                        text!(
                            "{label} follows number {before}; {expected} was expected",
                            "“{label}”之前的编号是 {before}，此处应为 {expected}"
                        ),
                    );
                    sink.report(
                        report
                            .at(block.span)
                            .advise(text!("see whether a heading is missing or miscounted", "请核对是否漏了标题或编错了号")),
                    );
                }
                None if value > 1 => {
                    let report = Diagnostic::new(
                        Code::NumberingSkip,
                        text!("{label} comes first; 1 was expected", "首个编号即为“{label}”，应从一开始"),
                    );
                    sink.report(
                        report
                            .at(block.span)
                            .advise(text!("see whether a heading is missing or miscounted", "请核对是否漏了标题或编错了号")),
                    );
                }
                None => {}
            }
            last.insert(unit, value);
            last.retain(|known, _| *known <= unit);
        });
    }
}
