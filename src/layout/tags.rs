//! The structure of the book as its pages carry it: elements, each within another (ISO 32000-1, 14.7 and 14.8). Whoever sets
//! a block or a piece of a line opens its element here, and the items on the pages bear its number; what bears none says nothing.

use crate::document::Manuscript;
use crate::style::Tag;
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// What an element is: the standard types of ISO 32000-1, 14.8.4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Role {
    /// A part with its chapters.
    Part,
    /// A chapter, a page of the front matter.
    Section,
    /// A group without a meaning of its own.
    Group,
    /// A heading, by its level from 1.
    Heading(u8),
    /// A paragraph.
    Paragraph,
    /// A quotation.
    Quote,
    /// A list; whether its items are numbered.
    List {
        /// Whether they are.
        numbered: bool,
    },
    /// An item of a list.
    ListItem,
    /// A number or bullet before an item, a note.
    Label,
    /// What an item says.
    ListBody,
    /// A table.
    Table,
    /// Its head.
    TableHead,
    /// Its body.
    TableBody,
    /// A row.
    Row,
    /// A cell.
    Cell(CellRole),
    /// The caption of a figure or table.
    Caption,
    /// A picture.
    Figure,
    /// Mathematics.
    Formula,
    /// Code.
    Code,
    /// A note.
    Note,
    /// A note's mark.
    Reference,
    /// What leads somewhere.
    Link,
    /// A list of what stands on which page.
    Contents,
    /// A line of it.
    ContentsItem,
    /// A piece of a line in another language.
    Span,
    /// A base with its reading.
    Ruby,
    /// The base.
    RubyBase,
    /// The reading.
    RubyText,
    /// A note of two lines in one.
    Warichu,
    /// Its text.
    WarichuText,
}

/// A cell: what it heads, and how far it reaches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellRole {
    /// Whether it heads its column.
    pub heads_column: bool,
    /// Whether it heads its row.
    pub heads_row: bool,
    /// Columns that it covers.
    pub columns: u32,
    /// Rows that it covers.
    pub rows: u32,
}

/// An element of the structure.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Element {
    /// What it is.
    pub role: Role,
    /// The element that it is within; `None` for one that stands in the book itself.
    pub parent: Option<u32>,
    /// Its language, where it is not that of what it is within.
    pub language: Option<String>,
    /// What it says to who does not see it: a picture's words, the source of a formula, the text of a drawn bullet.
    pub words: Option<String>,
}

/// The elements of one flow while it is set. An element's number is its place.
#[derive(Debug, Default)]
pub(crate) struct Tags(RefCell<Vec<Element>>);

impl Tags {
    /// Opens an element within another. What is in a decoration stands in the book itself.
    pub fn open(&self, within: Tag, role: Role) -> Tag {
        self.add(Element { role, parent: within.element(), language: None, words: None })
    }

    /// Opens an element with words that stand for it.
    pub fn open_worded(&self, within: Tag, role: Role, words: &str) -> Tag {
        self.add(Element { role, parent: within.element(), language: None, words: Some(words.to_owned()) })
    }

    /// Opens an element in a language of its own.
    pub fn open_in(&self, within: Tag, role: Role, language: &str) -> Tag {
        self.add(Element { role, parent: within.element(), language: Some(language.to_owned()), words: None })
    }

    /// Opens a base with its reading; gives the base. The reading is [`Tags::reading_of`] it.
    pub fn open_ruby(&self, within: Tag) -> Tag {
        let ruby = self.open(within, Role::Ruby);
        let base = self.open(ruby, Role::RubyBase);
        self.open(ruby, Role::RubyText);
        base
    }

    /// The reading of a base that [`Tags::open_ruby`] gave.
    pub fn reading_of(base: Tag) -> Tag {
        base.element().map_or(base, |base| Tag::Element(base + 1))
    }

    fn add(&self, element: Element) -> Tag {
        let mut all = self.0.borrow_mut();
        all.push(element);
        Tag::Element(all.len() as u32 - 1)
    }

    /// Adds elements that others are numbered on from.
    pub fn extend(&self, elements: Vec<Element>) {
        self.0.borrow_mut().extend(elements);
    }

    /// The elements so far, once all is set.
    pub fn take(&self) -> Vec<Element> {
        std::mem::take(&mut self.0.borrow_mut())
    }
}

/// The levels of the headings, by chapter and id.
pub(crate) type Levels<'a> = BTreeMap<(usize, Option<&'a str>), usize>;

/// Finds the level of every heading: without jumps, as the outline has them.
pub(super) fn levels(manuscript: &Manuscript) -> Levels<'_> {
    manuscript.outline.iter().map(|heading| ((heading.chapter, heading.id.as_deref()), heading.level)).collect()
}
