//! Lists of what stands on which page: the contents, figures, tables. Titles wrap and hang, dotted leaders lead to folios at
//! the right edge.

use super::build::{Body, Heads};
use super::flow::baseline;
use super::line::{self, Place};
use super::page::{AXIS, Area, Item};
use super::tags::Role as Part;
use super::{Context, Folios, breaks, collect, prepare};
use crate::document::{Link, TargetKind};
use crate::font::Role;
use crate::length::Length;
use crate::style::{Alignment, Colour, Tag, TextStyle};
use std::sync::Arc;

/// A list of the front matter.
pub(super) struct List {
    /// What it lists.
    pub kind: TargetKind,
    pub title: &'static str,
    pub entries: Vec<Entry>,
}

/// A line of a list.
pub(super) struct Entry {
    pub title: String,
    pub level: usize,
    /// Whether it is a chapter or a part: it is in Hei.
    pub chapter: bool,
    pub to: Link,
}

/// A list: chapters in Hei, sections indented, dotted leaders to folios at the right edge.
#[expect(clippy::indexing_slicing, reason = "the loop just above fills `open` up to `entry.level` and one more")]
pub(super) fn set(context: &Context<'_>, list: &List, folios: &Folios) -> Vec<Body> {
    let page = &context.style.page;
    let leading = page.leading;
    let mut bodies: Vec<Body> = Vec::new();
    let entries = &list.entries;
    let section = context.tags.open(Tag::Decoration, Part::Section);
    let title: Option<Arc<str>> = Some(list.title.into());
    let heads = Heads { chapter: title, section: None };
    let mut now = Body { opener: true, heads: heads.clone(), ..Body::default() };
    let heading = context.style.heading(1);
    let (items, width) = line::alone(context, list.title, heading.text.part_of(context.tags.open(section, Part::Heading(1))));
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
    // Lists within the list, one for each level.
    let mut open: Vec<Tag> = vec![context.tags.open(section, Part::Contents)];
    for entry in entries {
        let em = context.style.body.size;
        open.truncate(entry.level + 1);
        while open.len() <= entry.level {
            let within = open.last().copied().unwrap_or_default();
            open.push(context.tags.open(within, Part::Contents));
        }
        let item = context.tags.open(open[entry.level], Part::ContentsItem);
        let reference = context.tags.open(item, Part::Reference);
        let tag = context.tags.open(reference, Part::Link);
        let chapter = entry.chapter;
        let text = TextStyle::new(if chapter { Role::Sans } else { Role::Serif }, em).part_of(tag);
        let indent = em * 2 * entry.level.min(3) as i64;
        // Lines after the first stand under the title, behind its number.
        let hang = if context.style.chinese { em * 4 } else { em * 2 };
        let rows = entry_lines(context, entry, folios, text, indent, hang);
        let above = if entry.level == 0 && !first { apart } else { Length::ZERO };
        let height = leading * rows.len() as i64;
        first = false;
        if y + above + height > page.depth() + Length(64) {
            bodies.push(std::mem::replace(&mut now, Body { heads: heads.clone(), ..Body::default() }));
            y = Length::ZERO;
        } else {
            y += above;
        }
        let mut top = y;
        let link =
            |top, bottom| Item::Link(Area { x: indent, y: top, width: page.measure - indent, height: bottom - top }, entry.to.clone(), tag);
        for items in rows {
            if y + leading > page.depth() + Length(64) {
                // A title longer than a page.
                now.items.push(link(top, y));
                bodies.push(std::mem::replace(&mut now, Body { heads: heads.clone(), ..Body::default() }));
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
fn entry_lines(context: &Context<'_>, entry: &Entry, folios: &Folios, text: TextStyle, indent: Length, hang: Length) -> Vec<Vec<Item>> {
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
            let folio = match &entry.to {
                Link::Inside { chapter, id } => folios.get(&(*chapter, id.clone())).map_or("", String::as_str),
                _ => "",
            };
            // The folio stands across at the foot of a column.
            let across = context.across();
            // A piece of its own: said apart from the title, however near.
            let own = context.tags.open(text.tag, Part::Span);
            let (folio, width) = line::alone(&across, folio, TextStyle::new(Role::Serif, em).part_of(own));
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
    // Fewer than three lead nowhere.
    if to - from < step * 3 {
        return;
    }
    let mut x = edge - step;
    while x > from {
        if x < to {
            items.push(Item::Dot { x, y, radius: em.mille(45), colour: Colour::GREY, tag: Tag::Decoration });
        }
        x -= step;
    }
}
