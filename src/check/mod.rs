//! Looking a book over before it is made: characters that no font has, settings that are not carried out yet, and
//! the lints of the text, one file each.

mod coverage;
mod headings;
mod marks;
mod math;
mod pending;
mod proof;
mod readers;

pub use coverage::coverage;
pub use math::math;
pub use pending::pending;
pub use proof::prove;
pub use readers::{certified, readers};

use crate::Project;
use crate::diagnostic::Sink;

/// The lints of the text.
pub fn lint(project: &Project, sink: &Sink) {
    for chapter in &project.manuscript.chapters {
        headings::lint(&chapter.document, sink);
        marks::lint(&chapter.document, sink);
    }
    headings::numbering(&project.manuscript, sink);
}
