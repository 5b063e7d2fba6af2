//! Rows become pages: as many groups of rows that stay together as fit, with figures at head and foot, the notes of the
//! marks at the foot, and notes at the side beside their lines.

use super::float::Float;
use super::flow::{Flow, Row, Setting, anchor, height_of, seen};
use super::line::NoteMark;
use super::notes::{self, Note, Numbers};
use super::page::{Area, Item, Start, TextPlace};
use super::tags::{Element, Role};
use super::{Context, side};
use crate::document::ChapterKind;
use crate::length::Length;
use crate::style::{Colour, Tag};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, VecDeque};
use std::ops::Range;
use std::sync::Arc;

/// The pages of one flow, their items measured from the upper left of the type area.
pub(super) struct Built {
    /// Which flow it is.
    pub number: usize,
    pub chapters: Range<usize>,
    pub pages: Vec<Body>,
    /// The structure that its items are part of, numbered from 0.
    pub elements: Vec<Element>,
}

/// What fills a page's type area.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Body {
    pub items: Vec<Item>,
    /// Notes beside the lines, measured from the inner edge of their own column.
    pub side: Vec<Item>,
    /// Whether a chapter begins on it: it carries no running head.
    pub opener: bool,
    /// What is in force on it, for running heads.
    pub heads: Heads,
    /// What it begins with.
    pub start: Option<Start>,
    /// The flow that it is of, and which of its pages it is.
    pub origin: Option<(usize, usize)>,
}

/// The titles in force on a page.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Heads {
    pub chapter: Option<Arc<str>>,
    pub section: Option<Arc<str>>,
}

/// What may stand below the type area by rounding.
const HAIR: Length = Length(64);

/// Lines of the text that stand on a page at the least, where a long note goes on at its foot.
const BODY_LINES: i64 = 4;

/// Lines that may stay blank at a page's foot for the sake of what is announced.
const WORST_HOLE: i64 = 3;

/// Builds the pages of a flow of chapters.
#[expect(clippy::indexing_slicing, reason = "`chapters` is a range that `flows` made over these very chapters")]
pub(super) fn build(context: &Context<'_>, chapters: Range<usize>) -> Vec<Body> {
    let mut builder = Builder::new(context, chapters.start);
    for chapter in chapters {
        let own = Context { chapter, ..*context };
        let content = &context.manuscript.chapters[chapter];
        let mut flow = Flow::new(&own);
        let section = own.tags.open(Tag::Decoration, if content.kind == ChapterKind::Part { Role::Group } else { Role::Section });
        let setting = Setting::body(&own, content.depth);
        let setting = Setting { text: setting.text.part_of(section), ..setting };
        flow.chapter(&content.document.blocks, content.kind, setting);
        for (note, _) in content.document.notes.iter().enumerate().filter(|(_, note)| note.marks == 0) {
            flow.rows.extend(notes::rows(&own, note, section, false));
        }
        anchor(&mut flow.rows, chapter, None);
        builder.rows(flow.rows);
    }
    builder.finish()
}

pub(super) struct Builder<'a> {
    pub context: &'a Context<'a>,
    pages: Vec<Body>,
    /// What stands on this page so far, with the marks of its notes.
    pub page: Row,
    /// Whether a chapter begins on this page.
    opener: bool,
    pub y: Length,
    /// Whether no row of the text stands on this page yet.
    pub empty: bool,
    /// Notes at the foot of this page.
    foot: Vec<Row>,
    foot_height: Length,
    /// What goes on of notes at the foot of the next page.
    pub carried: VecDeque<Note>,
    /// Figures at the foot of this page, above its notes.
    pub low: Vec<Row>,
    /// Figures that wait for the head or the foot of a page.
    pub waiting: VecDeque<(Arc<Float>, Vec<Vec<Note>>)>,
    /// Whether a figure higher than a page is being divided: no other comes between its pages.
    pub dividing: bool,
    /// Whether no text is to come before the next page that is asked for.
    pub ending: bool,
    /// What goes on of notes at the side.
    side: Vec<(Length, Arc<Vec<Row>>)>,
    /// Notes that have been set, with the chapters they are of.
    set: BTreeSet<(usize, usize)>,
    numbers: Numbers,
    heads: Heads,
    /// The first section that begins on this page.
    section: Option<Arc<str>>,
    /// The furthest place in the text that was set so far.
    reached: Option<TextPlace>,
    /// Where this page begins in the text.
    start: Option<TextPlace>,
    /// The last pages, as far as they hold nothing but figures that waited and what goes on of notes.
    unplaced: Vec<usize>,
}

