//! Rows become pages: as many groups of rows that stay together as fit, with the notes of their marks at the foot.

use super::Context;
use super::flow::{Flow, Row, Setting, note_id, note_link};
use super::line::NoteMark;
use super::page::{Area, Item};
use crate::document::Link;
use crate::length::Length;
use crate::script;
use crate::style::Colour;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

/// The pages of one flow, their items measured from the upper left of the type area.
pub(super) struct Built {
    pub chapters: Range<usize>,
    pub pages: Vec<Body>,
}

/// What fills a page's type area.
#[derive(Clone, Debug, Default)]
pub(super) struct Body {
    pub items: Vec<Item>,
    /// Whether a chapter begins on it: it carries no running head.
    pub opener: bool,
    /// What the running head of a right-hand page says: the chapter in force.
    pub head: Option<Arc<str>>,
}

/// Builds the pages of a flow of chapters.
pub(super) fn build(context: &Context<'_>, chapters: Range<usize>) -> Built {
    let mut builder = Builder::new(context, chapters.start);
    for chapter in chapters.clone() {
        let own = Context { chapter, ..*context };
        let mut flow = Flow::new(&own);
        let content = &context.manuscript.chapters[chapter];
        flow.blocks(&content.document.blocks, Setting::body(&own, content.depth));
        let unused: Vec<usize> = (0..content.document.notes.len()).filter(|note| content.document.notes[*note].marks == 0).collect();
        for note in unused {
            let rows = note_rows(&own, note, false);
            flow.rows.extend(rows);
        }
        if let Some(row) = flow.rows.iter_mut().find(|row| !row.blank) {
            row.prepend(vec![Item::Anchor { chapter, id: None, y: Length::ZERO }]);
        }
        builder.rows(&own, flow.rows);
    }
    Built { chapters, pages: builder.finish() }
}

/// The rows of a note's text, its number first.
fn note_rows(context: &Context<'_>, note: usize, numbered: bool) -> Vec<Row> {
    let body = Setting { left: Length::ZERO, width: context.style.page.measure, ..Setting::body(context, 0) }.small(context);
    let hang = body.text.size.mille(1500);
    let mut flow = Flow::new(context);
    flow.blocks(
        &context.manuscript.chapters[context.chapter].document.notes[note].blocks,
        Setting { indent: Length::ZERO, depth: 1, ..body.inset(hang, Length::ZERO) },
    );
    if flow.rows.is_empty() {
        flow.push(Row { height: body.leading, ..Row::default() });
    }
    flow.guard(0);
    let anchor = Item::Anchor { chapter: context.chapter, id: Some(note_id(note)), y: Length::ZERO };
    if numbered {
        // The number stands in the hanging indent, and is put right once the page is full.
        let number = Context::note_placeholder();
        let mut own = Flow::new(context);
        own.text_line(&number, Setting { indent: Length::ZERO, ..body });
        if let (Some(number), Some(row)) = (own.rows.into_iter().next(), flow.rows.first_mut()) {
            row.prepend(number.items);
            row.notes.insert(0, NoteMark { note, chapter: context.chapter, item: 0, label: true });
        }
    }
    if let Some(row) = flow.rows.first_mut() {
        row.items.push(anchor);
    }
    flow.rows
}

struct Builder<'a> {
    context: &'a Context<'a>,
    pages: Vec<Body>,
    /// What stands on this page so far, with the marks of its notes.
    page: Row,
    /// Whether a chapter begins on this page.
    opener: bool,
    y: Length,
    empty: bool,
    /// Notes at the foot of this page.
    foot: Vec<Row>,
    foot_height: Length,
    /// Rows of notes that go on at the foot of the next page.
    carried: Vec<Row>,
    /// Notes that have been set, with the chapters they are of.
    set: BTreeSet<(usize, usize)>,
    /// The numbers that notes have been given, each on the page of its first mark.
    numbers: BTreeMap<(usize, usize), usize>,
    /// The title of the chapter in force.
    head: Option<Arc<str>>,
}

