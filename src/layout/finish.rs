//! The pages in their final order, with running heads, folios and labels, and the outline.

use super::build::{Body, Built};
use super::front;
use super::line;
use super::page::{Area, Item, OutlineEntry, Page, Pages};
use super::{Context, Folios, is_front};
use crate::document::Link;
use crate::length::Length;
use crate::manifest::Loaded;
use crate::script::{Class, ELLIPSIS, numeral};
use crate::style::{Colour, TextStyle};
use std::collections::BTreeMap;

/// A page before it is placed on its sheet.
enum Sheet {
    /// Drawn over the whole page.
    Cover(Page),
    /// A type area, with or without head and folio.
    Text(Body, Dress),
    Blank,
}

/// What a page carries beside its text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Dress {
    /// Nothing: title page.
    Bare,
    /// A folio, and a head unless a chapter begins.
    Full,
}

/// Orders and finishes the pages.
pub(super) fn finish(context: &Context<'_>, loaded: &Loaded, built: Vec<Built>) -> Pages {
    let pdf = &loaded.manifest.pdf;
    let (front, main): (Vec<Built>, Vec<Built>) = built.into_iter().partition(|flow| is_front(context.manuscript, &flow.chapters));
    let bodies = |flows: Vec<Built>| -> Vec<Body> { flows.into_iter().flat_map(|flow| flow.pages).collect() };
    let (front, main) = (bodies(front), bodies(main));
    let mut sheets: Vec<Sheet> = Vec::new();
    if pdf.cover {
        sheets.push(Sheet::Cover(front::cover(context, loaded)));
        // The inside of the cover; what follows begins on a right-hand page.
        sheets.push(Sheet::Blank);
    }
    let lead = sheets.len();
    if pdf.title_page {
        sheets.push(Sheet::Text(front::title_page(context, loaded), Dress::Bare));
        sheets.push(Sheet::Blank);
    }
    let before_contents = sheets.len() - lead;
    let entries = if pdf.toc { contents_entries(context) } else { Vec::new() };
    let folios = main_folios(&front, &main, before_contents, 0);
    let mut contents = Vec::new();
    if !entries.is_empty() {
        // How many pages the contents take does not hang on the folios: those have room of their own.
        let count = front::contents(context, &label(&entries, &folios)).len();
        let folios = main_folios(&front, &main, before_contents, count);
        contents = front::contents(context, &label(&entries, &folios));
    }
    sheets.extend(contents.into_iter().chain(front).map(|body| Sheet::Text(body, Dress::Full)));
    if sheets.len() > lead && (sheets.len() - lead) % 2 == 1 {
        sheets.push(Sheet::Blank);
    }
    let front_end = sheets.len();
    sheets.extend(main.into_iter().map(|body| Sheet::Text(body, Dress::Full)));
    let mut pages = Pages { width: context.style.page.width, height: context.style.page.height, ..Pages::default() };
    for (at, sheet) in sheets.into_iter().enumerate() {
        let folio = if at < lead {
            String::new()
        } else if at < front_end {
            numeral::roman(at - lead + 1)
        } else {
            (at - front_end + 1).to_string()
        };
        pages.pages.push(dress(context, loaded, sheet, folio, at % 2 == 0));
    }
    pages.outline = outline(context, &pages);
    pages
}

/// Folios of all anchors, as the pages will be numbered with so many pages of contents.
fn main_folios(front: &[Body], main: &[Body], before: usize, contents: usize) -> Folios {
    let mut folios = Folios::new();
    let mut gather = |bodies: &[Body], label: &dyn Fn(usize) -> String| {
        for (at, body) in bodies.iter().enumerate() {
            anchors(&body.items).for_each(|(chapter, id, _)| {
                folios.entry((chapter, id.cloned())).or_insert_with(|| label(at));
            });
        }
    };
    gather(front, &|at| numeral::roman(before + contents + at + 1));
    gather(main, &|at| (at + 1).to_string());
    folios
}

fn anchors(items: &[Item]) -> impl Iterator<Item = (usize, Option<&String>, Length)> {
    items.iter().filter_map(|item| match item {
        Item::Anchor { chapter, id, y } => Some((*chapter, id.as_ref(), *y)),
        _ => None,
    })
}