impl<'a> Builder<'a> {
    fn new(context: &'a Context<'a>, chapter: usize) -> Builder<'a> {
        let chapter = context.manuscript.chapters.get(chapter).map(|chapter| chapter.title.as_str().into());
        Builder {
            context,
            pages: Vec::new(),
            page: Row::default(),
            opener: true,
            y: Length::ZERO,
            empty: true,
            foot: Vec::new(),
            foot_height: Length::ZERO,
            carried: VecDeque::new(),
            low: Vec::new(),
            waiting: VecDeque::new(),
            dividing: false,
            ending: false,
            side: Vec::new(),
            set: BTreeSet::new(),
            numbers: Numbers::default(),
            heads: Heads { chapter, section: None },
            section: None,
            reached: None,
            start: None,
            unplaced: Vec::new(),
        }
    }

    pub fn leading(&self) -> Length {
        self.context.style.page.leading
    }

    /// Height of the notes with the rule above them.
    pub fn foot_total(&self, more: Length) -> Length {
        let height = self.foot_height + more;
        if height == Length::ZERO { height } else { height + self.note_gap() }
    }

    /// Room from `y` down to what stands at the foot, with `more` height of notes there.
    pub fn room(&self, y: Length, more: Length) -> Length {
        self.context.style.page.depth() + HAIR - y - self.foot_total(more) - seen(&self.low)
    }

    /// Room for more rows of notes at the foot, below what reaches down to `y`.
    fn notes_room(&self, y: Length) -> Length {
        self.room(y, Length::ZERO) - if self.foot_height == Length::ZERO { self.note_gap() } else { Length::ZERO }
    }

    /// What parts the notes from the text: the rule stands in it.
    fn note_gap(&self) -> Length {
        self.leading().mille(700)
    }

    /// Where a row would begin, and where it would end.
    pub fn extent(&self, row: &Row, y: Length, at_head: bool) -> (Length, Length) {
        if row.blank && at_head {
            return (y, y);
        }
        let start = if row.snap { self.leading() * y.ceil_div(self.leading()) } else { y };
        let start = if at_head { start + row.sink } else { start };
        (start, start + row.height)
    }

    fn rows(&mut self, rows: Vec<Row>) {
        let mut rows = rows.into_iter().peekable();
        while let Some(first) = rows.next() {
            if first.new_page {
                self.flush();
            }
            if let Some(float) = first.float.clone() {
                self.float(float);
                continue;
            }
            let mut group = vec![first];
            let mut floats = Vec::new();
            // Blank space between two that stay together stays with them.
            let goes_on =
                |group: &[Row]| group.iter().rev().find(|row| !row.blank).or(group.last()).is_some_and(|row| row.keep || row.announces);
            while goes_on(&group)
                && let Some(mut next) = rows.next_if(|row| !row.new_page)
            {
                // A figure between a heading and its text goes after both.
                match next.float.take() {
                    Some(float) => floats.push(float),
                    None => group.push(next),
                }
            }
            self.group(group);
            floats.into_iter().for_each(|float| self.float(float));
        }
    }

    /// Ends the page, and sets what waits on pages of its own.
    fn flush(&mut self) {
        self.ending = true;
        while !self.untouched() || !self.waiting.is_empty() || !self.carried.is_empty() {
            self.end_notes();
        }
        self.ending = false;
    }

    /// Whether nothing stands on the page.
    fn untouched(&self) -> bool {
        self.empty && self.page.items.is_empty() && self.foot.is_empty() && self.low.is_empty() && self.side.is_empty()
    }

    /// Puts a group on this page, or on the next where it does not fit; divides it only where no page could hold it.
    #[expect(clippy::indexing_slicing, reason = "`at` comes from `position` in `group`, `heading` from `rposition` before `at`")]
    fn group(&mut self, mut group: Vec<Row>) {
        // What only announces the rest may stand by itself, rather than that a hole is left.
        let lines = |rows: &[Row]| rows.iter().filter(|row| row.items.iter().any(|item| matches!(item, Item::Run(_)))).count();
        let parted = group.iter().position(|row| row.announces).filter(|at| {
            // Two lines at least follow a heading.
            let headed = group[..*at].iter().rposition(|row| row.heading);
            at + 1 < group.len() && headed.is_none_or(|heading| lines(&group[heading + 1..=*at]) >= 2)
        });
        let mut notes: Vec<Vec<Note>> = group.iter().map(|row| self.new_notes(row)).collect();
        if let Some(at) = parted
            && !self.empty
            && self.room(self.y, Length::ZERO) > self.leading() * WORST_HOLE
            && !self.fits(&group, &notes.iter().flatten().collect::<Vec<_>>())
        {
            let (rest, later) = (group.split_off(at + 1), notes.split_off(at + 1));
            self.group_with(group, notes);
            return self.group_with(rest, later);
        }
        self.group_with(group, notes);
    }

    /// As [`Builder::group`], each row with the notes that begin beside it.
    pub fn group_with(&mut self, group: Vec<Row>, notes: Vec<Vec<Note>>) {
        let all: Vec<&Note> = notes.iter().flatten().collect();
        if !self.fits(&group, &all) && !self.empty {
            if self.squeezes_in(&group, &all) {
                group.into_iter().for_each(|row| self.place(row));
                self.add_notes(notes.into_iter().flatten().collect(), true);
                return;
            }
            self.end_page();
        }
        if self.empty && all.is_empty() {
            self.make_room(&group);
        }
        // What goes on of earlier notes first fills pages, if the group's own could not begin beside it.
        while !self.fits(&group, &all) && !self.carried.is_empty() {
            self.end_notes();
        }
        while !self.fits(&group, &all) && self.empty && !self.untouched() {
            // Figures or notes leave too little room.
            self.end_page();
        }
        if self.fits(&group, &all) {
            group.into_iter().for_each(|row| self.place(row));
            self.add_notes(notes.into_iter().flatten().collect(), false);
            return;
        }
        // On a page of its own and still too high: row by row, each with its own notes, which may all go on.
        for (row, notes) in group.into_iter().zip(notes) {
            let least: Length = notes.iter().map(notes::least).sum();
            let (_, end) = self.extent(&row, self.y, self.empty);
            let begins = self.carried.is_empty() || notes.is_empty();
            if (self.room(end, least) < Length::ZERO || !begins) && !self.empty {
                self.end_page();
                while !self.carried.is_empty() && !notes.is_empty() {
                    self.end_notes();
                }
            }
            self.place(row);
            self.add_notes(notes, true);
        }
    }

    /// Whether a group would fit if every one of its notes might go on on the next page, and leaves a hole that is worth it
    /// otherwise.
    fn squeezes_in(&self, group: &[Row], notes: &[&Note]) -> bool {
        let (_, end) = group.iter().fold((self.y, self.y), |(_, y), row| self.extent(row, y, false));
        let least: Length = notes.iter().map(|note| notes::least(note)).sum();
        notes.len() > 1
            && self.carried.is_empty()
            && self.room(self.y, Length::ZERO) > self.context.style.page.depth() / 4
            && self.room(end, least) >= Length::ZERO
    }

    /// Takes rows of a note that goes on anyway back from the foot of a new page, as many as a group needs, if two stay.
    fn make_room(&mut self, group: &[Row]) {
        let mut taken = Vec::new();
        while !self.fits(group, &[])
            && self.foot.len() > notes::LEAST
            && !self.carried.is_empty()
            && let Some(row) = self.foot.pop()
        {
            self.foot_height -= row.height;
            taken.push(row);
        }
        let fits = self.fits(group, &[]);
        if let Some(note) = self.carried.front_mut() {
            if fits {
                taken.into_iter().for_each(|row| note.push_front(row));
            } else {
                // It does not do: they stay.
                let rows: Vec<Row> = taken.into_iter().rev().collect();
                self.sink(rows.into_iter());
            }
        }
    }

    /// Fills the page with what goes on of earlier notes, and ends it.
    fn end_notes(&mut self) {
        self.fill_foot(Length::ZERO);
        self.end_page();
    }

    /// Whether a group fits on this page with its notes, the last of which may go on on the next.
    pub fn fits(&self, group: &[Row], notes: &[&Note]) -> bool {
        let (mut y, mut at_head) = (self.y, self.empty);
        if at_head && let Some(head) = group.first().and_then(|row| row.head.as_ref()) {
            y += height_of(head.iter());
        }
        for row in group {
            let (start, end) = self.extent(row, y, at_head);
            at_head = at_head && start == end;
            y = end;
        }
        // Blank space may run over the foot of a page.
        let y = y - (height_of(group) - seen(group));
        if notes.is_empty() {
            return self.room(y, Length::ZERO) >= Length::ZERO;
        }
        self.carried.is_empty() && notes::plan(notes, self.notes_room(y), false).is_some()
    }

    /// The notes whose first marks are in a row, and the notes that those notes mark.
    pub fn new_notes(&mut self, row: &Row) -> Vec<Note> {
        let mut found: Vec<Note> = Vec::new();
        let mut wanted: Vec<NoteMark> = row.notes.clone();
        while !wanted.is_empty() {
            let mut inner = Vec::new();
            for mark in wanted {
                if !mark.label && self.set.insert((mark.chapter, mark.note)) {
                    let own = Context { chapter: mark.chapter, ..*self.context };
                    let note = notes::rows(&own, mark.note, mark.home, true);
                    inner.extend(note.iter().flat_map(|row| row.notes.iter().copied()).filter(|mark| !mark.label));
                    found.push(note.into());
                }
            }
            wanted = inner;
        }
        found
    }

    /// Puts notes at the foot, as many rows as there is room for; the others wait for the next page.
    pub fn add_notes(&mut self, notes: Vec<Note>, forced: bool) {
        let room = self.notes_room(self.y.min(self.context.style.page.depth()));
        let all: Vec<&Note> = notes.iter().collect();
        let counts = notes::plan(&all, room, forced).unwrap_or_else(|| vec![0; notes.len()]);
        for (mut note, count) in notes.into_iter().zip(counts) {
            self.sink(note.drain(..count));
            if !note.is_empty() {
                self.carried.push_back(note);
            }
        }
    }

    fn sink(&mut self, rows: impl Iterator<Item = Row>) {
        for row in rows {
            self.foot_height += row.height;
            self.foot.push(row);
        }
    }

    /// Goes on with the notes of the page before, beside `reserve` for the text. A page with nothing else takes a row at the least.
    fn fill_foot(&mut self, reserve: Length) {
        while let Some(mut note) = self.carried.pop_front() {
            let mut count = notes::share(&note, self.notes_room(self.y + reserve));
            if count == 0 && reserve == Length::ZERO && self.untouched() {
                count = 1;
            }
            self.sink(note.drain(..count));
            if !note.is_empty() {
                self.carried.push_front(note);
                return;
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
            self.heads = Heads { chapter: Some(title.clone()), section: None };
            self.section = None;
        }
        if let Some(title) = &row.section {
            self.heads.section = Some(title.clone());
            self.section.get_or_insert_with(|| title.clone());
        }
        self.begin(&row);
        self.frame(&row, start);
        self.page.take_in(row, start);
    }

    /// The page begins with the first row that goes on in the text: neither a table's head set again nor a figure that waited.
    pub fn begin(&mut self, row: &Row) {
        let Some(start) = row.start.filter(|_| row.start > self.reached) else { return };
        if self.start.is_none() {
            self.place_pages(Some(start));
        }
        self.reached = Some(start);
        self.start.get_or_insert(start);
    }

    /// Pages of figures alone stand between the text before them and the text that comes next, which is at the end of the
    /// chapter where no more of it comes.
    #[expect(clippy::indexing_slicing, reason = "`end_page` adds a number to `unplaced` just before it pushes that page; none is removed")]
    fn place_pages(&mut self, next: Option<TextPlace>) {
        let Some(reached) = self.reached else { return };
        let place = next.filter(|next| next.chapter == reached.chapter).unwrap_or(TextPlace { at: u32::MAX, ..reached });
        for page in self.unplaced.drain(..) {
            self.pages[page].start = Some(Start::Text(place));
        }
    }

    /// Puts rows on the page, one below the other from `y` on.
    pub fn put_all(&mut self, rows: Vec<Row>, mut y: Length) {
        for row in rows {
            let below = y + row.height;
            self.frame(&row, y);
            self.page.take_in(row, y);
            y = below;
        }
    }

    /// Draws the box of a row, for whoever looks at the layout.
    fn frame(&mut self, row: &Row, y: Length) {
        if self.context.style.debug {
            let area = Area { x: Length::ZERO, y, width: self.context.style.page.measure, height: row.height };
            self.page.items.extend(area.outline(Length::pt(0.2), if row.blank { Colour::GUIDE_BLANK } else { Colour::GUIDE_ROW }));
        }
    }

    fn end_page(&mut self) {
        self.set_low();
        self.set_foot();
        let mut page = std::mem::take(&mut self.page);
        self.numbers.set(self.context, &mut page);
        let mut notes = std::mem::take(&mut self.side);
        notes.append(&mut page.side);
        let (side, rest) = side::place(self.context, notes);
        self.side = rest;
        let heads = Heads { section: self.section.take().or_else(|| self.heads.section.clone()), ..self.heads.clone() };
        let start = self.start.take().map(Start::Text);
        if start.is_none() {
            self.unplaced.push(self.pages.len());
        }
        self.pages.push(Body { items: page.items, side, opener: std::mem::take(&mut self.opener), heads, start, origin: None });
        self.y = Length::ZERO;
        self.empty = true;
        if self.carried.is_empty() {
            self.set_waiting();
        } else {
            let lines = BODY_LINES.min(self.context.style.page.lines / 4);
            self.fill_foot(self.leading() * lines);
        }
    }

    /// Sets the notes at the foot of the type area under a short rule.
    fn set_foot(&mut self) {
        if self.foot.is_empty() {
            return;
        }
        let page = &self.context.style.page;
        let y = page.depth() - self.foot_height;
        let rule = Area { x: Length::ZERO, y: y - self.leading().mille(300), width: page.measure / 4, height: Length::pt(0.5) };
        self.page.items.push(Item::Rule(rule, Colour::BLACK));
        let foot = std::mem::take(&mut self.foot);
        self.put_all(foot, y);
        self.foot_height = Length::ZERO;
    }

    fn finish(mut self) -> Vec<Body> {
        self.flush();
        if self.pages.is_empty() {
            // A chapter that says nothing has a page all the same.
            self.end_page();
        }
        self.place_pages(None);
        self.pages
    }
}

/// Moves the numbers of elements, so that those of several flows can stand in one list.
pub(super) fn renumber(built: &mut Built, first: u32) {
    let moved = |tag: Tag| tag.element().map_or(tag, |number| Tag::Element(number + first));
    for body in &mut built.pages {
        body.items.iter_mut().chain(&mut body.side).for_each(|item| item.retag(moved));
    }
    built.elements.iter_mut().for_each(|element| element.parent = element.parent.map(|parent| parent + first));
}
