//! The document model: what a chapter says, once parsed, for every output. No output parses text again.
//!
//! `markdown` (with `html` and `forms`) makes a [`Document`] of a chapter's text; `resolve` joins the chapters of
//! a book into a [`Manuscript`]: ids, numbers, links, notes, images.

mod builder;
mod code;
mod forms;
mod html;
mod images;
mod links;
mod markdown;
mod media;
mod numbering;
mod prose;
mod resolve;
mod walk;

pub use code::{Highlight, Tone};
pub use markdown::parse;
pub use media::{Format, Media, Picture};
pub use prose::{Prose, passages, revise};
pub use resolve::{Chapter, ChapterKind, Floating, Heading, Manuscript, Target, TargetKind, assemble, heading_text, split_number};
pub use walk::{plain_text, visit_blocks, visit_each_inline, visit_images, visit_inlines};

use crate::source::Span;
use serde::{Deserialize, Serialize};
use std::hash::{Hash, Hasher};
use std::path::PathBuf;

/// One chapter's content.
#[derive(Clone, Debug, Default, Hash)]
pub struct Document {
    /// The blocks, in order.
    pub blocks: Vec<Block>,
    /// The footnotes, in the order of their first marks; those without a mark last.
    pub notes: Vec<Note>,
}

impl Document {
    /// The chapter's own blocks, then those of each note.
    pub fn texts(&self) -> impl Iterator<Item = &[Block]> {
        std::iter::once(self.blocks.as_slice()).chain(self.notes.iter().map(|note| note.blocks.as_slice()))
    }
}

/// A footnote.
#[derive(Clone, Debug, Hash)]
pub struct Note {
    /// The label in the source.
    pub label: String,
    /// What it says.
    pub blocks: Vec<Block>,
    /// Where it is defined.
    pub span: Span,
    /// How many marks lead to it.
    pub marks: usize,
}

/// What a block or span carries beside its content.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attrs {
    /// The id, unique in the book once resolved.
    pub id: Option<String>,
    /// Classes, as written.
    pub classes: Vec<String>,
    /// Width as a share of the measure, 0 to 1.
    pub width: Option<f64>,
    /// Language, BCP 47.
    pub language: Option<String>,
    /// The first number of a listing's lines, where they are numbered.
    pub lines_from: Option<usize>,
}

/// Where a figure or table may stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FloatPlace {
    /// Where it is written; one with a number at the head of the next page, where it does not fit.
    #[default]
    Auto,
    /// Where it is written.
    Here,
    /// At the head of a page.
    Head,
    /// At the foot of a page.
    Foot,
}

impl Hash for Attrs {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Attrs { id, classes, width, language, lines_from } = self;
        (id, classes, width.map(f64::to_bits), language, lines_from).hash(state);
    }
}

impl Attrs {
    /// Whether a class is given.
    pub fn has(&self, class: &str) -> bool {
        self.classes.iter().any(|known| known == class)
    }

    /// Where a figure or table may stand: `.here`, `.head`, `.foot`.
    pub fn place(&self) -> FloatPlace {
        let places = [("here", FloatPlace::Here), ("head", FloatPlace::Head), ("foot", FloatPlace::Foot)];
        places.into_iter().find(|(class, _)| self.has(class)).map_or(FloatPlace::Auto, |(_, place)| place)
    }

    /// Whether nothing is given.
    pub fn is_empty(&self) -> bool {
        *self == Attrs::default()
    }

    /// Takes over what `other` gives.
    pub fn merge(&mut self, other: Attrs) {
        self.id = other.id.or(self.id.take());
        self.width = other.width.or(self.width);
        self.lines_from = other.lines_from.or(self.lines_from);
        self.language = other.language.or(self.language.take());
        self.classes.extend(other.classes);
    }
}