/// The folios of finished pages.
pub(super) fn folios(pages: &Pages) -> Folios {
    let mut folios = Folios::new();
    for page in &pages.pages {
        anchors(&page.items).for_each(|(chapter, id, _)| {
            folios.entry((chapter, id.cloned())).or_insert_with(|| page.label.clone());
        });
    }
    folios
}

/// A heading as the contents list it: title, level, chapter, id.
type Target = (String, usize, usize, Option<String>);

/// Chapters and sections, and parts above them where there are any.
fn contents_entries(context: &Context<'_>) -> Vec<Target> {
    let deepest = 1 + usize::from(context.manuscript.chapters.iter().any(|chapter| chapter.part));
    let outline = context.manuscript.outline.iter().filter(|heading| heading.level <= deepest);
    outline.map(|heading| (heading.title.clone(), heading.level, heading.chapter, heading.id.clone())).collect()
}

fn label(entries: &[Target], folios: &Folios) -> Vec<front::Entry> {
    let entry = |(title, level, chapter, id): &Target| front::Entry {
        title: title.clone(),
        level: *level,
        label: folios.get(&(*chapter, id.clone())).cloned().unwrap_or_default(),
        to: Link::Inside { chapter: *chapter, id: id.clone() },
    };
    entries.iter().map(entry).collect()
}

/// Puts a sheet on its page and adds head and folio.
fn dress(context: &Context<'_>, loaded: &Loaded, sheet: Sheet, folio: String, recto: bool) -> Page {
    let (body, dress) = match sheet {
        Sheet::Cover(page) => return page,
        Sheet::Blank => return Page { label: folio, items: Vec::new() },
        Sheet::Text(body, dress) => (body, dress),
    };
    let page = &context.style.page;
    let (left, (width, height)) = (page.left(recto), page.area());
    let mut items = body.items;
    for item in &mut items {
        if context.is_vertical() { item.turn_to_columns(left + width, page.top) } else { item.shift(left, page.top) }
    }
    // Heads and folios run across in every book, and stand at the outer edge.
    let across = context.across();
    let outer = |length: Length| if recto != page.vertical { left + width - length } else { left };
    let small = context.style.small;
    if dress == Dress::Full && loaded.manifest.pdf.page_numbers {
        let (folio_items, length) = line::alone(&across, &folio, small);
        // On a small page the margin is small, and the folio stands in its middle.
        let margin = page.height - page.top - height;
        let y = page.top + height + page.leading.mille(1350).min(margin.mille(620));
        place(&mut items, folio_items, outer(length), y);
    }
    if dress == Dress::Full && loaded.manifest.pdf.running_heads && !body.opener {
        let text = if recto { body.head.as_deref().unwrap_or("").to_owned() } else { loaded.manifest.book.title.get_ref().clone() };
        let style = context.style.voice(small.size);
        let (head, length) = shortened(&across, &text, style, width);
        place(&mut items, head, outer(length), page.top - page.leading.mille(850).min(page.top.mille(450)));
        items.push(Item::Rule(
            Area { x: left, y: page.top - page.leading.mille(560).min(page.top.mille(300)), width, height: Length::pt(0.4) },
            Colour::HAIRLINE,
        ));
    }
    Page { label: folio, items }
}

fn place(items: &mut Vec<Item>, line: Vec<Item>, x: Length, y: Length) {
    items.extend(line.into_iter().map(|mut item| {
        item.shift(x, y);
        item
    }));
}

/// A running head cut to the measure, with an ellipsis where it was cut.
fn shortened(context: &Context<'_>, text: &str, style: TextStyle, measure: Length) -> (Vec<Item>, Length) {
    let whole = line::alone(context, text, style);
    if whole.1 <= measure {
        return whole;
    }
    let characters: Vec<char> = text.chars().collect();
    let mut count = (measure.0 / style.size.0).max(2) as usize;
    loop {
        let cut: String = characters[..count.min(characters.len())]
            .iter()
            .collect::<String>()
            .trim_end_matches(|c: char| Class::of(c) == Class::Open || c.is_ascii_digit())
            .to_owned()
            + &String::from(ELLIPSIS);
        let shorter = line::alone(context, &cut, style);
        if shorter.1 <= measure || count <= 2 {
            return shorter;
        }
        count -= 1;
    }
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
