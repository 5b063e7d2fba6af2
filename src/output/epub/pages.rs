//! One pagination for two books: the printed pages' breaks in the text, each with its folio, and the list of them
//! (EPUB 3.3, 5.4.5; EPUB Accessibility 1.1, 4.1).

use super::xhtml::escape;
use crate::document::{Link, Manuscript, TargetKind};
use crate::layout::{Pages, Start};
use std::collections::BTreeMap;

/// Where a printed page begins in a chapter.
#[derive(Clone, Debug, Hash)]
pub(super) struct PageBreak {
    /// Byte in the chapter's source, as [`crate::source::Span::at`] has it.
    pub at: u32,
    /// The folio.
    pub folio: String,
}

impl PageBreak {
    /// The element that marks it. It is empty: what is said of it is its label.
    pub fn element(&self) -> String {
        element(&self.folio)
    }
}

/// The element that marks where a page begins.
pub(super) fn element(folio: &str) -> String {
    let (id, folio) = (id(folio), escape(folio));
    format!("<span id=\"{id}\" epub:type=\"pagebreak\" role=\"doc-pagebreak\" aria-label=\"{folio}\"></span>")
}

/// The id of the place where a page begins. A folio is a number, Arabic or Roman.
pub(super) fn id(folio: &str) -> String {
    format!("page-{folio}")
}

/// The pages of the printed book, as far as the EPUB has what stands on them.
#[derive(Debug, Default)]
pub(super) struct PageBreaks {
    /// By chapter, in the order of their places.
    chapters: Vec<Vec<PageBreak>>,
    /// The folios of the half title and the title page, which the EPUB has as one.
    pub title: Vec<String>,
    /// The folio of the copyright page.
    pub copyright: Option<String>,
    /// The pages of the lists of the front matter, each with what it lists, where its first line leads, `None` for the first page
    /// of a list, and its folio.
    pub lists: Vec<(TargetKind, Option<Link>, String)>,
    /// Folios by chapter and id.
    folios: BTreeMap<(usize, Option<String>), String>,
}

impl PageBreaks {
    /// The breaks of a book that was laid out. Pages without a folio, and those on which nothing begins, have none.
    #[expect(clippy::indexing_slicing, reason = "pages are laid out from this manuscript, and `chapters` has a list for each of its")]
    pub fn of(pages: &Pages, manuscript: &Manuscript) -> PageBreaks {
        let mut found =
            PageBreaks { chapters: vec![Vec::new(); manuscript.chapters.len()], folios: pages.folios(), ..PageBreaks::default() };
        for page in pages.pages.iter().filter(|page| !page.label.is_empty()) {
            let folio = page.label.clone();
            match &page.start {
                Some(Start::Text(place)) => found.chapters[place.chapter].push(PageBreak { at: place.at, folio }),
                Some(Start::TitlePage) => found.title.push(folio),
                Some(Start::Copyright) => found.copyright = Some(folio),
                Some(Start::List(kind, line)) => found.lists.push((*kind, line.clone(), folio)),
                None => {}
            }
        }
        found
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.folios.is_empty()
    }

    /// The breaks of a chapter.
    pub fn chapter(&self, chapter: usize) -> &[PageBreak] {
        self.chapters.get(chapter).map_or(&[], Vec::as_slice)
    }

    /// The folio of the page that holds a chapter's start, or an id in it.
    pub fn folio_of(&self, to: &Link) -> Option<&str> {
        let Link::Inside { chapter, id } = to else { return None };
        self.folios.get(&(*chapter, id.clone())).map(String::as_str)
    }

    /// The highest folio in Arabic numerals.
    pub fn highest(&self) -> usize {
        self.chapters.iter().flatten().filter_map(|page| page.folio.parse().ok()).max().unwrap_or(0)
    }
}
