//! What stands before the text: cover, title page, contents.

use super::Context;
use super::build::Body;
use super::flow::{Flow, Setting, baseline};
use super::line::Place;
use super::page::{AXIS, Area, Item, Page};
use super::{breaks, collect, line, prepare};
use crate::document::Link;
use crate::font::Role;
use crate::length::Length;
use crate::manifest::Loaded;
use crate::style::{Alignment, Colour, TextStyle};
use std::sync::Arc;

/// The cover: the manifest's image over the whole page, or typeset on a field of one quiet colour.
pub(super) fn cover(context: &Context<'_>, loaded: &Loaded) -> Page {
    let page = &context.style.page;
    let mut items = Vec::new();
    if let Some((path, media)) = context.manuscript.cover.as_ref().and_then(|path| Some((path, context.manuscript.media.get(path)?))) {
        let (wide, high) = (i64::from(media.width), i64::from(media.height));
        let fitted = page.width.scale(high, wide);
        let (width, height) = if fitted <= page.height { (page.width, fitted) } else { (page.height.scale(wide, high), page.height) };
        let area = Area { x: (page.width - width) / 2, y: (page.height - height) / 2, width, height };
        items.push(Item::Image(area, Arc::new(path.clone())));
        return Page { label: String::new(), items };
    }
    let book = &loaded.manifest.book;
    let field = page.height.mille(640);
    items.push(Item::Rule(Area { x: Length::ZERO, y: Length::ZERO, width: page.width, height: page.height }, Colour::PAPER));
    items.push(Item::Rule(Area { x: Length::ZERO, y: Length::ZERO, width: page.width, height: field }, Colour::COVER));
    let margin = page.width.mille(110);
    let width = page.width - margin * 2;
    if context.is_vertical() {
        title_down(context, loaded, &mut items, field)
    } else {
        title_across(context, loaded, &mut items, field)
    }
    let across = context.across();
    let context = &across;
    let names = context.style.labels.credits(&book.authors);
    // Many names are set smaller, so that the publisher's keeps its place.
    let name_size = page.width.mille(if names.len() > 3 { 26 } else { 40 });
    let mut y = field + page.height.mille(70);
    for name in names {
        let lines = fitting(context, &name, context.style.voice(name_size), width, 2);
        y = stack(&mut items, lines, margin, y) + page.width.mille(8);
    }
    if let Some(publisher) = &book.publisher {
        let lines = fitting(context, publisher, TextStyle::new(Role::Serif, page.width.mille(30)), width, 2);
        let y = page.height - page.height.mille(60) - block_height(&lines);
        stack(&mut items, lines, margin, y);
    }
    Page { label: String::new(), items }
}

/// Title and subtitle of a cover in columns, level at their heads, in the middle of the field.
fn title_down(context: &Context<'_>, loaded: &Loaded, items: &mut Vec<Item>, field: Length) {
    let (book, page) = (&loaded.manifest.book, &context.style.page);
    let length = field.mille(780);
    let title =
        fitting(context, book.title.get_ref(), TextStyle::new(Role::Serif, page.width.mille(105)).ink(Colour::PAPER).bold(), length, 3);
    let gap = page.width.mille(40);
    let subtitle = book.subtitle.as_deref().map(|text| {
        let voice = context.style.voice(page.width.mille(42)).ink(Colour::PAPER);
        (gap, fitting(context, text, voice, length, 2))
    });
    let depth = block_height(&title) + subtitle.as_ref().map_or(Length::ZERO, |(gap, rows)| *gap + block_height(rows));
    let mut columns = Vec::new();
    let y = stack(&mut columns, title, Length::ZERO, Length::ZERO);
    if let Some((gap, rows)) = subtitle {
        stack(&mut columns, rows, Length::ZERO, y + gap);
    }
    columns.iter_mut().for_each(|item| item.turn_to_columns((page.width + depth) / 2, (field - length) / 2));
    items.append(&mut columns);
}

