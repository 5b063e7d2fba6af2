//! Builds the tree of a document from openings, closings and text, whether Markdown or raw HTML gives them:
//! the two may be mixed at will in a real book.

use super::forms;
use super::{Align, Attrs, Block, BlockKind, Callout, Cell, Container, Definition, Image, Inline, InlineKind, Item, Link, Table};
use crate::script;
use crate::source::{FileId, Span};

/// Something that has been opened and will be closed.
#[derive(Clone, Debug)]
pub(super) enum Open {
    Root,
    Note(String),
    Paragraph,
    Heading(u8),
    Quote,
    Callout(Callout),
    Container(Container),
    List {
        start: Option<u64>,
    },
    Item,
    Definitions,
    Term,
    Meaning,
    Table(Vec<Align>),
    Head,
    Row,
    Cell {
        header: bool,
        columns: usize,
        rows: usize,
    },
    Caption,
    Figure,
    /// `::: figure`
    Figures,
    Emphasis,
    Strong,
    Strike,
    Underline,
    Subscript,
    Superscript,
    Span,
    Code,
    Link(String),
    Ruby,
    RubyText,
    /// A level that is too deep to be kept: its content stands in the one around it.
    Flat,
}

/// Levels that are kept.
const DEEPEST: usize = 64;

impl Open {
    /// Whether it holds lines of text rather than blocks.
    fn is_phrasing(&self) -> bool {
        use Open::*;
        matches!(
            self,
            Paragraph
                | Heading(_)
                | Term
                | Caption
                | Emphasis
                | Strong
                | Strike
                | Underline
                | Subscript
                | Superscript
                | Span
                | Code
                | Link(_)
                | Ruby
                | RubyText
        )
    }

    /// Whether it is a piece of a line.
    fn is_inline(&self) -> bool {
        self.is_phrasing() && !matches!(self, Open::Paragraph | Open::Heading(_) | Open::Term | Open::Caption)
    }
}

/// What opened a frame; a closing closes only its own kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    /// Markdown.
    Markdown,
    /// An HTML tag; which one is kept beside.
    Html,
    /// The builder itself: a paragraph around loose text.
    Itself,
}

struct Frame {
    open: Open,
    by: By,
    tag: String,
    attrs: Attrs,
    span: Span,
    blocks: Vec<Block>,
    inlines: Vec<Inline>,
    rows: Vec<Vec<Cell>>,
    head: Vec<Vec<Cell>>,
    cells: Vec<Cell>,
    items: Vec<Item>,
    terms: Vec<Definition>,
    pairs: Vec<(String, String)>,
    caption: Vec<Inline>,
    task: Option<bool>,
    loose: bool,
    /// What Markdown opened is numbered; 0 for everything else.
    serial: usize,
}

/// A note as it was defined.
pub(super) struct Defined {
    pub label: String,
    pub blocks: Vec<Block>,
    pub span: Span,
}

/// The tree under construction.
pub(super) struct Builder<'a> {
    source: &'a str,
    file: FileId,
    stack: Vec<Frame>,
    pub notes: Vec<Defined>,
    /// What Markdown has opened and not yet closed. An HTML block may have closed a paragraph before Markdown does.
    markdown: Vec<usize>,
    serial: usize,
    /// Where nesting became too deep first.
    pub flattened: Option<Span>,
}

impl Frame {
    /// What HTML that is nested wrongly has left in a frame that has no place for it: rows outside a table, items
    /// outside a list. Its blocks are kept.
    fn take_strays(&mut self) -> Vec<Block> {
        let mut strays = Vec::new();
        if matches!(self.open, Open::Table(_)) && !self.cells.is_empty() {
            self.rows.push(std::mem::take(&mut self.cells));
        }
        if !matches!(self.open, Open::Table(_) | Open::Head) {
            strays.extend(std::mem::take(&mut self.rows).into_iter().flatten().flat_map(|cell| cell.blocks));
            strays.extend(std::mem::take(&mut self.head).into_iter().flatten().flat_map(|cell| cell.blocks));
        }
        if !matches!(self.open, Open::Row | Open::Head) {
            strays.extend(std::mem::take(&mut self.cells).into_iter().flat_map(|cell| cell.blocks));
        }
        if !matches!(self.open, Open::List { .. } | Open::Flat) {
            strays.extend(std::mem::take(&mut self.items).into_iter().flat_map(|item| item.blocks));
        }
        if !matches!(self.open, Open::Definitions) {
            for entry in std::mem::take(&mut self.terms) {
                strays.push(Block::new(BlockKind::Paragraph(entry.term), self.span));
                strays.extend(entry.meanings.into_iter().flatten());
            }
        }
        if !matches!(self.open, Open::Table(_) | Open::Figure) && !self.caption.is_empty() {
            strays.push(Block::new(BlockKind::Paragraph(std::mem::take(&mut self.caption)), self.span));
        }
        let holds_blocks = !self.open.is_phrasing() && !matches!(self.open, Open::List { .. } | Open::Definitions | Open::Head | Open::Row);
        if holds_blocks {
            self.blocks.append(&mut strays);
        } else {
            strays.append(&mut self.blocks);
        }
        strays
    }
}

