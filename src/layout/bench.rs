//! Two steps by themselves, for whoever measures them: preparing the paragraphs of a book, and breaking them into lines.

use super::breaks::{self, Fit, Measure};
use super::prepare::Preparation;
use super::{Context, Folios, collect, tags};
use crate::diagnostic::Sink;
use crate::document::{BlockKind, Manuscript, visit_blocks};
use crate::font::{Fonts, Role};
use crate::style::{Style, TextStyle};

/// The paragraphs of a book, ready to be broken into lines.
pub struct Prepared {
    paragraphs: Vec<Preparation>,
    measure: Measure,
}

/// Prepares every paragraph of a book's chapters, as the body is set.
pub fn prepare(manuscript: &Manuscript, style: &Style, fonts: &Fonts) -> Prepared {
    let (folios, tags, levels, sink) = (Folios::new(), tags::Tags::default(), tags::levels(manuscript), Sink::default());
    let context = Context::new(manuscript, style, fonts, &folios, &tags, &levels, &sink);
    let text = TextStyle::new(Role::Serif, style.body.size);
    let mut paragraphs = Vec::new();
    for chapter in &manuscript.chapters {
        visit_blocks(&chapter.document.blocks, &mut |block| {
            if let BlockKind::Paragraph(content) = &block.kind {
                let collected = collect::collect(&context, content, text);
                paragraphs.extend(collected.iter().map(|text| super::prepare::prepare(&context, text)));
            }
        });
    }
    let measure = Measure { width: style.page.measure, indent: text.size * 2, fit: Fit::Flush, em: text.size };
    Prepared { paragraphs, measure }
}

impl Prepared {
    /// How many characters they have, or groups of them that no line divides.
    pub fn characters(&self) -> usize {
        self.paragraphs.iter().map(|text| text.clusters.len()).sum()
    }

    /// Breaks them, and counts the lines.
    pub fn count_lines(&self) -> usize {
        self.paragraphs.iter().map(|text| breaks::choose(text, self.measure).len()).sum()
    }
}
