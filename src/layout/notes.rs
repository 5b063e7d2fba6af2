//! Notes at the foot of pages: their rows, how a long one is divided between pages, and their numbers.

use super::Context;
use super::flow::{Flow, Row, Setting, fitting, height_of, note_id, note_link};
use super::line::NoteMark;
use super::page::{Area, Item, Run, Turn};
use super::tags::Role;
use crate::document::Link;
use crate::length::Length;
use crate::manifest::NoteNumbers;
use crate::script;
use crate::style::Tag;
use std::collections::{BTreeMap, VecDeque};

/// Rows of a note that stay together at the least: no line of a note stands alone on a page.
pub(super) const LEAST: usize = 2;

/// A note's rows, as many as are not set yet.
pub(super) type Note = VecDeque<Row>;

/// How many rows of a note may stand in some room: all, or as many as leave two for the next page; 0 where not even
/// two fit.
pub(super) fn share(note: &Note, room: Length) -> usize {
    let fitting = fitting(note, room);
    if fitting == note.len() {
        return fitting;
    }
    let most = fitting.min(note.len().saturating_sub(LEAST));
    // Its paragraphs too are not left with a single line, where that can be.
    let good = (LEAST..=most).rev().find(|count| !note[count - 1].keep);
    if most >= LEAST { good.unwrap_or(most) } else { 0 }
}

/// Height of the fewest rows with which a note begins.
pub(super) fn least(note: &Note) -> Length {
    let count = if note.len() < LEAST * 2 { note.len() } else { LEAST };
    height_of(note.iter().take(count))
}

/// How many rows of each of some notes stand on a page beside their marks. Where `forced`, every one may be divided, and
/// else the last only, `None` where that does not do.
pub(super) fn plan(notes: &[&Note], room: Length, forced: bool) -> Option<Vec<usize>> {
    let mut left = room;
    let mut counts = Vec::new();
    // Notes whose marks are in what goes on on the next page.
    let mut marked_later: Vec<(usize, usize)> = Vec::new();
    for (at, note) in notes.iter().enumerate() {
        let later: Length = if forced { notes.iter().skip(at + 1).map(|note| least(note)).sum() } else { Length::ZERO };
        let last = at + 1 == notes.len();
        let own = note.front().and_then(|row| row.notes.iter().find(|mark| mark.label)).map(|mark| (mark.chapter, mark.note));
        let waits = own.is_some_and(|own| marked_later.contains(&own));
        let count = if waits {
            0
        } else if height_of(*note) <= left - later {
            note.len()
        } else {
            share(note, left - later)
        };
        if !forced && (count == 0 || count < note.len() && !last) {
            return None;
        }
        marked_later
            .extend(note.iter().skip(count).flat_map(|row| &row.notes).filter(|mark| !mark.label).map(|mark| (mark.chapter, mark.note)));
        left -= height_of(note.iter().take(count));
        counts.push(count);
    }
    Some(counts)
}

/// The rows of a note's text within what it belongs to, its number first where it has one.
#[expect(clippy::indexing_slicing, reason = "a mark bears the place that parsing gave its note among the notes of its chapter")]
pub(super) fn rows(context: &Context<'_>, note: usize, home: Tag, numbered: bool) -> Vec<Row> {
    let body = Setting { left: Length::ZERO, width: context.style.page.measure, ..Setting::body(context, 0) }.small(context);
    let tag = context.tags.open(home, Role::Note);
    let body = Setting { text: body.text.part_of(tag), ..body };
    let number = numbered.then(|| {
        let label = context.tags.open(tag, Role::Label);
        context.tags.open(label, Role::Link)
    });
    let hang = body.text.size.mille(1500);
    let mut flow = Flow::new(context);
    flow.blocks(
        &context.manuscript.chapters[context.chapter].document.notes[note].blocks,
        // Its first paragraph begins after the number; others are indented as the text's are.
        Setting {
            indent: body.text.size.mille((context.style.indent * 1000.0).round() as i64),
            depth: 1,
            ..body.inset(hang, Length::ZERO)
        },
    );
    if flow.rows.is_empty() {
        flow.push(Row { height: body.leading, ..Row::default() });
    }
    let anchor = Item::Anchor { chapter: context.chapter, id: Some(note_id(note)), y: Length::ZERO };
    if let Some(number) = number {
        // The number stands in the hanging indent, and is put right once the page is full.
        let placeholder = Context::note_placeholder();
        let mut own = Flow::new(context);
        own.text_line(&placeholder, Setting { indent: Length::ZERO, text: body.text.part_of(number), ..body });
        if let (Some(first), Some(row)) = (own.rows.into_iter().next(), flow.rows.first_mut()) {
            row.prepend(first.items);
            row.notes.insert(0, NoteMark { note, chapter: context.chapter, item: 0, label: true, home: tag });
        }
    }
    if let Some(row) = flow.rows.first_mut() {
        row.items.push(anchor);
    }
    flow.rows
}