/// A block.
#[derive(Clone, Debug, Hash)]
pub struct Block {
    /// What it is.
    pub kind: BlockKind,
    /// Id, classes.
    pub attrs: Attrs,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of blocks.
#[derive(Clone, Debug, Hash)]
pub enum BlockKind {
    /// A heading, level 1 to 6 in its file.
    Heading {
        /// 1 to 6.
        level: u8,
        /// The number that the book gives it (`numbering = "chapter"`), set before the text.
        number: Option<String>,
        /// The text.
        content: Vec<Inline>,
    },
    /// A paragraph.
    Paragraph(Vec<Inline>),
    /// A quotation.
    Quote(Vec<Block>),
    /// A remark set apart.
    Callout(Callout, Vec<Block>),
    /// A list.
    List {
        /// The first number of an ordered list.
        start: Option<u64>,
        /// Whether its items are set without blank space between them.
        tight: bool,
        /// The items.
        items: Vec<Item>,
    },
    /// Terms and what they mean.
    Definitions(Vec<Definition>),
    /// A listing.
    Code {
        /// The language, as written after the fence.
        language: String,
        /// The lines, without a last line break.
        text: String,
        /// Colours of parts, by bytes; empty where the language is not known.
        highlights: Vec<Highlight>,
    },
    /// A table.
    Table(Table),
    /// Images with their caption.
    Figure {
        /// The images: one, or several side by side.
        panels: Vec<Panel>,
        /// The caption of the whole; may be empty.
        caption: Vec<Inline>,
        /// `图 3-2`, given when the book is assembled; `None` without caption and id.
        number: Option<String>,
    },
    /// Displayed mathematics, as its source.
    Math(String),
    /// A break between scenes.
    Rule,
    /// A new page begins here.
    NewPage,
    /// A group with a look of its own.
    Container(Container, Vec<Block>),
}

/// Callouts, as GitHub writes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Callout {
    /// `[!NOTE]`
    Note,
    /// `[!TIP]`
    Tip,
    /// `[!IMPORTANT]`
    Important,
    /// `[!WARNING]`
    Warning,
    /// `[!CAUTION]`
    Caution,
}

/// Groups of blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Container {
    /// `::: verse`: each line is a line.
    Verse,
    /// `::: epigraph`
    Epigraph,
    /// `::: center`
    Center,
    /// `::: right`
    Right,
    /// `::: even`: lines spread over the measure, the last as well (均排).
    Even,
    /// `::: hanging`: lines after the first two em further in (凸排).
    Hanging,
    /// `::: continued`: its first paragraph goes on after a quotation, without indent.
    Continued,
    /// A plain group: an HTML `div`, `section`, `details`.
    Plain,
}

/// An item of a list.
#[derive(Clone, Debug, Hash)]
pub struct Item {
    /// Done or not, for a task.
    pub task: Option<bool>,
    /// The content.
    pub blocks: Vec<Block>,
}

/// A term with its definitions.
#[derive(Clone, Debug, Hash)]
pub struct Definition {
    /// The term.
    pub term: Vec<Inline>,
    /// What it means; one entry a definition.
    pub meanings: Vec<Vec<Block>>,
}

/// A table. Every row's cells, with their spans counted, are as many as the widest row's.
#[derive(Clone, Debug, Default, Hash)]
pub struct Table {
    /// Alignment by column; missing ones are [`Align::Auto`].
    pub aligns: Vec<Align>,
    /// Rows of the head.
    pub head: Vec<Vec<Cell>>,
    /// Rows of the body.
    pub body: Vec<Vec<Cell>>,
    /// The caption; may be empty.
    pub caption: Vec<Inline>,
    /// `表 3-1`, given when the book is assembled.
    pub number: Option<String>,
}

/// A cell.
#[derive(Clone, Debug, Hash)]
pub struct Cell {
    /// The content.
    pub blocks: Vec<Block>,
    /// Whether it heads its row or column.
    pub header: bool,
    /// Columns it covers, at least 1.
    pub columns: usize,
    /// Rows it covers, at least 1.
    pub rows: usize,
}

/// Alignment of a column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Align {
    /// As text is.
    #[default]
    Auto,
    /// At the left.
    Left,
    /// In the middle.
    Center,
    /// At the right.
    Right,
}

