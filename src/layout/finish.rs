//! The pages in their final order, with running heads, folios and labels, the outline, and the structure as one.

use super::build::{Body, Built, Heads, renumber};
use super::flow::baseline;
use super::page::{Area, Item, OutlineEntry, Page, Pages, Start};
use super::tags::{Element, Role, Tags};
use super::{Context, Folios, is_front};
use super::{contents, front, head};
use crate::document::{ChapterKind, Link, TargetKind};
use crate::length::Length;
use crate::manifest::{ChapterStart, Loaded};
use crate::script::numeral;
use crate::style::{Colour, Geometry, Tag};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A page before it is placed on its sheet.
enum Sheet {
    /// Drawn over the whole page.
    Cover(Page),
    /// A type area, with or without head and folio, and the part that it is in.
    Text(Body, Dress, Option<Arc<str>>),
    Blank,
}

/// What a page carries beside its text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Dress {
    /// Nothing: title page, part page.
    Bare,
    /// A folio, and a head unless a chapter begins.
    Full,
}

/// The sheets of a book, the first a right-hand page.
#[derive(Default)]
struct Sheets {
    list: Vec<Sheet>,
    /// Whether they are bound as leaves, and not shown one by one on a screen.
    bound: bool,
    /// How many bear no folio: the cover and its inside.
    lead: usize,
    /// Where the folios begin anew, after the front matter.
    main: usize,
}

impl Sheets {
    /// What follows begins on a right-hand page, where pages are leaves.
    fn open_recto(&mut self) {
        if self.bound && self.list.len() % 2 == 1 {
            self.list.push(Sheet::Blank);
        }
    }

    fn bare(&mut self, body: Body) {
        self.list.push(Sheet::Text(body, Dress::Bare, None));
    }

    /// The folio of a sheet, as labels and the contents show it.
    fn label(&self, at: usize) -> String {
        if at < self.lead {
            String::new()
        } else if at < self.main {
            numeral::roman(at - self.lead + 1)
        } else {
            (at - self.main + 1).to_string()
        }
    }

    /// Puts the pages of a flow of chapters where its kind begins.
    #[expect(clippy::indexing_slicing, reason = "`flows` made each range, never empty, over these very chapters")]
    fn flow(&mut self, context: &Context<'_>, flow: Built, start: ChapterStart, part: Option<&Arc<str>>) {
        let kind = context.manuscript.chapters[flow.chapters.start].kind;
        let recto = match kind {
            ChapterKind::Text => start == ChapterStart::Recto,
            ChapterKind::Part | ChapterKind::Dedication => true,
            ChapterKind::Colophon => false,
        };
        if recto {
            self.open_recto();
        }
        let dress = if kind == ChapterKind::Text { Dress::Full } else { Dress::Bare };
        self.list.extend(flow.pages.into_iter().enumerate().map(|(page, body)| {
            let origin = Some((flow.number, page));
            Sheet::Text(Body { origin, ..body }, dress, part.cloned())
        }));
        if matches!(kind, ChapterKind::Part | ChapterKind::Dedication) {
            self.open_recto();
        }
    }
}

/// What stands before the text, which does not wait for it.
pub(super) struct Front {
    cover: Option<Page>,
    half_title: Option<Body>,
    title_page: Option<Body>,
    imprint: Option<Body>,
    /// The contents and other lists, and how many pages each takes.
    lists: Vec<(contents::List, usize)>,
    elements: Vec<Element>,
}

impl Front {
    /// Sets it, with tags of its own.
    pub fn set(context: &Context<'_>, loaded: &Loaded) -> Front {
        let pdf = &loaded.manifest.pdf;
        // How many pages a list takes does not hang on the folios: those have room of their own.
        let lists = lists(context, loaded).into_iter().map(|list| {
            let count = contents::set(context, &list, &Folios::new()).len();
            (list, count)
        });
        Front {
            cover: pdf.cover.then(|| front::cover(context, loaded)),
            half_title: pdf.half_title.then(|| front::half_title(context, loaded)),
            title_page: pdf.title_page.then(|| front::title_page(context, loaded)),
            imprint: front::copyright(context, loaded),
            lists: lists.collect(),
            elements: context.tags.take(),
        }
    }
}

