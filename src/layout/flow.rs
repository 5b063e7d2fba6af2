//! Blocks become rows: what a page is filled with. A row is never divided; between rows a page may end unless
//! the upper one is kept with the next.

use super::breaks::{self, Fit, Measure};
use super::collect::{self, Collection};
use super::float::Float;
use super::line::{self, NoteMark, Place};
use super::page::{Area, Item, TextPlace};
use super::prepare::{self, Preparation};
use super::{Context, figure, grid, listing, table, tags, trace};
use crate::diagnostic::{Code, Diagnostic};
use crate::document::{Block, BlockKind, ChapterKind, FloatPlace, Inline, InlineKind, Link, plain_text};
use crate::length::Length;
use crate::script;
use crate::source::Span;
use crate::style::{Alignment, Colour, TextStyle, primary};
use crate::text;
use std::sync::Arc;

/// A row of a page; its items are measured from the upper left of the type area and of the row.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    pub height: Length,
    pub items: Vec<Item>,
    pub notes: Vec<NoteMark>,
    /// Whether it begins on a line of the page's grid.
    pub snap: bool,
    /// Whether no page ends after it.
    pub keep: bool,
    /// Whether it announces what follows: no page ends after it unless that would leave a hole.
    pub announces: bool,
    /// Whether a page begins with it.
    pub new_page: bool,
    /// Whether it is blank, and dropped at a page's head.
    pub blank: bool,
    /// Height that it gains at a page's head: a chapter's title sinks.
    pub sink: Length,
    /// Whether it is a heading.
    pub heading: bool,
    /// The title of the chapter that begins with it.
    pub title: Option<Arc<str>>,
    /// The title of the section that begins with it.
    pub section: Option<Arc<str>>,
    /// A block that stands here, or at a page's head or foot; the row itself is empty.
    pub float: Option<Arc<Float>>,
    /// Notes at the side, each with its place below the row's upper edge.
    pub side: Vec<(Length, Arc<Vec<Row>>)>,
    /// Rows that are set again above it where it begins a page: a table's head.
    pub head: Option<Arc<Vec<Row>>>,
    /// Where what it shows begins in the text. `None` for what the text does not say: a blank, a rule.
    pub start: Option<TextPlace>,
}

impl Row {
    /// Blank space of so many lines.
    pub fn space(height: Length) -> Row {
        Row { height, blank: true, ..Row::default() }
    }

    /// Puts items before those that are there: an anchor, a list's label.
    pub fn prepend(&mut self, items: Vec<Item>) {
        let count = items.len();
        self.items.splice(0..0, items);
        self.notes.iter_mut().for_each(|mark| mark.item += count);
    }

    /// Takes in rows, one below the other from `y` on; gives the lower edge of the last.
    pub fn take_in_all(&mut self, rows: impl IntoIterator<Item = Row>, y: Length) -> Length {
        rows.into_iter().fold(y, |y, row| {
            let below = y + row.height;
            self.take_in(row, y);
            below
        })
    }

    /// Takes in another row, its items moved down by `y`.
    pub fn take_in(&mut self, row: Row, y: Length) {
        let offset = self.items.len();
        self.start = self.start.or(row.start);
        self.notes.extend(row.notes.into_iter().map(|mark| NoteMark { item: mark.item + offset, ..mark }));
        self.side.extend(row.side.into_iter().map(|(top, rows)| (top + y, rows)));
        self.items.extend(row.items.into_iter().map(|mut item| {
            item.shift(Length::ZERO, y);
            item
        }));
    }
}

/// Height of rows, one below the other.
pub(super) fn height_of<'r>(rows: impl IntoIterator<Item = &'r Row>) -> Length {
    rows.into_iter().map(|row| row.height).sum()
}

/// Height of rows without what is blank below the last: nobody sees it there.
pub(super) fn seen(rows: &[Row]) -> Length {
    height_of(rows) - height_of(rows.iter().rev().take_while(|row| row.blank))
}

