//! The page model between layout and the outputs: items at positions. Everything is measured from the upper
//! left corner, of a row while it is built and of the page once it is placed.

use super::tags::Element;
use crate::document::{Link, TargetKind};
use crate::font::FaceId;
use crate::length::Length;
use crate::style::{Colour, Tag};
use serde::{Deserialize, Serialize};
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
    /// The structure: the elements that items bear the numbers of.
    pub elements: Vec<Element>,
    /// The numbers of the first elements of each flow.
    pub firsts: Vec<u32>,
}

/// A page.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The folio, as page labels and the contents show it. Empty for the cover.
    pub label: String,
    /// What stands on it, in reading order.
    pub items: Vec<Item>,
    /// Where in the book it begins. `None` where nothing new begins on it: the cover, a blank page, what goes on of a
    /// note that is longer than a page.
    pub start: Option<Start>,
    /// The type area that it carries.
    pub body: Option<Body>,
}

/// A type area on its page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Body {
    /// The flow that filled it.
    pub flow: usize,
    /// Which of the flow's pages it is.
    pub page: usize,
    /// Its left edge.
    pub x: Length,
    /// Its upper edge.
    pub y: Length,
}

/// A place in the text, ordered as the text is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TextPlace {
    /// Index of the chapter.
    pub chapter: usize,
    /// Byte in its source file, as [`crate::source::Span::at`] has it.
    pub at: u32,
}

/// What a page begins with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Start {
    /// The title page, or the half title before it.
    TitlePage,
    /// The copyright page.
    Copyright,
    /// A page of a list of the front matter, of headings, figures or tables: where its first line leads. `None` on the first page
    /// of the list.
    List(TargetKind, Option<Link>),
    /// The text, from a place on.
    Text(TextPlace),
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
#[derive(Clone, Debug, Serialize, Deserialize)]
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
        /// What it is part of: a drawn bullet is a label.
        tag: Tag,
    },
    /// A wave along a title, from `x`, `y` over `length`.
    Wave {
        /// Start; the middle of the wave in a column.
        x: Length,
        /// Middle of the wave; its start in a column.
        y: Length,
        /// Length.
        length: Length,
        /// Type size that it accompanies.
        size: Length,
        /// Whether it runs down a column.
        down: bool,
    },
    /// An image, by its path below the book's folder.
    Image(Area, Arc<PathBuf>, Tag),
    /// A place that leads somewhere.
    Link(Area, Link, Tag),
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

impl Area {
    /// Its four edges as rules of some thickness, inside it.
    pub(super) fn outline(self, thickness: Length, colour: Colour) -> [Item; 4] {
        let Area { x, y, width, height } = self;
        let rule = |x, y, width, height| Item::Rule(Area { x, y, width, height }, colour);
        [
            rule(x, y, width, thickness),
            rule(x, y + height - thickness, width, thickness),
            rule(x, y, thickness, height),
            rule(x + width - thickness, y, thickness, height),
        ]
    }
}

/// A wave as curves, each from where the one before ended: two controls and an end. The first is where it starts, thrice. It is
/// made of whole half periods, one to this side and the next to the other.
pub fn wave(x: Length, y: Length, length: Length, size: Length, down: bool) -> Vec<[(Length, Length); 3]> {
    let thickness = wave_thickness(size);
    // Its round ends are within its length.
    let length = length - thickness;
    let halves = (length.0 / size.mille(230).0.max(1)).max(2);
    let place = |along: Length, swing: Length| {
        let along = along + thickness / 2;
        if down { (x + swing, y + along) } else { (x + along, y - swing) }
    };
    let start = place(Length::ZERO, Length::ZERO);
    let mut curves = vec![[start; 3]];
    for at in 0..halves {
        let (from, to) = (length.scale(at, halves), length.scale(at + 1, halves));
        let third = (to - from) / 3;
        // The curve reaches three quarters of its controls.
        let swing = size.mille(if at % 2 == 0 { 70 } else { -70 });
        curves.push([place(from + third, swing), place(to - third, swing), place(to, Length::ZERO)]);
    }
    curves
}

/// How thick a wave is beside text of a size.
pub fn wave_thickness(size: Length) -> Length {
    size.mille(42)
}

/// The em square's middle above the baseline, thousandths of an em: the axis of a column.
pub(super) const AXIS: i64 = 380;

/// How a run stands to the page (CLREQ 2.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Turn {
    /// It runs from left to right.
    #[default]
    Across,
    /// It runs down a column, its glyphs upright, one em each; `x`, `y` of the run is where the axis of the column
    /// meets the upper edge of the first em.
    Upright,
    /// It runs down a column, turned clockwise; `x`, `y` of the run is the first glyph's origin.
    Sideways,
    /// It runs across a column within one em of it (tate-chu-yoko), narrowed to so many thousandths.
    Combined(u16),
}

impl Turn {
    /// What a glyph's right and its up become on the page, right and up.
    pub fn matrix(self) -> [f32; 4] {
        match self {
            Turn::Across | Turn::Upright => [1.0, 0.0, 0.0, 1.0],
            Turn::Sideways => [0.0, -1.0, 1.0, 0.0],
            Turn::Combined(narrowed) => [f32::from(narrowed) / 1000.0, 0.0, 0.0, 1.0],
        }
    }
}

