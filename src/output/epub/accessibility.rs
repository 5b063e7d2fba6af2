//! What keeps a book from being accessible, as far as a program can tell (WCAG 2.1 A and AA, EPUB Accessibility 1.1): images
//! without words, headings that skip a level, tables without heads.

use crate::diagnostic::Text;
use crate::document::{BlockKind, Cell, Manuscript, visit_blocks, visit_images};
use crate::source::Span;
use crate::text;

/// What is wrong, and where. What only a person can judge, whether words say what an image shows, is not among it.
pub fn faults(manuscript: &Manuscript) -> Vec<(Span, Text)> {
    let mut found = Vec::new();
    for chapter in &manuscript.chapters {
        let mut last = 0;
        for blocks in chapter.document.texts() {
            visit_blocks(blocks, &mut |block| match &block.kind {
                BlockKind::Heading { level, .. } => {
                    if *level > last + 1 {
                        found.push((block.span, text!("a heading skips a level", "标题跳级")));
                    }
                    last = *level;
                }
                BlockKind::Table(table) => {
                    let headed = !table.head.is_empty() || table.body.iter().flatten().any(|cell: &Cell| cell.header);
                    if !headed {
                        found.push((block.span, text!("a table has no head", "表格没有表头")));
                    }
                }
                _ => {}
            });
            visit_images(blocks, &mut |image, caption, span| {
                if image.alt.trim().is_empty() && caption.is_empty() {
                    found.push((span, text!("an image has no words", "图片没有替代文字")));
                }
            });
        }
    }
    found
}