/// How many rows fit into some room.
pub(super) fn fitting<'r>(rows: impl IntoIterator<Item = &'r Row>, room: Length) -> usize {
    let mut height = Length::ZERO;
    let fits = |row: &&Row| {
        height += row.height;
        height <= room
    };
    rows.into_iter().take_while(fits).count()
}

/// Where and how blocks are set.
#[derive(Clone, Copy, Debug)]
pub(super) struct Setting {
    /// Left edge, from the type area's.
    pub left: Length,
    pub width: Length,
    pub text: TextStyle,
    /// Distance of baselines.
    pub leading: Length,
    /// First-line indent.
    pub indent: Length,
    pub alignment: Alignment,
    /// Depth of lists.
    pub depth: usize,
    /// Whether rows begin on the page's grid.
    pub snap: bool,
    /// Depth of the chapter in its tree.
    pub chapter_depth: usize,
    /// Whether a line that cannot be set well is reported.
    pub strict: bool,
}

impl Setting {
    /// The setting of a body's text.
    pub fn body(context: &Context<'_>, chapter_depth: usize) -> Setting {
        let style = context.style;
        Setting {
            left: Length::ZERO,
            width: style.page.measure,
            text: style.body,
            leading: style.page.leading,
            indent: style.body.size.mille((style.indent * 1000.0).round() as i64),
            alignment: Alignment::Justify,
            depth: 0,
            snap: true,
            chapter_depth,
            strict: true,
        }
    }

    /// Narrower by so much at the left and at the right.
    pub fn inset(self, left: Length, right: Length) -> Setting {
        // However deep things nest, two characters stand on a line.
        let least = self.text.size * 2;
        let width = (self.width - left - right).max(least);
        Setting { left: self.left + (self.width - width).min(left), width, ..self }
    }

    /// In the smaller type of notes and captions, off the grid.
    pub fn small(self, context: &Context<'_>) -> Setting {
        Setting { text: context.style.small.like(self.text), leading: context.style.small_leading(), snap: false, strict: false, ..self }
    }

    pub fn baseline(&self) -> Length {
        baseline(self.leading, self.text.size)
    }
}

/// From the top of a line's box to its baseline: the em square stands in the middle of the box.
pub(super) fn baseline(leading: Length, size: Length) -> Length {
    (leading - size) / 2 + size.mille(880)
}

/// Rows under construction.
pub(super) struct Flow<'a> {
    pub context: &'a Context<'a>,
    pub rows: Vec<Row>,
    new_page: bool,
}

