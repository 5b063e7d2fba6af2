//! Pages from the manuscript. A line of text goes through `collect`, `prepare` (with `mark`, `word`, `column`, `annotate` for
//! its kinds of clusters and `joint` for what stands between them; `grid` where it is asked for), `breaks`, `line`, and
//! `trace` tells of it; blocks become rows in `flow` (with `title`, `listing`, `table`, `figure` for their kinds); `build` puts
//! rows on pages, with `notes` at the foot; `front` makes cover, title page and contents; `finish` orders the pages, with heads and
//! folios by `head`. `tags` is the structure that all of them say they are part of.

mod annotate;
mod barcode;
pub mod bench;
mod breaks;
mod build;
mod collect;
mod column;
mod container;
mod contents;
mod figure;
mod finish;
mod float;
mod flow;
mod front;
mod grid;
mod head;
mod joint;
mod line;
mod list;
mod listing;
mod mark;
mod notes;
mod page;
mod prepare;
mod side;
mod table;
mod tags;
mod title;
mod trace;
mod word;

pub use page::{Area, Body, Glyph, Item, OutlineEntry, Page, Pages, Run, Start, TextPlace, Turn, wave, wave_thickness};
pub use tags::{CellRole, Element, Role};

use crate::cache::{Cache, Key};
use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::document::{ChapterKind, Heading, InlineKind, Link, Manuscript, visit_each_inline, visit_images};
use crate::font::Fonts;
use crate::manifest::{Loaded, Matter};
use crate::script::{self, Direction, Rules};
use crate::source::Span;
use crate::style::Style;
use crate::text;
use rayon::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::ops::Range;

/// Folios by chapter and id, as far as they are known.
pub(crate) type Folios = BTreeMap<(usize, Option<String>), String>;

/// What every step may look at.
pub(crate) struct Context<'a> {
    pub style: &'a Style,
    /// The way of the lines that are being set: the book's, or across for heads and folios.
    pub direction: Direction,
    pub fonts: &'a Fonts,
    pub manuscript: &'a Manuscript,
    /// Index of the chapter that is being set.
    pub chapter: usize,
    /// Whether a note at the side is being set: it has no notes of its own.
    pub beside: bool,
    pub folios: &'a Folios,
    /// The structure under construction: of one flow.
    pub tags: &'a tags::Tags,
    /// The levels of headings in it.
    pub levels: &'a tags::Levels<'a>,
    pub sink: &'a Sink,
}

impl<'a> Context<'a> {
    /// The context of what is set first.
    fn new(
        manuscript: &'a Manuscript,
        style: &'a Style,
        fonts: &'a Fonts,
        folios: &'a Folios,
        tags: &'a tags::Tags,
        levels: &'a tags::Levels<'a>,
        sink: &'a Sink,
    ) -> Context<'a> {
        Context { style, direction: style.direction, fonts, manuscript, chapter: 0, beside: false, folios, tags, levels, sink }
    }
}

impl Context<'_> {
    /// The same for lines that run across whatever the book's direction.
    fn across(&self) -> Context<'_> {
        Context { direction: Direction::Horizontal, ..*self }
    }

    /// The rules of the lines that are being set.
    fn rules(&self) -> &Rules {
        self.style.rules(self.direction)
    }

    /// Whether lines run down the page.
    fn is_vertical(&self) -> bool {
        self.direction == Direction::Vertical
    }

    /// The number that stands for a note until its page is known: all of them are of one width.
    fn note_placeholder() -> String {
        script::circled(1).map(String::from).unwrap_or_default()
    }

    fn folio_of(&self, to: &Link) -> String {
        let known = match to {
            Link::Inside { chapter, id } => self.folios.get(&(*chapter, id.clone())),
            _ => None,
        };
        known.cloned().unwrap_or_else(|| "0".into())
    }

    fn warn_math(&self, span: Span) {
        let report =
            Diagnostic::new(Code::MathSource, text!("this formula is set as its source in the PDF", "这个公式在 PDF 中以源码排出"));
        self.sink.report(report.at(span));
    }
}

/// Rounds of layout at most, where page numbers in the text may move the pages.
const ROUNDS: usize = 4;

/// What a book is laid out from.
#[derive(Clone, Copy)]
pub struct Job<'a> {
    /// The text.
    pub manuscript: &'a Manuscript,
    /// The manifest.
    pub loaded: &'a Loaded,
    /// The look.
    pub style: &'a Style,
    /// The fonts.
    pub fonts: &'a Fonts,
    /// Where problems go.
    pub sink: &'a Sink,
    /// Is told the share that is done, 0 to 1.
    pub progress: &'a (dyn Fn(f64) + Sync),
}

/// Lays out the whole book.
pub fn lay_out(job: Job<'_>) -> Pages {
    lay_out_and(job, None::<Early<'_, ()>>).0
}

/// Makes something of the pages of a flow and its elements; what it takes off the pages is not kept.
pub type Take<'a, T> = dyn Fn(&mut [&mut Vec<Item>], &[Element]) -> T + Sync + 'a;

/// What is done with the pages of a flow as soon as they are built.
pub struct Early<'a, T> {
    /// What is made of them.
    pub take: &'a Take<'a, T>,
    /// Where flows are kept.
    pub cache: &'a Cache,
    /// What the pages and `take` hang on beside the text: manifest and fonts.
    pub look: Key,
}

/// A flow as it is kept.
#[derive(Serialize, Deserialize)]
struct Made<T> {
    pages: Vec<build::Body>,
    elements: Vec<Element>,
    taken: Option<T>,
}

