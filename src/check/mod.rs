//! Looking a book over before it is made: characters that no font has, settings that are not carried out yet, and
//! the lints of the text, one file each; what of it is safe to put right ([`fix`]); the proof on the finished files.

mod characters;
mod coverage;
mod fix;
mod headings;
mod marks;
mod math;
mod pending;
mod proof;
mod readers;
mod repeats;
mod spacing;
mod spellings;
mod stops;

pub use coverage::coverage;
pub use fix::{Fixed, fix};
pub use math::math;
pub use pending::pending;
pub use proof::prove;
pub use readers::{certified, readers};

use crate::Project;
use crate::diagnostic::Sink;
use crate::document::{Prose, passages};
use crate::source::{FileId, Sources};
use rayon::prelude::*;

/// The lints of the text.
pub fn lint(project: &Project, sources: &Sources, sink: &Sink) {
    for chapter in &project.manuscript.chapters {
        headings::lint(&chapter.document, sink);
        marks::lint(&chapter.document, sink);
    }
    headings::numbering(&project.manuscript, sink);
    if project.style.chinese {
        let texts = texts(project, sources);
        characters::lint(&texts, sink);
        spacing::lint(&texts, sink);
        spellings::lint(&texts, sink);
        stops::lint(project, sink);
    }
    repeats::lint(project, sink);
}

/// A chapter's file, as it was read, with its prose.
struct Text<'a> {
    file: FileId,
    prose: Prose<'a>,
}

/// The files of the chapters, with their prose.
fn texts<'a>(project: &Project, sources: &'a Sources) -> Vec<Text<'a>> {
    let chapters = project.manuscript.chapters.par_iter().filter(|chapter| chapter.path.is_some());
    chapters
        .filter_map(|chapter| {
            let file = chapter.document.blocks.first().map(|block| block.span.file)?;
            let source: &str = &sources.get(file).text;
            Some(Text { file, prose: Prose { source, passages: passages(&chapter.document, source, file) } })
        })
        .collect()
}