/// Orders and finishes the pages.
pub(super) fn finish(context: &Context<'_>, loaded: &Loaded, front: Front, built: Vec<Built>) -> Pages {
    let pdf = &loaded.manifest.pdf;
    let Front { cover, half_title, title_page, imprint, lists, elements } = front;
    let (built, elements, firsts) = in_parts(context, elements, built);
    // The lists, which are set once more, with folios, are numbered on from these.
    context.tags.extend(elements);
    let bound = context.style.page.bound;
    let mut sheets = Sheets { bound, ..Sheets::default() };
    if let Some(cover) = cover {
        sheets.list.push(Sheet::Cover(cover));
        // The inside of the cover; what follows begins on a right-hand page.
        sheets.open_recto();
    }
    sheets.lead = sheets.list.len();
    if let Some(half_title) = half_title {
        sheets.bare(half_title);
        sheets.open_recto();
    }
    if let Some(title_page) = title_page {
        sheets.bare(title_page);
    } else if imprint.is_some() {
        sheets.open_recto();
        sheets.list.extend(bound.then_some(Sheet::Blank));
    }
    match imprint {
        Some(body) => sheets.bare(body),
        None => sheets.open_recto(),
    }
    let dedicates = |flow: &Built| {
        let first = context.manuscript.chapters.get(flow.chapters.start);
        first.is_some_and(|chapter| chapter.kind == ChapterKind::Dedication)
    };
    let (before, rest): (Vec<_>, Vec<_>) = built.into_iter().partition(|(flow, _)| dedicates(flow));
    before.into_iter().for_each(|(flow, _)| sheets.flow(context, flow, pdf.chapter_start, None));
    let first_list = sheets.list.len();
    let after_lists = first_list + lists.iter().map(|(_, count)| count).sum::<usize>();
    sheets.list.resize_with(after_lists, || Sheet::Blank);
    let (front, main): (Vec<_>, Vec<_>) = rest.into_iter().partition(|(flow, _)| is_front(context.manuscript, &flow.chapters));
    for (flow, part) in front {
        sheets.flow(context, flow, pdf.chapter_start, part.as_ref());
    }
    if sheets.list.len() > sheets.lead {
        sheets.open_recto();
    }
    sheets.main = sheets.list.len();
    for (flow, part) in main {
        sheets.flow(context, flow, pdf.chapter_start, part.as_ref());
    }
    let folios = sheet_folios(&sheets);
    let listed = lists.iter().flat_map(|(list, _)| {
        contents::set(context, list, &folios).into_iter().enumerate().map(|(at, body)| {
            let line = body.items.iter().find_map(|item| match item {
                Item::Link(_, to, _) if at > 0 => Some(to.clone()),
                _ => None,
            });
            Sheet::Text(Body { start: Some(Start::List(list.kind, line)), ..body }, Dress::Full, None)
        })
    });
    sheets.list.splice(first_list..after_lists, listed).for_each(drop);

    let mut pages = Pages { width: context.style.page.width, height: context.style.page.height, ..Pages::default() };
    let labels: Vec<String> = (0..sheets.list.len()).map(|at| sheets.label(at)).collect();
    // Heads and folios are no part of the structure, and each thread may set some.
    let Context { style, fonts, manuscript, folios, levels, sink, .. } = *context;
    let heads = head::Known::of(style.voice(style.small.size).part_of(Tag::Head));
    let dressed = sheets.list.into_par_iter().zip(labels).enumerate().map_init(Tags::default, |tags, (at, (sheet, folio))| {
        dress(&Context::new(manuscript, style, fonts, folios, tags, levels, sink), loaded, sheet, folio, !bound || at % 2 == 0, &heads)
    });
    pages.pages = dressed.collect();
    pages.outline = outline(context, &pages);
    pages.elements = context.tags.take();
    pages.firsts = firsts;
    pages
}

/// Each flow with the title of its part, the elements of all, and the number of the first of each flow.
type InParts = (Vec<(Built, Option<Arc<str>>)>, Vec<Element>, Vec<u32>);