impl<'a> Flow<'a> {
    pub fn new(context: &'a Context<'a>) -> Flow<'a> {
        Flow { context, rows: Vec::new(), new_page: false }
    }

    pub fn push(&mut self, mut row: Row) {
        if self.new_page {
            row.new_page = true;
            self.new_page = false;
        }
        self.rows.push(row);
    }

    /// Adds a block that may stand at a page's head or foot.
    pub fn float(&mut self, place: FloatPlace, rows: Vec<Row>) {
        let keep = self.rows.last().is_some_and(|row| row.keep);
        self.push(Row { float: Some(Arc::new(Float { place, rows })), blank: true, keep, ..Row::default() });
    }

    /// The blocks of a chapter, by what it is.
    pub fn chapter(&mut self, blocks: &[Block], kind: ChapterKind, setting: Setting) {
        let page = &self.context.style.page;
        match kind {
            ChapterKind::Text | ChapterKind::Part => self.blocks(blocks, setting),
            ChapterKind::Dedication => {
                let text = self.context.style.quote().like(setting.text);
                let alignment = if self.context.is_vertical() { Alignment::Start } else { Alignment::Center };
                self.blocks(blocks, Setting { text, alignment, indent: Length::ZERO, ..setting });
                let sink = page.leading * (page.lines / 3);
                self.rows.iter_mut().take(1).for_each(|row| row.sink = sink);
            }
            ChapterKind::Colophon => {
                self.blocks(blocks, setting.small(self.context));
                let sink = page.depth() - height_of(&self.rows);
                self.rows.iter_mut().take(1).for_each(|row| row.sink = sink.max(Length::ZERO));
            }
        }
    }

    /// Says that the next row begins a page.
    pub fn break_page(&mut self) {
        self.new_page = true;
    }

    pub fn blocks(&mut self, blocks: &[Block], setting: Setting) {
        for (at, block) in blocks.iter().enumerate() {
            // A book of letters does not indent what follows a heading.
            let before = at.checked_sub(1).and_then(|before| blocks.get(before));
            let headed = before.is_some_and(|before| matches!(before.kind, BlockKind::Heading { .. })) && !self.context.style.chinese;
            let first_text = at == 0 && setting.depth > 0 || headed;
            self.block(block, if first_text { Setting { indent: Length::ZERO, ..setting } } else { setting });
            // What announces a list, a table, a quotation stays with its beginning.
            let announces = matches!(&block.kind, BlockKind::Paragraph(content) if script::announces(&plain_text(content)));
            // A line in bold by itself is a title of what follows.
            let titles = matches!(&block.kind, BlockKind::Paragraph(content) if matches!(content.as_slice(), [Inline { kind: InlineKind::Strong(_), .. }]));
            // What bears a number is found wherever it stands.
            let follows = blocks.get(at + 1).is_some_and(|next| match &next.kind {
                BlockKind::Paragraph(_) => titles,
                BlockKind::Heading { .. } | BlockKind::NewPage | BlockKind::Rule => false,
                BlockKind::Table(table) => table.number.is_none(),
                BlockKind::Figure { number, .. } => number.is_none() || next.attrs.place() == FloatPlace::Here,
                _ => true,
            });
            if !follows {
                continue;
            }
            if titles {
                self.keep_last();
            } else if announces && let Some(row) = self.rows.last_mut() {
                row.announces = true;
            }
        }
    }

    #[expect(clippy::indexing_slicing, reason = "`first` was the length of `rows`, and rows are only ever added")]
    pub fn block(&mut self, block: &Block, setting: Setting) {
        let context = self.context;
        let first = self.rows.len();
        let lead = setting.leading;
        let setting = match block.attrs.language.as_deref() {
            Some(name) => {
                let tag = context.tags.open_in(setting.text.tag, tags::Role::Group, name);
                Setting { text: TextStyle { language: primary(name), tag, ..setting.text }, ..setting }
            }
            None => setting,
        };
        match &block.kind {
            BlockKind::Heading { level, number, content } => {
                self.heading(block, usize::from(*level) + setting.chapter_depth, number.as_deref(), content, setting)
            }
            BlockKind::Paragraph(content) => self.paragraph(content, self.part(setting, tags::Role::Paragraph), Some(block.span)),
            BlockKind::Quote(blocks) => {
                let setting = self.part(setting, tags::Role::Quote);
                let text = context.style.quote().at(setting.text.size).like(setting.text);
                let inset = setting.text.size * 2;
                self.blocks(blocks, Setting { text, ..setting.inset(inset, inset) });
            }
            BlockKind::Callout(kind, blocks) => self.callout(*kind, blocks, setting),
            BlockKind::List { start, tight, items } => self.list(*start, *tight, items, setting),
            BlockKind::Definitions(entries) => self.definitions(entries, setting, block.span),
            BlockKind::Code { text, highlights, .. } => listing::set(self, text, highlights, block.attrs.lines_from, setting, block.span),
            BlockKind::Table(content) => match block.attrs.place() {
                place
                    if setting.snap
                        && setting.depth == 0
                        && place != FloatPlace::Here
                        && (place != FloatPlace::Auto || content.number.is_some()) =>
                {
                    let mut own = Flow::new(context);
                    table::set(&mut own, content, setting, block.span);
                    // A long one goes on from page to page where it stands.
                    if height_of(&own.rows) <= context.style.page.depth().mille(900) {
                        self.float(place, own.rows);
                    } else {
                        own.rows.into_iter().for_each(|row| self.push(row));
                    }
                }
                _ => table::set(self, content, setting, block.span),
            },
            BlockKind::Figure { panels, caption, number } => {
                figure::set(self, panels, caption, number.as_deref(), &block.attrs, setting, block.span)
            }
            BlockKind::Math(source) => {
                context.warn_math(block.span);
                let code = Setting {
                    text: context.style.code(setting.text.size).part_of(context.tags.open_worded(
                        setting.text.tag,
                        tags::Role::Formula,
                        source,
                    )),
                    alignment: Alignment::Center,
                    indent: Length::ZERO,
                    strict: false,
                    ..setting
                };
                for line in source.lines() {
                    self.text_line(line.trim(), code);
                }
            }
            BlockKind::Rule => {
                let width = setting.text.size * 5;
                let x = setting.left + (setting.width - width) / 2;
                let line = Item::Rule(Area { x, y: lead / 2, width, height: Length::pt(0.5) }, Colour::HAIRLINE);
                // It parts two scenes: none of them is missing below it.
                self.push(Row { height: lead, items: vec![line], snap: setting.snap, keep: true, ..Row::default() });
            }
            BlockKind::NewPage => self.break_page(),
            BlockKind::Container(kind, blocks) => self.container(*kind, blocks, setting),
        }
        let start = self.place(block.span.start);
        if let Some(row) = self.rows[first..].iter_mut().find(|row| !row.blank) {
            row.start.get_or_insert(start);
        }
        if let Some(id) = &block.attrs.id {
            anchor(&mut self.rows[first..], context.chapter, Some(id.clone()));
        }
    }

    /// A place in the chapter that is being set.
    pub fn place(&self, at: u32) -> TextPlace {
        TextPlace { chapter: self.context.chapter, at }
    }

    /// The same setting within an element of its own.
    pub fn part(&self, setting: Setting, role: tags::Role) -> Setting {
        let tag = self.context.tags.open(setting.text.tag, role);
        Setting { text: setting.text.part_of(tag), ..setting }
    }

    /// No page ends after the row that was added last.
    pub fn keep_last(&mut self) {
        if let Some(row) = self.rows.last_mut() {
            row.keep = true;
        }
    }

    pub fn unkeep(&mut self) {
        if let Some(row) = self.rows.last_mut() {
            row.keep = false;
        }
    }

    /// A paragraph: justified lines, no first or last line of it alone on a page.
    pub fn paragraph(&mut self, content: &[Inline], setting: Setting, span: Option<Span>) {
        let first = self.rows.len();
        for (at, text) in collect::collect(self.context, content, setting.text).into_iter().enumerate() {
            let indent = if at == 0 { setting.indent } else { setting.indent.min(Length::ZERO) };
            let setting = Setting { indent, ..setting };
            self.lines(&text, setting, span);
        }
        self.guard(first);
    }

    /// Keeps the first two and the last two of the rows from `first` on together (CLREQ 6.1.3).
    #[expect(clippy::indexing_slicing, reason = "`count` rows stand from `first` on, two at least")]
    pub fn guard(&mut self, first: usize) {
        let count = self.rows.len() - first;
        if count >= 2 {
            self.rows[first].keep = true;
            self.rows[first + count - 2].keep = true;
        }
    }

    /// A line of plain text that the program sets itself.
    pub fn text_line(&mut self, text: &str, setting: Setting) {
        let collection = collect::collect_text(text, setting.text);
        self.lines(&collection, setting, None);
    }

    fn lines(&mut self, text: &Collection, setting: Setting, span: Option<Span>) {
        let prepared = prepare::prepare(self.context, text);
        if prepared.clusters.is_empty() {
            if text.units.is_empty() && span.is_some() {
                // An empty line that a break made.
                self.push(Row { height: setting.leading, snap: setting.snap, ..Row::default() });
            }
            return;
        }
        let em = setting.text.size;
        let on_grid = self.context.style.grid && setting.snap && setting.alignment == Alignment::Justify;
        let (prepared, setting) = if on_grid {
            let width = em * (setting.width.0 / em.0);
            (grid::align(self.context, prepared, em), Setting { width, alignment: Alignment::Start, ..setting })
        } else {
            (prepared, setting)
        };
        let fit = match setting.alignment {
            Alignment::Justify | Alignment::Even => Fit::Flush,
            _ if on_grid => Fit::Full,
            _ => Fit::Even,
        };
        let measure = Measure { width: setting.width, indent: setting.indent, fit, em };
        let breaks = breaks::choose(&prepared, measure);
        if let Some(span) = span.filter(|_| self.context.sink.is_tracing()) {
            trace::lines(&prepared, measure, &breaks, span, self.context.sink);
        }
        self.set_lines(text, &prepared, &breaks, measure, setting, span);
    }

    pub fn set_lines(
        &mut self,
        text: &Collection,
        prepared: &Preparation,
        breaks: &[breaks::Break],
        measure: Measure,
        setting: Setting,
        span: Option<Span>,
    ) {
        let count = breaks.len();
        for (at, chosen) in breaks.iter().enumerate() {
            let place = Place {
                measure,
                alignment: setting.alignment,
                left: setting.left,
                baseline: setting.baseline(),
                first: at == 0,
                last: at + 1 == count,
            };
            let line = line::set(self.context, text, prepared, *chosen, place);
            if let Some(span) = span {
                self.judge(&line, span, setting);
            }
            let mut items = line.items;
            let mut height = setting.leading;
            let above = line.height - setting.baseline();
            if above > Length::ZERO {
                // An object higher than the line pushes it down, by whole lines where the page has a grid.
                let extra = if setting.snap { setting.leading * above.ceil_div(setting.leading) } else { above };
                items.iter_mut().for_each(|item| item.shift(Length::ZERO, extra));
                height += extra;
            }
            let side = line.side.iter().map(|(text, tag)| self.side(text, *tag, setting)).collect();
            let start = span.map(|_| self.place(line.at));
            self.push(Row { height, items, notes: line.notes, snap: setting.snap, side, start, ..Row::default() });
        }
    }

    /// Reports a line that could not be set well.
    fn judge(&self, line: &line::Line, span: Span, setting: Setting) {
        let at = line.at.clamp(span.start, span.end);
        let place = Span { start: at, end: (at + 1).min(span.end).max(at), ..span };
        if line.excess > Length::pt(0.5) {
            let by = format!("{:.1}", line.excess.to_pt());
            let report = Diagnostic::new(Code::Overfull, text!("a line is {by} pt wider than the measure", "有一行超出版心 {by} 磅"));
            self.context.sink.report(
                report
                    .at(place)
                    .advise(text!("allow a break in the long word with a soft hyphen, or reword", "请在长词中加软连字符，或改写")),
            );
        } else if setting.strict && line.looseness > 0.26 && setting.depth == 0 {
            let by = format!("{:.2}", line.looseness);
            let report =
                Diagnostic::new(Code::LooseLine, text!("a line is loose: each gap grew by {by} em", "有一行过松：每处空隙加宽 {by} 字"));
            self.context
                .sink
                .report(report.at(place).advise(text!("reword, or allow a break with a soft hyphen", "请改写，或加软连字符以便断行")));
        }
    }
}

/// Puts a place that links lead to at the first of some rows that shows something, within a block that may move too.
pub(super) fn anchor(rows: &mut [Row], chapter: usize, id: Option<String>) {
    let item = vec![Item::Anchor { chapter, id, y: Length::ZERO }];
    let Some(row) = rows.iter_mut().find(|row| !row.blank || row.float.is_some()) else { return };
    match row.float.as_mut().map(Arc::make_mut) {
        None => row.prepend(item),
        Some(float) => {
            if let Some(inner) = float.rows.iter_mut().find(|row| !row.blank) {
                inner.prepend(item);
            }
        }
    }
}

/// A link that leads to a note.
pub(super) fn note_link(chapter: usize, note: usize) -> Link {
    Link::Inside { chapter, id: Some(note_id(note)) }
}

/// The id of a note's text in the PDF.
pub(super) fn note_id(note: usize) -> String {
    format!("note:{note}")
}