/// Title and subtitle of a cover whose lines run across.
fn title_across(context: &Context<'_>, loaded: &Loaded, items: &mut Vec<Item>, field: Length) {
    let (book, page) = (&loaded.manifest.book, &context.style.page);
    let margin = page.width.mille(110);
    let width = page.width - margin * 2;
    let title =
        fitting(context, book.title.get_ref(), TextStyle::new(Role::Serif, page.width.mille(95)).ink(Colour::PAPER).bold(), width, 4);
    let subtitle =
        book.subtitle.as_deref().map(|text| fitting(context, text, context.style.voice(page.width.mille(42)).ink(Colour::PAPER), width, 2));
    let gap = page.width.mille(45);
    let height: Length = block_height(&title) + subtitle.as_ref().map_or(Length::ZERO, |lines| block_height(lines) + gap);
    let mut y = (field.mille(900) - height) / 2;
    y = stack(items, title, margin, y);
    if let Some(subtitle) = subtitle {
        let rule = Area { x: page.width / 2 - page.width.mille(60), y: y + gap / 2, width: page.width.mille(120), height: Length::pt(0.6) };
        items.push(Item::Rule(rule, Colour::PAPER));
        stack(items, subtitle, margin, y + gap);
    }
}

/// The title page.
pub(super) fn title_page(context: &Context<'_>, loaded: &Loaded) -> Body {
    let book = &loaded.manifest.book;
    let page = &context.style.page;
    let size = |thousandths| context.style.body.size.mille(thousandths);
    // Where the title begins, and how far title, subtitle, names and imprint stand in from the line's start. Across they stand
    // in the middle; columns hang from the head, each lower than the one before.
    let (top, insets) = if context.is_vertical() { (280, [150, 200, 450, 550]) } else { (180, [20, 50, 0, 0]) };
    let mut items = Vec::new();
    let mut y = page.depth().mille(top);
    let mut set = |text: &str, style: TextStyle, inset: i64, most: usize, y: Length| {
        let left = page.measure.mille(inset);
        let rows = fitting(context, text, style, page.measure - left - page.measure.mille(inset.min(50)), most);
        stack(&mut items, rows, left, y)
    };
    y = set(book.title.get_ref(), TextStyle::new(Role::Serif, size(2286)).bold(), insets[0], 4, y);
    if let Some(subtitle) = &book.subtitle {
        y = set(subtitle, context.style.voice(size(1333)), insets[1], 3, y + page.leading);
    }
    y += page.leading * 2;
    for name in context.style.labels.credits(&book.authors) {
        y = set(&name, context.style.voice(size(1333)), insets[2], 2, y);
    }
    let foot: Vec<String> =
        [book.publisher.clone(), book.date.as_ref().map(|date| context.style.labels.date(date.get_ref()))].into_iter().flatten().collect();
    let mut y = page.depth() - page.leading * (foot.len() as i64 + 1);
    for text in foot {
        y = set(&text, TextStyle::new(Role::Serif, size(1000)), insets[3], 2, y);
    }
    Body { items, opener: true, head: None }
}

/// A text in centred, balanced lines, made smaller until it takes no more than so many lines.
fn fitting(context: &Context<'_>, text: &str, style: TextStyle, width: Length, lines: usize) -> Vec<super::flow::Row> {
    let mut style = style;
    loop {
        let setting = Setting {
            width,
            text: style,
            leading: style.size.mille(1450),
            indent: Length::ZERO,
            // Columns are level at their heads.
            alignment: if context.is_vertical() { Alignment::Start } else { Alignment::Center },
            snap: false,
            strict: false,
            ..Setting::body(context, 0)
        };
        let mut flow = Flow::new(context);
        flow.balanced(&collect::collect_text(text, style), setting, None);
        if flow.rows.len() <= lines || style.size < Length::pt(9.0) {
            return flow.rows;
        }
        style = style.at(style.size.mille(930));
    }
}

fn block_height(rows: &[super::flow::Row]) -> Length {
    rows.iter().map(|row| row.height).sum()
}

/// Puts rows one below the other; gives the lower edge.
fn stack(items: &mut Vec<Item>, rows: Vec<super::flow::Row>, left: Length, top: Length) -> Length {
    let mut y = top;
    for row in rows {
        for mut item in row.items {
            item.shift(left, y);
            items.push(item);
        }
        y += row.height;
    }
    y
}

/// A line of the contents.
pub(super) struct Entry {
    pub title: String,
    pub level: usize,
    pub label: String,
    pub to: Link,
}