impl<'a> Builder<'a> {
    fn new(context: &'a Context<'a>, chapter: usize) -> Builder<'a> {
        let head = context.manuscript.chapters.get(chapter).map(|chapter| chapter.title.as_str().into());
        Builder {
            context,
            pages: Vec::new(),
            page: Row::default(),
            opener: true,
            y: Length::ZERO,
            empty: true,
            foot: Vec::new(),
            foot_height: Length::ZERO,
            carried: Vec::new(),
            set: BTreeSet::new(),
            numbers: BTreeMap::new(),
            head,
        }
    }

    fn leading(&self) -> Length {
        self.context.style.page.leading
    }

    /// Height of the notes with the rule above them.
    fn foot_total(&self, more: Length) -> Length {
        let height = self.foot_height + more;
        if height == Length::ZERO { height } else { height + self.leading().mille(700) }
    }

    /// Where a row would begin, and where it would end.
    fn extent(&self, row: &Row, y: Length, at_head: bool) -> (Length, Length) {
        if row.blank && at_head {
            return (y, y);
        }
        let start = if row.snap { self.leading() * y.ceil_div(self.leading()) } else { y };
        let start = if at_head { start + row.sink } else { start };
        (start, start + row.height)
    }

    fn rows(&mut self, own: &Context<'_>, rows: Vec<Row>) {
        let mut rows = rows.into_iter().peekable();
        while let Some(first) = rows.next() {
            let mut group = vec![first];
            while group.last().is_some_and(|row| row.keep)
                && let Some(next) = rows.next_if(|row| !row.new_page)
            {
                group.push(next);
            }
            if group[0].new_page && !self.empty {
                self.end_page();
            }
            self.group(own, group);
        }
    }

    /// Puts a group on this page, or on the next where it does not fit; divides it only where no page could hold it.
    fn group(&mut self, own: &Context<'_>, group: Vec<Row>) {
        let notes = self.new_notes(own, &group);
        let height = |rows: &[Row]| rows.iter().map(|row| row.height).sum::<Length>();
        // A long note may go on at the foot of the next page, if two of its lines stand under its mark.
        let least = if notes.len() > 4 { height(&notes[..2]) } else { height(&notes) };
        if !self.fits(&group, least) && !self.empty {
            self.end_page();
        }
        if self.fits(&group, least) {
            group.into_iter().for_each(|row| self.place(row));
            self.add_notes(notes, Length::ZERO);
            return;
        }
        // On a page of its own and still too high: row by row, and notes go on at the foot of the pages after.
        for row in group {
            if !self.fits(std::slice::from_ref(&row), Length::ZERO) && !self.empty {
                self.end_page();
            }
            self.place(row);
        }
        self.add_notes(notes, Length::ZERO);
    }

    fn fits(&self, group: &[Row], notes: Length) -> bool {
        let (mut y, mut at_head) = (self.y, self.empty);
        if at_head && let Some(head) = group.first().and_then(|row| row.head.as_ref()) {
            y += head.iter().map(|row| row.height).sum::<Length>();
        }
        for row in group {
            let (start, end) = self.extent(row, y, at_head);
            at_head = at_head && start == end;
            y = end;
        }
        // Blank space may run over the foot of a page: nobody sees it there.
        let trailing: Length = group.iter().rev().take_while(|row| row.blank).map(|row| row.height).sum();
        y - trailing + self.foot_total(notes) <= self.context.style.page.depth() + Length(64)
    }

    /// Rows of the notes whose first marks are in the group, and of the notes that those notes mark.
    fn new_notes(&mut self, own: &Context<'_>, group: &[Row]) -> Vec<Row> {
        let mut rows: Vec<Row> = Vec::new();
        let mut wanted: Vec<NoteMark> = group.iter().flat_map(|row| row.notes.iter().copied()).collect();
        while !wanted.is_empty() {
            let mut inner = Vec::new();
            for mark in wanted {
                let key = (mark.chapter, mark.note);
                if self.set.insert(key) {
                    let note = note_rows(own, mark.note, true);
                    inner.extend(note.iter().flat_map(|row| row.notes.iter().copied()).filter(|mark| !mark.label));
                    rows.extend(note);
                }
            }
            wanted = inner;
        }
        rows
    }

    /// Puts notes at the foot, as many rows as there is room for beside `reserve`; the others wait for the next page.
    fn add_notes(&mut self, notes: Vec<Row>, reserve: Length) {
        for row in notes {
            let fits = self.y + self.foot_total(row.height) + reserve <= self.context.style.page.depth() + Length(64);
            if self.carried.is_empty() && (fits || self.foot.is_empty() && self.empty) {
                self.foot_height += row.height;
                self.foot.push(row);
            } else {
                self.carried.push(row);
            }
        }
    }

    fn place(&mut self, row: Row) {
        if self.empty
            && let Some(head) = row.head.clone()
        {
            head.iter().for_each(|row| self.put(Row { notes: Vec::new(), ..row.clone() }));
        }
        self.put(row);
    }

    fn put(&mut self, row: Row) {
        let at_head = self.empty;
        let (start, end) = self.extent(&row, self.y, at_head);
        if start == end && row.items.is_empty() {
            return;
        }
        self.y = end;
        self.empty &= row.blank && start == end;
        if let Some(title) = &row.title {
            self.opener |= at_head;
            self.head = Some(title.clone());
        }
        self.page.take_in(row, start);
    }

    fn end_page(&mut self) {
        self.set_foot();
        let mut page = std::mem::take(&mut self.page);
        number_notes(self.context, &mut page, &mut self.numbers);
        self.pages.push(Body { items: page.items, opener: std::mem::take(&mut self.opener), head: self.head.clone() });
        self.y = Length::ZERO;
        self.empty = true;
        let carried = std::mem::take(&mut self.carried);
        self.add_notes(carried, self.leading() * 4);
    }

    /// Sets the notes at the foot of the type area under a short rule.
    fn set_foot(&mut self) {
        if self.foot.is_empty() {
            return;
        }
        let page = &self.context.style.page;
        let mut y = page.depth() - self.foot_height;
        let rule = Area { x: Length::ZERO, y: y - self.leading().mille(300), width: page.measure / 4, height: Length::pt(0.5) };
        self.page.items.push(Item::Rule(rule, Colour::BLACK));
        for row in std::mem::take(&mut self.foot) {
            let height = row.height;
            self.page.take_in(row, y);
            y += height;
        }
        self.foot_height = Length::ZERO;
    }

    fn finish(mut self) -> Vec<Body> {
        while !self.empty || !self.foot.is_empty() || !self.carried.is_empty() || self.pages.is_empty() {
            self.end_page();
        }
        self.pages
    }
}