/// Numbers the elements of all flows in one list, after those given, each chapter within its part.
#[expect(clippy::indexing_slicing, reason = "`flows` made each range, never empty, over these very chapters")]
fn in_parts(context: &Context<'_>, mut elements: Vec<Element>, built: Vec<Built>) -> InParts {
    let mut part: Option<(u32, Arc<str>)> = None;
    let (mut flows, mut firsts) = (Vec::new(), Vec::new());
    for mut flow in built {
        let chapter = &context.manuscript.chapters[flow.chapters.start];
        if chapter.kind == ChapterKind::Part {
            part = Some((elements.len() as u32, chapter.title.as_str().into()));
            elements.push(Element { role: Role::Part, parent: None, language: None, words: None });
        } else if chapter.matter != crate::manifest::Matter::Main {
            part = None;
        }
        let first = elements.len() as u32;
        firsts.push(first);
        renumber(&mut flow, first);
        elements.extend(
            flow.elements
                .drain(..)
                .map(|element| Element { parent: element.parent.or(part.as_ref().map(|(number, _)| *number)), ..element }),
        );
        flows.push((flow, part.as_ref().map(|(_, title)| title.clone())));
    }
    (flows, elements, firsts)
}

/// Folios of all anchors on some pages, each with its folio: of the first page that has one.
fn folios<'a>(pages: impl Iterator<Item = (&'a [Item], String)>) -> Folios {
    let mut folios = Folios::new();
    for (items, folio) in pages {
        anchors(items).for_each(|(chapter, id, _)| {
            folios.entry((chapter, id.cloned())).or_insert_with(|| folio.clone());
        });
    }
    folios
}

fn sheet_folios(sheets: &Sheets) -> Folios {
    folios(sheets.list.iter().enumerate().filter_map(|(at, sheet)| match sheet {
        Sheet::Text(body, ..) => Some((body.items.as_slice(), sheets.label(at))),
        Sheet::Cover(_) | Sheet::Blank => None,
    }))
}

fn anchors(items: &[Item]) -> impl Iterator<Item = (usize, Option<&String>, Length)> {
    items.iter().filter_map(|item| match item {
        Item::Anchor { chapter, id, y } => Some((*chapter, id.as_ref(), *y)),
        _ => None,
    })
}

impl Pages {
    /// Folios by chapter and id: of the page that holds the chapter's start, or the id in it.
    pub fn folios(&self) -> BTreeMap<(usize, Option<String>), String> {
        folios(self.pages.iter().map(|page| (page.items.as_slice(), page.label.clone())))
    }
}

/// The lists of the front matter that are asked for: contents, figures, tables; none that is empty.
fn lists(context: &Context<'_>, loaded: &Loaded) -> Vec<contents::List> {
    let (pdf, labels, manuscript) = (&loaded.manifest.pdf, context.style.labels, context.manuscript);
    let mut lists = Vec::new();
    if pdf.toc {
        // Chapters and sections, and parts above them where there are any.
        let depth = manuscript.listed_levels(Some(pdf.toc_depth.unwrap_or(2)));
        let outline = manuscript.outline.iter().filter(|heading| heading.level < depth);
        let mut last = None;
        let entries = outline
            .map(|heading| contents::Entry {
                title: heading.title.clone(),
                level: heading.level,
                chapter: last.replace(heading.chapter) != Some(heading.chapter)
                    && manuscript.chapters.get(heading.chapter).is_some_and(|chapter| chapter.depth == 0),
                to: Link::Inside { chapter: heading.chapter, id: heading.id.clone() },
            })
            .collect();
        lists.push(contents::List { kind: TargetKind::Heading, title: labels.contents, entries });
    }
    let floating = [(pdf.list_of_figures, labels.figures, TargetKind::Figure), (pdf.list_of_tables, labels.tables, TargetKind::Table)];
    for (_, title, kind) in floating.into_iter().filter(|(wanted, ..)| *wanted) {
        let entries = manuscript
            .floating
            .iter()
            .filter(|floating| floating.kind == kind)
            .map(|floating| contents::Entry {
                title: floating.title.clone(),
                level: 0,
                chapter: false,
                to: Link::Inside { chapter: floating.chapter, id: Some(floating.id.clone()) },
            })
            .collect();
        lists.push(contents::List { kind, title, entries });
    }
    lists.retain(|list| !list.entries.is_empty());
    lists
}