/// The contents: chapters in Hei, sections indented, dotted leaders to folios at the right edge.
pub(super) fn contents(context: &Context<'_>, entries: &[Entry]) -> Vec<Body> {
    let page = &context.style.page;
    let leading = page.leading;
    let mut bodies: Vec<Body> = Vec::new();
    let title: Option<Arc<str>> = Some(context.style.labels.contents.into());
    let mut now = Body { opener: true, head: title.clone(), ..Body::default() };
    let heading = context.style.heading(1);
    let (items, width) = line::alone(context, context.style.labels.contents, heading.text);
    let mut y = leading * (heading.sink + 2);
    let left = if heading.alignment == Alignment::Center { (page.measure - width) / 2 } else { context.style.body.size * heading.indent };
    for mut item in items {
        item.shift(left, y - leading / 2);
        now.items.push(item);
    }
    y += leading * heading.below;
    let mut first = true;
    // Chapters stand a little apart where sections stand between them.
    let apart = if entries.iter().any(|entry| entry.level > 0) { leading / 2 } else { Length::ZERO };
    // Where parts stand above the chapters, both are in Hei.
    let deepest = usize::from(context.manuscript.chapters.iter().any(|chapter| chapter.part));
    for entry in entries {
        let em = context.style.body.size;
        let chapter = entry.level <= deepest;
        let text = if chapter { TextStyle::new(Role::Sans, em) } else { TextStyle::new(Role::Serif, em) };
        let indent = em * 2 * entry.level.min(3) as i64;
        // Lines after the first stand under the title, behind its number.
        let hang = if context.style.chinese { em * 4 } else { em * 2 };
        let rows = entry_lines(context, entry, text, indent, hang);
        let above = if entry.level == 0 && !first { apart } else { Length::ZERO };
        let height = leading * rows.len() as i64;
        first = false;
        if y + above + height > page.depth() + Length(64) {
            bodies.push(std::mem::replace(&mut now, Body { head: title.clone(), ..Body::default() }));
            y = Length::ZERO;
        } else {
            y += above;
        }
        let mut top = y;
        let link =
            |top, bottom| Item::Link(Area { x: indent, y: top, width: page.measure - indent, height: bottom - top }, entry.to.clone());
        for items in rows {
            if y + leading > page.depth() + Length(64) {
                // A title longer than a page.
                now.items.push(link(top, y));
                bodies.push(std::mem::replace(&mut now, Body { head: title.clone(), ..Body::default() }));
                (y, top) = (Length::ZERO, Length::ZERO);
            }
            for mut item in items {
                item.shift(Length::ZERO, y);
                now.items.push(item);
            }
            y += leading;
        }
        now.items.push(link(top, y));
    }
    bodies.push(now);
    bodies
}

/// The lines of an entry; the last carries leader and folio.
fn entry_lines(context: &Context<'_>, entry: &Entry, text: TextStyle, indent: Length, hang: Length) -> Vec<Vec<Item>> {
    let page = &context.style.page;
    let em = text.size;
    let room = em * 3;
    let collection = collect::collect_text(&entry.title, text);
    let prepared = prepare::prepare(context, &collection).into_title();
    if prepared.clusters.is_empty() {
        return Vec::new();
    }
    // Lines after the first hang: the measure is theirs, and the first begins before it.
    let measure = breaks::Measure { width: page.measure - indent - hang - room, indent: -hang, fit: breaks::Fit::Even, em };
    let chosen = breaks::choose(&prepared, measure);
    let base = baseline(page.leading, em);
    let mut rows = Vec::new();
    let count = chosen.len();
    for (at, line) in chosen.into_iter().enumerate() {
        let place =
            Place { measure, alignment: Alignment::Start, left: indent + hang, baseline: base, first: at == 0, last: at + 1 == count };
        let set = line::set(context, &collection, &prepared, line, place);
        let mut items = set.items;
        if at + 1 == count {
            let start = indent + hang - if at == 0 { hang } else { Length::ZERO } + set.width;
            // The folio stands across at the foot of a column.
            let across = context.across();
            let (folio, width) = line::alone(&across, &entry.label, TextStyle::new(Role::Serif, em));
            let (height, place) = if context.is_vertical() {
                let axis = base - em.mille(AXIS);
                (axis, (page.measure - em.mille(120), axis + width / 2))
            } else {
                (base - em.mille(300), (page.measure - width, base))
            };
            let room = if context.is_vertical() { em } else { width.max(em) };
            leader(&mut items, start + em / 2, page.measure - room - em / 2, page.measure, em, height);
            for mut item in folio {
                item.shift(place.0, place.1);
                items.push(item);
            }
        }
        rows.push(items);
    }
    rows
}

/// Dots at every half em, counted from the right edge so that they stand in columns.
fn leader(items: &mut Vec<Item>, from: Length, to: Length, edge: Length, em: Length, y: Length) {
    let step = em / 2;
    let mut x = edge - step;
    while x > from {
        if x < to {
            items.push(Item::Dot { x, y, radius: em.mille(45), colour: Colour::GREY });
        }
        x -= step;
    }
}