/// The numbers that notes have been given.
#[derive(Default)]
pub(super) struct Numbers {
    given: BTreeMap<(usize, usize), usize>,
    /// The last one, where they run through the chapter.
    last: usize,
}

impl Numbers {
    /// Numbers a page's notes ①②③ in the order of their marks, afresh or on from the page before (TYPOGRAPHY.md 7), and
    /// links marks to notes and back. A note that goes on from an earlier page keeps the number that it has there.
    pub fn set(&mut self, context: &Context<'_>, page: &mut Row) {
        let through = context.style.note_numbers == NoteNumbers::Chapter;
        let mut count = if through { self.last } else { 0 };
        let mut links = Vec::new();
        for mark in &page.notes {
            let mut first = false;
            let number = *self.given.entry((mark.chapter, mark.note)).or_insert_with(|| {
                count += 1;
                first = true;
                count
            });
            let Some(Item::Run(run)) = page.items.get_mut(mark.item) else { continue };
            show(context, run, number);
            let area = Area { x: run.x, y: run.y - run.size, width: run.size, height: run.size.mille(1200) };
            let mark_id = format!("mark:{}", mark.note);
            if mark.label {
                links.push(Item::Link(area, Link::Inside { chapter: mark.chapter, id: Some(mark_id) }, run.tag));
            } else {
                let tag = run.tag;
                if first {
                    links.push(Item::Anchor { chapter: mark.chapter, id: Some(mark_id), y: area.y });
                }
                links.push(Item::Link(area, note_link(mark.chapter, mark.note), tag));
            }
        }
        self.last = count;
        page.items.append(&mut links);
    }
}

/// Makes the run of a mark show a number: a circled one, or figures in its em where there is none so high.
fn show(context: &Context<'_>, run: &mut Run, number: usize) {
    let want = context.style.body.want;
    let find = |c: char, chinese: bool| context.fonts.find(want, c, chinese);
    let Some(glyph) = run.glyphs.first_mut() else { return };
    if let Some((c, choice)) = script::circled(number).and_then(|c| Some((c, find(c, true)?))) {
        run.face = choice.face;
        glyph.id = choice.glyph;
        glyph.text = c;
        return;
    }
    let start = glyph.x;
    let figures = number.to_string();
    let Some(face) = find('0', false).map(|choice| choice.face) else { return };
    let advance = |c: char| find(c, false).map_or(500.0, |choice| context.fonts.face(choice.face).advance(choice.glyph));
    let wide: f64 = figures.chars().map(advance).sum();
    let em = run.size;
    run.face = face;
    run.size = em.fraction((1_000_000.0 / wide).min(1000.0));
    run.turn = if context.is_vertical() { Turn::Sideways } else { Turn::Across };
    let mut x = Length::ZERO;
    run.glyphs = figures
        .chars()
        .filter_map(|c| {
            let choice = find(c, false)?;
            let glyph = super::page::Glyph { id: choice.glyph, x: start + x, text: c, more: None };
            x += run.size.fraction(advance(c));
            Some(glyph)
        })
        .collect();
}