impl<'a> Builder<'a> {
    pub fn new(source: &'a str, file: FileId) -> Builder<'a> {
        let mut builder = Builder { source, file, stack: Vec::new(), notes: Vec::new(), markdown: Vec::new(), serial: 0, flattened: None };
        builder.push(Open::Root, By::Itself, "", Attrs::default(), 0..0);
        builder
    }

    pub fn span(&self, range: std::ops::Range<usize>) -> Span {
        Span::new(self.file, range)
    }

    fn push(&mut self, open: Open, by: By, tag: &str, attrs: Attrs, range: std::ops::Range<usize>) {
        let span = self.span(range);
        self.stack.push(Frame {
            open,
            by,
            tag: tag.to_owned(),
            attrs,
            span,
            blocks: Vec::new(),
            inlines: Vec::new(),
            rows: Vec::new(),
            head: Vec::new(),
            cells: Vec::new(),
            items: Vec::new(),
            terms: Vec::new(),
            pairs: Vec::new(),
            caption: Vec::new(),
            task: None,
            loose: false,
            serial: 0,
        });
    }

    #[allow(clippy::expect_used, reason = "the root frame is never closed, and everything stands in it")]
    fn top(&mut self) -> &mut Frame {
        self.stack.last_mut().expect("the root frame is never closed")
    }

    /// Opens something. A block closes the lines of text that stand open; an inline among blocks opens a paragraph.
    pub fn open(&mut self, open: Open, by: By, tag: &str, attrs: Attrs, range: std::ops::Range<usize>) {
        if open.is_inline() {
            self.ensure_line(range.start);
        } else {
            self.end_line();
            self.fit(&open, range.start);
        }
        if self.stack.len() > DEEPEST && !matches!(open, Open::Paragraph | Open::Heading(_) | Open::Note(_)) {
            let span = self.span(range.clone());
            self.flattened.get_or_insert(span);
            self.push(Open::Flat, by, tag, attrs, range);
        } else {
            self.push(open, by, tag, attrs, range);
        }
        if by == By::Markdown {
            self.serial += 1;
            let serial = self.serial;
            self.markdown.push(serial);
            self.top().serial = serial;
        }
    }

    /// Puts rows into tables, cells into rows, items into lists where HTML leaves them out or writes them wrongly.
    fn fit(&mut self, open: &Open, at: usize) {
        let inside = |builder: &Builder<'_>, test: fn(&Open) -> bool| builder.stack.last().is_some_and(|frame| test(&frame.open));
        match open {
            Open::Row | Open::Head if !inside(self, |open| matches!(open, Open::Table(_) | Open::Head)) => {
                self.close_while(|open| matches!(open, Open::Row | Open::Cell { .. }));
                if !inside(self, |open| matches!(open, Open::Table(_) | Open::Head)) {
                    self.push(Open::Table(Vec::new()), By::Itself, "", Attrs::default(), at..at);
                }
            }
            Open::Cell { .. } if !inside(self, |open| matches!(open, Open::Row)) => {
                self.close_while(|open| matches!(open, Open::Cell { .. }));
                if !inside(self, |open| matches!(open, Open::Row)) {
                    self.fit(&Open::Row, at);
                    self.push(Open::Row, By::Itself, "", Attrs::default(), at..at);
                }
            }
            Open::Item if !inside(self, |open| matches!(open, Open::List { .. })) => {
                self.close_while(|open| matches!(open, Open::Item));
                if !inside(self, |open| matches!(open, Open::List { .. })) {
                    self.push(Open::List { start: None }, By::Itself, "", Attrs::default(), at..at);
                }
            }
            Open::Term | Open::Meaning if !inside(self, |open| matches!(open, Open::Definitions)) => {
                self.close_while(|open| matches!(open, Open::Meaning | Open::Term));
                if !inside(self, |open| matches!(open, Open::Definitions)) {
                    self.push(Open::Definitions, By::Itself, "", Attrs::default(), at..at);
                }
            }
            // A caption belongs to its table or figure; what only groups terms is nothing.
            Open::Row | Open::Head | Open::Cell { .. } | Open::Item | Open::Term | Open::Meaning | Open::Caption => {}
            _ => self.wrap_block(at),
        }
    }

    /// A block that stands directly in a list or a table belongs to an item or a cell.
    fn wrap_block(&mut self, at: usize) {
        let own = match self.top().open {
            Open::Table(_) | Open::Head | Open::Row => Open::Cell { header: false, columns: 1, rows: 1 },
            Open::List { .. } => Open::Item,
            Open::Definitions => Open::Meaning,
            _ => return,
        };
        self.open(own, By::Itself, "", Attrs::default(), at..at);
    }

    /// Whether the line that stands open is a term, a caption or the like, which holds no blocks; or, for `div`,
    /// whether it stands among terms.
    pub fn inside_line(&self) -> bool {
        self.stack.iter().rev().find(|frame| !frame.open.is_inline()).is_some_and(|frame| matches!(frame.open, Open::Term | Open::Caption))
    }

    /// Whether the innermost block is a list of definitions.
    pub fn among_terms(&self) -> bool {
        self.stack.last().is_some_and(|frame| matches!(frame.open, Open::Definitions))
    }

    /// Closes frames that HTML leaves open while `test` holds; never one that Markdown opened.
    fn close_while(&mut self, test: fn(&Open) -> bool) {
        while self.stack.last().is_some_and(|frame| frame.by != By::Markdown && test(&frame.open)) {
            self.pop();
        }
    }

    /// Makes sure that text can be added.
    fn ensure_line(&mut self, at: usize) {
        if !self.top().open.is_phrasing() {
            // Text that stands directly in a table or list belongs to a cell or an item.
            self.wrap_block(at);
            self.push(Open::Paragraph, By::Itself, "", Attrs::default(), at..at);
        }
    }

    /// Closes the inlines and the paragraph that stand open.
    fn end_line(&mut self) {
        while self.stack.last().is_some_and(|frame| frame.open.is_phrasing()) {
            self.pop();
        }
    }

    /// Closes what Markdown opened last, and whatever HTML left open inside.
    pub fn close_markdown(&mut self, end: usize) {
        let Some(serial) = self.markdown.pop() else { return };
        let Some((at, frame)) = self.stack.iter_mut().enumerate().rev().find(|(_, frame)| frame.serial == serial) else { return };
        frame.span.end = frame.span.end.max(end as u32);
        while self.stack.len() > at {
            self.pop();
        }
    }

    /// Closes an HTML element, if it is open inside the Markdown that stands open. False where it is not.
    pub fn close_html(&mut self, tag: &str) -> bool {
        let Some(at) = self.stack.iter().rposition(|frame| frame.by == By::Html && frame.tag == tag) else { return false };
        if self.stack.iter().skip(at + 1).any(|frame| frame.by == By::Markdown) {
            return false;
        }
        while self.stack.len() > at {
            self.pop();
        }
        true
    }

    /// Closes a `:::` container. False where none is open.
    pub fn close_container(&mut self) -> bool {
        self.end_line();
        self.close_html(":::")
    }

    /// The containers that were never closed: their spans.
    pub fn open_containers(&self) -> Vec<Span> {
        self.stack.iter().filter(|frame| frame.tag == ":::").map(|frame| frame.span).collect()
    }

    /// Whether the place is inside a container of this kind.
    pub fn inside_verse(&self) -> bool {
        self.stack.iter().any(|frame| matches!(frame.open, Open::Container(Container::Verse)))
    }

    /// Adds text. White space among blocks is nothing.
    pub fn text(&mut self, text: &str, range: std::ops::Range<usize>) {
        if !self.top().open.is_phrasing() && text.chars().all(|c| c.is_whitespace() && c != script::IDEOGRAPHIC_SPACE) {
            return;
        }
        // CommonMark 2.3: what no text may hold.
        let text = &*text.replace('\0', "\u{fffd}");
        self.ensure_line(range.start);
        let span = self.span(range);
        let source = self.source;
        let verse = self.inside_verse();
        let top = self.top();
        // The indent that a text brings along is the paragraph's own.
        let text = if top.inlines.is_empty() && matches!(top.open, Open::Paragraph) && !verse {
            text.trim_start_matches([script::IDEOGRAPHIC_SPACE, ' ', '\u{a0}'])
        } else {
            text
        };
        if text.is_empty() {
            return;
        }
        // Text that follows its forerunner without a gap in the source is one text, but for an escaped character.
        if let Some(Inline { kind: InlineKind::Text(last), attrs, span: before }) = top.inlines.last_mut()
            && before.end == span.start
            && attrs.is_empty()
            && !source.get(..span.start as usize).is_some_and(|head| head.ends_with('\\'))
        {
            last.push_str(text);
            before.end = span.end;
            return;
        }
        let start = span.end - (text.len() as u32).min(span.end - span.start);
        top.inlines.push(Inline::new(InlineKind::Text(text.to_owned()), Span { start, ..span }));
    }

    /// A line break of the source: nothing between Chinese characters, else a space.
    pub fn soft_break(&mut self, range: std::ops::Range<usize>, next: Option<char>) {
        if self.inside_verse() {
            return self.inline(InlineKind::Break, Attrs::default(), range);
        }
        let before = super::plain_text(&self.top().inlines).chars().next_back();
        let silent = matches!((before, next), (Some(before), Some(next)) if script::without_soft_break(before, next));
        if !silent && self.top().open.is_phrasing() {
            let span = self.span(range);
            self.top().inlines.push(Inline::new(InlineKind::Text(" ".into()), span));
        }
    }

    /// Adds an inline without content of its own.
    pub fn inline(&mut self, kind: InlineKind, attrs: Attrs, range: std::ops::Range<usize>) {
        self.ensure_line(range.start);
        let span = self.span(range);
        self.top().inlines.push(Inline { kind, attrs, span });
    }

    /// Adds a block without blocks inside.
    pub fn block(&mut self, kind: BlockKind, attrs: Attrs, range: std::ops::Range<usize>) {
        self.end_line();
        self.wrap_block(range.start);
        let span = self.span(range);
        self.top().blocks.push(Block { kind, attrs, span });
    }

    /// Marks the innermost item as a task.
    pub fn task(&mut self, done: bool) {
        if let Some(frame) = self.stack.iter_mut().rev().find(|frame| matches!(frame.open, Open::Item)) {
            frame.task = Some(done);
        }
    }

    /// Marks the innermost list as one with space between its items.
    pub fn loosen(&mut self) {
        if let Some(frame) = self.stack.iter_mut().rev().find(|frame| matches!(frame.open, Open::List { .. })) {
            frame.loose = true;
        }
    }

    /// The finished blocks.
    pub fn finish(mut self) -> (Vec<Block>, Vec<Defined>) {
        while self.stack.len() > 1 {
            self.pop();
        }
        let root = self.stack.pop().map(|frame| frame.blocks).unwrap_or_default();
        (root, self.notes)
    }

    /// Closes the innermost frame and hands its content to the one around it.
    fn pop(&mut self) {
        let Some(mut frame) = self.stack.pop() else { return };
        let strays = frame.take_strays();
        forms::apply(&mut frame.inlines, self.source);
        let span = frame.span;
        let attrs = std::mem::take(&mut frame.attrs);
        let inlines = std::mem::take(&mut frame.inlines);
        let blocks = std::mem::take(&mut frame.blocks);
        let add_block = |builder: &mut Self, kind: BlockKind, attrs: Attrs| builder.top().blocks.push(Block { kind, attrs, span });
        let add_inline = |builder: &mut Self, kind: InlineKind| {
            builder.ensure_line(span.start as usize);
            builder.top().inlines.push(Inline { kind, attrs: attrs.clone(), span });
        };
        match frame.open {
            Open::Root => self.stack.push(Frame { blocks, ..frame }),
            Open::Note(label) => self.notes.push(Defined { label, blocks, span }),
            Open::Paragraph => {
                for (kind, extra) in forms::paragraph(inlines) {
                    let mut attrs = attrs.clone();
                    attrs.merge(extra);
                    add_block(self, kind, attrs);
                }
                self.attach_captions();
            }
            Open::Heading(level) => {
                let (content, extra) = forms::trailing_attributes(inlines);
                let mut attrs = attrs;
                attrs.merge(extra);
                add_block(self, BlockKind::Heading { level, number: None, content }, attrs);
            }
            Open::Quote => add_block(self, BlockKind::Quote(blocks), attrs),
            Open::Callout(kind) => add_block(self, BlockKind::Callout(kind, blocks), attrs),
            Open::Container(kind) => add_block(self, BlockKind::Container(kind, blocks), attrs),
            Open::List { start } => {
                let tight = !frame.loose;
                add_block(self, BlockKind::List { start, tight, items: frame.items }, attrs);
            }
            Open::Item => self.top().items.push(Item { task: frame.task, blocks }),
            Open::Definitions => add_block(self, BlockKind::Definitions(frame.terms), attrs),
            Open::Term => self.top().terms.push(Definition { term: inlines, meanings: Vec::new() }),
            Open::Meaning => {
                let terms = &mut self.top().terms;
                if terms.is_empty() {
                    terms.push(Definition { term: Vec::new(), meanings: Vec::new() });
                }
                if let Some(last) = terms.last_mut() {
                    last.meanings.push(blocks);
                }
            }
            Open::Table(aligns) => {
                let table = Table { aligns, head: frame.head, body: frame.rows, caption: frame.caption, number: None };
                add_block(self, BlockKind::Table(square(table)), attrs);
                self.top().blocks.extend(blocks);
            }
            Open::Head => {
                let cells = frame.cells;
                let top = self.top();
                top.head.extend(frame.head);
                top.head.extend(frame.rows);
                if !cells.is_empty() {
                    top.head.push(cells);
                }
            }
            Open::Row => {
                if !frame.cells.is_empty() {
                    let cells = frame.cells;
                    self.top().rows.push(cells);
                }
            }
            Open::Cell { header, columns, rows } => self.top().cells.push(Cell { blocks, header, columns, rows }),
            Open::Caption => {
                let top = self.top();
                match top.open {
                    Open::Table(_) | Open::Figure => top.caption = inlines,
                    _ => add_block(self, BlockKind::Paragraph(inlines), attrs),
                }
            }
            Open::Figure => self.close_figure(blocks, frame.caption, attrs, span),
            Open::Figures => match forms::figures(blocks) {
                Ok((kind, rest)) => {
                    add_block(self, kind, attrs);
                    self.top().blocks.extend(rest);
                }
                Err(blocks) => add_block(self, BlockKind::Container(Container::Plain, blocks), attrs),
            },
            Open::Emphasis => add_inline(self, InlineKind::Emphasis(inlines)),
            Open::Strong => add_inline(self, InlineKind::Strong(inlines)),
            Open::Strike => add_inline(self, InlineKind::Strike(inlines)),
            Open::Underline => add_inline(self, InlineKind::Underline(inlines)),
            Open::Subscript => add_inline(self, InlineKind::Subscript(inlines)),
            Open::Superscript => add_inline(self, InlineKind::Superscript(inlines)),
            Open::Span => {
                if attrs.is_empty() {
                    self.ensure_line(span.start as usize);
                    self.top().inlines.extend(inlines);
                } else {
                    add_inline(self, InlineKind::Span(inlines));
                }
            }
            Open::Code => {
                add_inline(self, InlineKind::Code(super::walk::whole_text(&inlines)));
                self.keep_notes(inlines);
            }
            Open::Flat => {
                let top = self.top();
                top.blocks.extend(blocks);
                top.items.extend(frame.items);
                if !inlines.is_empty() {
                    self.ensure_line(span.start as usize);
                    self.top().inlines.extend(inlines);
                }
            }
            Open::Link(to) => add_inline(self, InlineKind::Link(Link::Written(to), inlines)),
            Open::Ruby => {
                if !frame.pairs.is_empty() {
                    add_inline(self, InlineKind::Ruby(frame.pairs));
                }
                // What has no reading stands as it is.
                if !inlines.is_empty() {
                    self.ensure_line(span.start as usize);
                    self.top().inlines.extend(inlines);
                }
            }
            Open::RubyText => {
                let reading = super::walk::whole_text(&inlines);
                let top = self.top();
                if matches!(top.open, Open::Ruby) {
                    let bases = std::mem::take(&mut top.inlines);
                    let base = super::walk::whole_text(&bases);
                    top.pairs.push((base.trim().to_owned(), reading.trim().to_owned()));
                    self.keep_notes(bases);
                    self.keep_notes(inlines);
                } else {
                    top.inlines.extend(inlines);
                }
            }
        }
        if !strays.is_empty() {
            self.keep_blocks(strays);
        }
    }

    /// Adds blocks right after what was closed, wherever blocks may stand there.
    fn keep_blocks(&mut self, blocks: Vec<Block>) {
        if let Some(frame) = self.stack.iter_mut().rev().find(|frame| !frame.open.is_phrasing()) {
            frame.blocks.extend(blocks);
        }
    }

    /// Notes' marks inside what holds only letters stand after it.
    fn keep_notes(&mut self, inlines: Vec<Inline>) {
        for mut inline in inlines {
            if let Some(inner) = inline.children_mut() {
                let inner = std::mem::take(inner);
                self.keep_notes(inner);
            } else if matches!(inline.kind, InlineKind::Note(_)) {
                self.ensure_line(inline.span.start as usize);
                self.top().inlines.push(inline);
            }
        }
    }

    /// A `<figure>`: one image and a caption make a figure; anything else stays a group with its caption below.
    fn close_figure(&mut self, blocks: Vec<Block>, caption: Vec<Inline>, attrs: Attrs, span: Span) {
        let mut blocks = blocks;
        if let [Block { kind: BlockKind::Figure { caption: inner, .. }, attrs: own, .. }] = blocks.as_mut_slice() {
            if !caption.is_empty() {
                *inner = caption;
            }
            own.merge(attrs);
            self.top().blocks.append(&mut blocks);
            return;
        }
        if !caption.is_empty() {
            blocks.push(Block::new(BlockKind::Paragraph(caption), span));
        }
        self.top().blocks.push(Block { kind: BlockKind::Container(Container::Plain, blocks), attrs, span });
    }

    /// A paragraph `表：…` right after a table is the table's caption.
    fn attach_captions(&mut self) {
        let blocks = &mut self.top().blocks;
        let [.., Block { kind: BlockKind::Table(_), .. }, Block { kind: BlockKind::Paragraph(content), .. }] = blocks.as_slice() else {
            return;
        };
        let Some((caption, extra)) = forms::table_caption(content) else { return };
        blocks.pop();
        if let Some(Block { kind: BlockKind::Table(table), attrs, .. }) = blocks.last_mut() {
            table.caption = caption;
            attrs.merge(extra);
        }
    }
}

/// Makes every row cover the same columns: a cell reaches down within its head or body only, and to the side no further than to
/// one that reaches down from above; what nothing covers is an empty cell.
fn square(mut table: Table) -> Table {
    let mut grid: Vec<Vec<bool>> = Vec::new();
    for group in [&mut table.head, &mut table.body] {
        let (first, count) = (grid.len(), group.len());
        grid.resize(first + count, Vec::new());
        for (at, row) in group.iter_mut().enumerate() {
            let mut column = 0;
            for cell in row {
                let taken = |column: usize| grid.get(first + at).and_then(|own| own.get(column)).copied().unwrap_or(false);
                column = (column..).find(|column| !taken(*column)).unwrap_or(column);
                cell.columns = (0..cell.columns).take_while(|offset| !taken(column + offset)).count().max(1);
                cell.rows = cell.rows.min(count - at);
                for below in grid.iter_mut().skip(first + at).take(cell.rows) {
                    below.resize(below.len().max(column + cell.columns), false);
                    below.iter_mut().skip(column).take(cell.columns).for_each(|place| *place = true);
                }
                column += cell.columns;
            }
        }
    }
    let widest = grid.iter().map(Vec::len).max().unwrap_or(0);
    for (row, covered) in table.head.iter_mut().chain(&mut table.body).zip(grid) {
        let free = widest - covered.iter().filter(|place| **place).count();
        row.extend((0..free).map(|_| Cell { blocks: Vec::new(), header: false, columns: 1, rows: 1 }));
    }
    table
}

/// An image with its alternative text.
pub(super) fn image(source: &str, alt: &str, title: &str) -> Image {
    Image { source: source.to_owned(), path: None, alt: alt.to_owned(), title: title.to_owned() }
}