/// Glyphs on one line.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Run {
    /// How it stands.
    pub turn: Turn,
    /// The face.
    pub face: FaceId,
    /// Type size.
    pub size: Length,
    /// Ink.
    pub colour: Colour,
    /// Whether weight is added by drawing.
    pub embolden: bool,
    /// What it is part of.
    pub tag: Tag,
    /// The first glyph's origin, from the left; see [`Turn`].
    pub x: Length,
    /// The baseline, from the top; see [`Turn`].
    pub y: Length,
    /// How far its ink stands above its line, or right of its column, while its text stays on it.
    pub lift: Length,
    /// The glyphs, in reading order.
    pub glyphs: Vec<Glyph>,
}

/// A glyph and the text that it stands for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Glyph {
    /// The glyph in its face.
    pub id: u16,
    /// Its origin, from the run's along the line.
    pub x: Length,
    /// The character it shows.
    pub text: char,
    /// The characters after the first, where it shows more: a ligature, a dash of two.
    pub more: Option<Box<str>>,
}

impl Run {
    /// Where its line is: how far along it the run begins, and the coordinate that all glyphs share.
    pub fn line(&self) -> (Length, Length) {
        match self.turn {
            Turn::Across | Turn::Combined(_) => (self.x, self.y),
            Turn::Upright | Turn::Sideways => (self.y, self.x),
        }
    }

    /// Where a glyph of the run, whose advance is `advance` thousandths of an em, has its own origin on the page.
    pub fn origin(&self, glyph: &Glyph, advance: f64) -> (Length, Length) {
        match self.turn {
            Turn::Across | Turn::Combined(_) => (self.x + glyph.x, self.y - self.lift),
            Turn::Sideways => (self.x + self.lift, self.y + glyph.x),
            // It hangs by the middle of its em's upper edge.
            Turn::Upright => (self.x + self.lift - self.size.fraction(advance / 2.0), self.y + glyph.x + self.size.mille(AXIS + 500)),
        }
    }
}

impl Item {
    /// Takes an item that was set as if lines ran across to where it stands in columns from right to left: the
    /// whole is turned clockwise about the upper left corner, which comes to lie at `right`, `top`, and images and
    /// upright glyphs are turned back where they stand.
    pub fn turn_to_columns(&mut self, right: Length, top: Length) {
        let turned = |x: Length, y: Length| (right - y, top + x);
        match self {
            Item::Run(run) => {
                let axis = if run.turn == Turn::Upright { run.size.mille(AXIS) } else { Length::ZERO };
                (run.x, run.y) = turned(run.x, run.y - axis);
            }
            Item::Rule(area, _) | Item::Image(area, ..) | Item::Link(area, ..) => {
                let (x, y) = turned(area.x, area.y + area.height);
                *area = Area { x, y, width: area.height, height: area.width };
            }
            Item::Dot { x, y, .. } => (*x, *y) = turned(*x, *y),
            Item::Wave { x, y, down, .. } => {
                (*x, *y) = turned(*x, *y);
                *down = true;
            }
            // A place in a column is found by the head of its page.
            Item::Anchor { y, .. } => *y = top,
        }
    }

    /// Undoes beforehand what [`Item::turn_to_columns`] does to what runs across in a book of columns: given from the upper
    /// left of the type area, `width` wide, it comes to stand there.
    pub fn turn_back(&mut self, width: Length) {
        let turned = |x: Length, y: Length| (y, width - x);
        match self {
            Item::Run(run) => (run.x, run.y) = turned(run.x, run.y),
            Item::Rule(area, _) | Item::Image(area, ..) | Item::Link(area, ..) => {
                let (x, y) = turned(area.x + area.width, area.y);
                *area = Area { x, y, width: area.height, height: area.width };
            }
            Item::Dot { x, y, .. } | Item::Wave { x, y, .. } => (*x, *y) = turned(*x, *y),
            Item::Anchor { .. } => {}
        }
    }

    /// What it is part of. Rules and waves are decorations.
    pub fn tag(&self) -> Tag {
        match self {
            Item::Run(Run { tag, .. }) | Item::Dot { tag, .. } | Item::Image(.., tag) | Item::Link(.., tag) => *tag,
            Item::Rule(..) | Item::Wave { .. } | Item::Anchor { .. } => Tag::Decoration,
        }
    }

    /// Makes it part of something else.
    pub fn retag(&mut self, change: impl FnOnce(Tag) -> Tag) {
        match self {
            Item::Run(Run { tag, .. }) | Item::Dot { tag, .. } | Item::Image(.., tag) | Item::Link(.., tag) => *tag = change(*tag),
            Item::Rule(..) | Item::Wave { .. } | Item::Anchor { .. } => {}
        }
    }

    /// Moves the item.
    pub fn shift(&mut self, dx: Length, dy: Length) {
        match self {
            Item::Run(run) => {
                run.x += dx;
                run.y += dy;
            }
            Item::Rule(area, _) | Item::Image(area, ..) | Item::Link(area, ..) => {
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