/// The same, and what `early` makes of each flow. Nothing is made where pages may yet change: in a book whose text tells them.
pub fn lay_out_and<T: Send + Serialize + DeserializeOwned>(job: Job<'_>, early: Option<Early<'_, T>>) -> (Pages, Vec<T>) {
    let Job { manuscript, loaded, style, fonts, sink, progress } = job;
    let asks_for_pages = asks_for_pages(manuscript);
    let levels = tags::levels(manuscript);
    let mut folios = Folios::new();
    let early = early.filter(|_| !asks_for_pages && !style.debug);
    let mut round = 0;
    loop {
        round += 1;
        // Only the last round counts.
        sink.forget_traces();
        let bodies = flows(manuscript);
        let done = std::sync::atomic::AtomicUsize::new(0);
        let count = bodies.len();
        let make = |chapters: &Range<usize>, sink: &Sink| {
            let tags = tags::Tags::default();
            let mut pages = build::build(&Context::new(manuscript, style, fonts, &folios, &tags, &levels, sink), chapters.clone());
            let elements = tags.take();
            let taken = early.as_ref().map(|early| {
                let mut pages: Vec<&mut Vec<Item>> = pages.iter_mut().map(|body| &mut body.items).collect();
                (early.take)(&mut pages, &elements)
            });
            Made { pages, elements, taken }
        };
        let flow = |(number, chapters): (usize, &Range<usize>)| {
            let made = match early.as_ref().filter(|_| !sink.is_tracing()) {
                Some(early) => {
                    let key = key(manuscript, chapters, &early.look);
                    let Ok(made) = early.cache.told(key, sink, |sink| Ok::<_, Infallible>(make(chapters, sink)));
                    made
                }
                None => make(chapters, sink),
            };
            let finished = done.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
            progress(finished as f64 / count as f64);
            (build::Built { number, chapters: chapters.clone(), pages: made.pages, elements: made.elements }, made.taken)
        };
        let set_front = || {
            let tags = tags::Tags::default();
            finish::Front::set(&Context::new(manuscript, style, fonts, &folios, &tags, &levels, sink), loaded)
        };
        // Each by itself: pieces of several that are left for the last keep one core alone.
        let flows = || bodies.par_iter().with_max_len(1).enumerate().map(flow).unzip();
        let (front, (built, taken)): (_, (Vec<build::Built>, Vec<Option<T>>)) = rayon::join(set_front, flows);
        let tags = tags::Tags::default();
        let pages = finish::finish(&Context::new(manuscript, style, fonts, &folios, &tags, &levels, sink), loaded, front, built);
        let found = pages.folios();
        if !asks_for_pages || round == ROUNDS || found == folios {
            return (pages, taken.into_iter().flatten().collect());
        }
        folios = found;
    }
}

/// What the pages of a flow are made of, where its text does not tell pages: its chapters as they stand in the book, its headings'
/// levels, how large its images are, and the look of the book.
fn key(manuscript: &Manuscript, chapters: &Range<usize>, look: &Key) -> Key {
    let texts = manuscript.chapters.get(chapters.clone()).unwrap_or_default();
    let mut images = Vec::new();
    for blocks in texts.iter().flat_map(|chapter| chapter.document.texts()) {
        visit_images(blocks, &mut |image, _, _| {
            let media = image.path.as_ref().and_then(|path| manuscript.media.get(path));
            images.push(media.map(|media| (media.width, media.height, media.format as u8)));
        });
    }
    // They stand in the order of their chapters.
    let first = manuscript.outline.partition_point(|heading| heading.chapter < chapters.start);
    let headings: Vec<&Heading> = manuscript.outline.iter().skip(first).take_while(|heading| heading.chapter < chapters.end).collect();
    let digests: Vec<Key> = chapters.clone().map(|chapter| manuscript.digest(chapter)).collect();
    Key::of("flow", (look, chapters, digests, headings, images))
}

/// The typeset cover alone: an EPUB shows its picture.
pub fn cover(manuscript: &Manuscript, loaded: &Loaded, style: &Style, fonts: &Fonts, sink: &Sink) -> Pages {
    let (folios, tags, levels) = (Folios::new(), tags::Tags::default(), tags::Levels::new());
    let context = Context::new(manuscript, style, fonts, &folios, &tags, &levels, sink);
    let pages = vec![front::cover(&context, loaded)];
    Pages { pages, width: style.page.width, height: style.page.height, ..Pages::default() }
}

fn asks_for_pages(manuscript: &Manuscript) -> bool {
    let mut found = false;
    for blocks in manuscript.chapters.iter().flat_map(|chapter| chapter.document.texts()) {
        visit_each_inline(blocks, &mut |inline| found |= matches!(inline.kind, InlineKind::Reference { page: true, .. }));
    }
    found
}

/// Which chapters run on from one another: a chapter with those below it. Each such flow begins a page.
fn flows(manuscript: &Manuscript) -> Vec<std::ops::Range<usize>> {
    let mut ranges: Vec<std::ops::Range<usize>> = Vec::new();
    for (at, chapter) in manuscript.chapters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| manuscript.chapters.get(before));
        let runs_on = chapter.depth > 0
            && chapter.kind == ChapterKind::Text
            && before.is_some_and(|before| before.kind == ChapterKind::Text && before.matter == chapter.matter);
        match ranges.last_mut() {
            Some(last) if runs_on => last.end = at + 1,
            _ => ranges.push(at..at + 1),
        }
    }
    ranges
}

/// Whether a flow belongs to the front matter.
fn is_front(manuscript: &Manuscript, range: &std::ops::Range<usize>) -> bool {
    manuscript.chapters.get(range.start).is_some_and(|chapter| chapter.matter == Matter::Front)
}