/// Numbers a page's notes afresh, ①②③, in the order of their marks (TYPOGRAPHY.md 7), and links marks to notes and
/// back. A note that goes on from an earlier page keeps the number that it has there.
fn number_notes(context: &Context<'_>, page: &mut Row, numbers: &mut BTreeMap<(usize, usize), usize>) {
    let mut count = 0;
    let mut links = Vec::new();
    for mark in &page.notes {
        let mut first = false;
        let number = *numbers.entry((mark.chapter, mark.note)).or_insert_with(|| {
            count += 1;
            first = true;
            count
        });
        let Some(Item::Run(run)) = page.items.get_mut(mark.item) else { continue };
        let want = context.style.body.want;
        let label = script::circled(number).or_else(|| script::circled(50)).and_then(|c| Some((c, context.fonts.find(want, c, true)?)));
        if let (Some((c, choice)), Some(glyph)) = (label, run.glyphs.first_mut()) {
            run.face = choice.face;
            glyph.id = choice.glyph;
            glyph.text = c;
        }
        let area = Area { x: run.x, y: run.y - run.size, width: run.size, height: run.size.mille(1200) };
        let mark_id = format!("mark:{}", mark.note);
        if mark.label {
            links.push(Item::Link(area, Link::Inside { chapter: mark.chapter, id: Some(mark_id) }));
        } else {
            if first {
                links.push(Item::Anchor { chapter: mark.chapter, id: Some(mark_id), y: area.y });
            }
            links.push(Item::Link(area, note_link(mark.chapter, mark.note)));
        }
    }
    page.items.append(&mut links);
}
