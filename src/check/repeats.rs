//! Paragraphs that stand in the book twice.

use crate::Project;
use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::document::{Block, BlockKind, plain_text};
use crate::text;
use std::collections::BTreeMap;

/// Characters of a paragraph that is looked at: a refrain may well come again.
const LONG: usize = 40;

/// Lints the whole book.
pub(super) fn lint(project: &Project, sink: &Sink) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for chapter in &project.manuscript.chapters {
        // What stands in a quotation may well stand elsewhere too.
        for Block { kind, span, .. } in &chapter.document.blocks {
            let BlockKind::Paragraph(content) = kind else { continue };
            let text = plain_text(content);
            let key: String = text.chars().filter(|c| c.is_alphanumeric()).collect();
            if key.chars().count() < LONG {
                continue;
            }
            let times = seen.entry(key).or_default();
            *times += 1;
            if *times > 1 {
                let start: String = text.chars().take(12).collect();
                let report =
                    Diagnostic::new(Code::RepeatedParagraph, text!("“{start}…” stands in the book before", "“{start}……”一段前文已有"));
                sink.report(report.at(*span).advise(text!("remove it, if it is here by mistake", "如系重复，请删去")));
            }
        }
    }
}
