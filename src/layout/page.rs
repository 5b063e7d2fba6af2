//! The page model between layout and the outputs: items at positions. Everything is measured from the upper
//! left corner, of a row while it is built and of the page once it is placed.

use crate::document::Link;
use crate::font::FaceId;
use crate::length::Length;
use crate::style::Colour;
use std::path::PathBuf;
use std::sync::Arc;

/// The whole book in pages.
#[derive(Clone, Debug, Default)]
pub struct Pages {
    /// The pages, in order; the first is a right-hand page.
    pub pages: Vec<Page>,
    /// Trim width.
    pub width: Length,
    /// Trim height.
    pub height: Length,
    /// The outline, nested by `level`.
    pub outline: Vec<OutlineEntry>,
}

/// A page.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The folio, as page labels and the contents show it. Empty for the cover.
    pub label: String,
    /// What stands on it, in reading order.
    pub items: Vec<Item>,
}

/// A line of the outline.
#[derive(Clone, Debug)]
pub struct OutlineEntry {
    /// The text.
    pub title: String,
    /// Nesting, from 0, at most one deeper than the entry before.
    pub level: usize,
    /// Index of the page.
    pub page: usize,
    /// From the head of the page.
    pub y: Length,
}

/// Something on a page.
#[derive(Clone, Debug)]
pub enum Item {
    /// Glyphs of one face, size and ink on one baseline.
    Run(Run),
    /// A filled rectangle.
    Rule(Area, Colour),
    /// A filled circle: centre and radius.
    Dot {
        /// Centre, from the left.
        x: Length,
        /// Centre, from the top.
        y: Length,
        /// Radius.
        radius: Length,
        /// Ink.
        colour: Colour,
    },
    /// A wave under a title, from `x` at `y` over `width`.
    Wave {
        /// Start.
        x: Length,
        /// Middle of the wave.
        y: Length,
        /// Width.
        width: Length,
    },
    /// An image, by its path below the book's folder.
    Image(Area, Arc<PathBuf>),
    /// A place that leads somewhere.
    Link(Area, Link),
    /// A place that links lead to.
    Anchor {
        /// Index of the chapter.
        chapter: usize,
        /// The id; `None` for the chapter's start.
        id: Option<String>,
        /// From the top.
        y: Length,
    },
}

/// A rectangle: left, top, width, height.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Area {
    /// Left edge.
    pub x: Length,
    /// Upper edge.
    pub y: Length,
    /// Width.
    pub width: Length,
    /// Height.
    pub height: Length,
}

/// Glyphs on one baseline.
#[derive(Clone, Debug)]
pub struct Run {
    /// The face.
    pub face: FaceId,
    /// Type size.
    pub size: Length,
    /// Ink.
    pub colour: Colour,
    /// Whether weight is added by drawing.
    pub embolden: bool,
    /// Left of the first glyph's origin.
    pub x: Length,
    /// The baseline, from the top.
    pub y: Length,
    /// The glyphs, in reading order.
    pub glyphs: Vec<Glyph>,
}

/// A glyph and the text that it stands for.
#[derive(Clone, Debug)]
pub struct Glyph {
    /// The glyph in its face.
    pub id: u16,
    /// Its origin, from the run's `x`.
    pub x: Length,
    /// The character it shows.
    pub text: char,
    /// The characters after the first, where it shows more: a ligature, a dash of two.
    pub more: Option<Box<str>>,
}

impl Item {
    /// Moves the item.
    pub fn shift(&mut self, dx: Length, dy: Length) {
        match self {
            Item::Run(run) => {
                run.x += dx;
                run.y += dy;
            }
            Item::Rule(area, _) | Item::Image(area, _) | Item::Link(area, _) => {
                area.x += dx;
                area.y += dy;
            }
            Item::Dot { x, y, .. } | Item::Wave { x, y, .. } => {
                *x += dx;
                *y += dy;
            }
            Item::Anchor { y, .. } => *y += dy,
        }
    }
}