/// Puts a sheet on its page and adds head and folio.
fn dress(context: &Context<'_>, loaded: &Loaded, sheet: Sheet, folio: String, recto: bool, heads: &head::Known) -> Page {
    let (body, dress, part) = match sheet {
        Sheet::Cover(page) => return page,
        Sheet::Blank => return Page { label: folio, ..Page::default() },
        Sheet::Text(body, dress, part) => (body, dress, part),
    };
    let (page, pdf) = (&context.style.page, &loaded.manifest.pdf);
    let (left, (width, height)) = (page.left(recto), page.area());
    let place = body.origin.map(|(flow, at)| super::page::Body { flow, page: at, x: left, y: page.top });
    let mut items = body.items;
    // Notes at the side stand outside the type area: in the outer margin, or above columns.
    let (gap, room) = page.side();
    let right_hand = recto != page.vertical;
    let side = if page.vertical || !right_hand { -gap - room } else { page.measure + gap };
    items.extend(body.side.into_iter().map(|mut item| {
        item.shift(side, Length::ZERO);
        item
    }));
    for item in &mut items {
        if context.is_vertical() { item.turn_to_columns(left + width, page.top) } else { item.shift(left, page.top) }
    }
    if context.style.debug {
        items.splice(0..0, guides(page, left, context.style.body.size));
    }
    if dress == Dress::Bare {
        return Page { label: folio, items, start: body.start, body: place };
    }
    // Heads and folios run across in every book.
    let across = context.across();
    let Heads { chapter, section } = body.heads;
    let fields = head::Fields {
        title: loaded.manifest.book.title.get_ref(),
        part: part.as_deref().unwrap_or(""),
        chapter: chapter.as_deref().unwrap_or(""),
        section: section.as_deref().unwrap_or(""),
        page: &folio,
    };
    let small = context.style.small;
    let margins = head::Place { left, width, right_hand };
    let template = |own: &'_ Option<toml::Spanned<String>>, usual: &str| own.as_ref().map_or(usual.to_owned(), |own| own.get_ref().clone());
    if pdf.page_numbers {
        // On a small page the margin is small, and the folio stands in its middle.
        let margin = page.height - page.top - height;
        let y = page.top + height + page.leading.mille(1350).min(margin.mille(620));
        let text = template(if right_hand { &pdf.foot_right } else { &pdf.foot_left }, if page.bound { "{page}" } else { "|{page}|" });
        items.extend(head::set(&across, &text, &fields, &head::Known::of(small.part_of(Tag::Foot)), margins, y));
    }
    if pdf.running_heads && !body.opener {
        let usual = if recto { "{chapter}" } else { "{title}" };
        let text = template(if right_hand { &pdf.head_right } else { &pdf.head_left }, usual);
        let y = page.top - page.leading.mille(850).min(page.top.mille(450));
        let mut set = head::set(&across, &text, &fields, heads, margins, y);
        if set.is_empty() && !text.trim().is_empty() {
            // Where no part is, the book is.
            set = head::set(&across, "{title}", &fields, heads, margins, y);
        }
        if pdf.head_rule && !set.is_empty() {
            let y = page.top - page.leading.mille(560).min(page.top.mille(300));
            items.push(Item::Rule(Area { x: left, y, width, height: Length::pt(0.4) }, Colour::HAIRLINE));
        }
        items.extend(set);
    }
    Page { label: folio, items, start: body.start, body: place }
}

/// The frame of the type area, and the lines of its grid.
fn guides(page: &Geometry, left: Length, size: Length) -> Vec<Item> {
    let (width, height) = page.area();
    let thin = Length::pt(0.25);
    let grid = (1..=page.lines).map(|at| {
        let across = page.leading * at;
        let area = if page.vertical {
            Area { x: left + width - across, y: page.top, width: thin, height }
        } else {
            Area { x: left, y: page.top + across - page.leading + baseline(page.leading, size), width, height: thin }
        };
        Item::Rule(area, Colour::GUIDE_GRID)
    });
    grid.chain(Area { x: left, y: page.top, width, height }.outline(thin, Colour::GUIDE_FRAME)).collect()
}

/// The outline, each heading with its page. A heading whose anchor is on no page is left out.
fn outline(context: &Context<'_>, pages: &Pages) -> Vec<OutlineEntry> {
    let mut places: BTreeMap<(usize, Option<&String>), (usize, Length)> = BTreeMap::new();
    for (at, page) in pages.pages.iter().enumerate() {
        for (chapter, id, y) in anchors(&page.items) {
            places.entry((chapter, id)).or_insert((at, y));
        }
    }
    let mut entries = Vec::new();
    let mut last_level: Option<usize> = None;
    for heading in &context.manuscript.outline {
        let Some((page, y)) = places.get(&(heading.chapter, heading.id.as_ref())) else { continue };
        let level = heading.level.min(last_level.map_or(0, |last| last + 1));
        last_level = Some(level);
        entries.push(OutlineEntry { title: heading.title.clone(), level, page: *page, y: *y });
    }
    entries
}