/// An image of a figure.
#[derive(Clone, Debug)]
pub struct Panel {
    /// The image.
    pub image: Image,
    /// Its own caption, where it is one of several: after (a), (b). May be empty.
    pub caption: Vec<Inline>,
    /// Its width as a share of the measure.
    pub width: Option<f64>,
    /// Where it stands.
    pub span: Span,
}

impl Hash for Panel {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Panel { image, caption, width, span } = self;
        (image, caption, width.map(f64::to_bits), span).hash(state);
    }
}

/// An image.
#[derive(Clone, Debug, Hash)]
pub struct Image {
    /// As written.
    pub source: String,
    /// Below the book's folder, once resolved; `None` where it lies on the network.
    pub path: Option<PathBuf>,
    /// Alternative text.
    pub alt: String,
    /// The title; a figure's caption.
    pub title: String,
}

/// A piece of a line.
#[derive(Clone, Debug, Hash)]
pub struct Inline {
    /// What it is.
    pub kind: InlineKind,
    /// Id, classes.
    pub attrs: Attrs,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of inlines.
#[derive(Clone, Debug, Hash)]
pub enum InlineKind {
    /// Text.
    Text(String),
    /// `*…*`
    Emphasis(Vec<Inline>),
    /// `**…**`
    Strong(Vec<Inline>),
    /// `~~…~~`
    Strike(Vec<Inline>),
    /// `<u>`, `<ins>`
    Underline(Vec<Inline>),
    /// `<sub>`
    Subscript(Vec<Inline>),
    /// `<sup>`
    Superscript(Vec<Inline>),
    /// Code.
    Code(String),
    /// Mathematics, as its source.
    Math(String),
    /// A link.
    Link(Link, Vec<Inline>),
    /// An image among text.
    Image(Image),
    /// Base and reading, pair by pair.
    Ruby(Vec<(String, String)>),
    /// A span with classes.
    Span(Vec<Inline>),
    /// A note's mark: the index in [`Document::notes`].
    Note(usize),
    /// A line break that is meant.
    Break,
    /// A cross-reference: its text, or its page number, comes from the target.
    Reference {
        /// Where to.
        to: Link,
        /// Whether the page number is asked for.
        page: bool,
        /// 第三章, 图 3-2, once resolved.
        text: String,
    },
}

/// Where a link leads.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Link {
    /// As written, not resolved yet.
    Written(String),
    /// Outside the book.
    Web(String),
    /// To a chapter, or an id in it.
    Inside {
        /// Index in [`Manuscript::chapters`].
        chapter: usize,
        /// The id; `None` for the chapter's start.
        id: Option<String>,
    },
    /// Nowhere: reported, its text is kept.
    Dead,
}

impl Block {
    /// A block without id and classes.
    pub fn new(kind: BlockKind, span: Span) -> Block {
        Block { kind, attrs: Attrs::default(), span }
    }
}

impl Inline {
    /// An inline without id and classes.
    pub fn new(kind: InlineKind, span: Span) -> Inline {
        Inline { kind, attrs: Attrs::default(), span }
    }

    /// The inlines inside.
    pub fn children(&self) -> &[Inline] {
        use InlineKind::*;
        match &self.kind {
            Emphasis(inner)
            | Strong(inner)
            | Strike(inner)
            | Underline(inner)
            | Subscript(inner)
            | Superscript(inner)
            | Span(inner)
            | Link(_, inner) => inner,
            _ => &[],
        }
    }

    /// The inlines inside, to change them.
    pub fn children_mut(&mut self) -> Option<&mut Vec<Inline>> {
        use InlineKind::*;
        match &mut self.kind {
            Emphasis(inner)
            | Strong(inner)
            | Strike(inner)
            | Underline(inner)
            | Subscript(inner)
            | Superscript(inner)
            | Span(inner)
            | Link(_, inner) => Some(inner),
            _ => None,
        }
    }
}
