//! The text of pages drawn as soon as its flow is built, so that its glyphs need not be kept until all are: what is drawn of a page
//! does not hang on where the page comes to stand. Its codes are completed when all are known.

use super::super::packed::{Level, Packed, part};
use super::codes::{Coder, Shown};
use super::content::{Drawn, Tools, draw};
use super::sheet::Sheet;
use crate::font::Fonts;
use crate::layout::{Area, Element, Item};
use crate::length::Length;
use crate::manifest::Loaded;
use crate::style::{Style, Tag};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::Arc;

/// Draws the pages of flows.
pub struct Press<'a> {
    coder: Coder<'a>,
    fonts: &'a Fonts,
    sheet: Sheet,
    vertical: bool,
    /// The type area.
    area: (Length, Length),
}

/// The pages of a flow.
#[derive(Debug, Serialize, Deserialize)]
pub struct Early {
    /// By page what was drawn of it; `None` where nothing was.
    pub(super) pages: Vec<Option<EarlyPage>>,
    /// What they show.
    pub(super) shown: Shown,
}

/// What was drawn of a page, measured from the upper left of its type area.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct EarlyPage {
    pub content: Content,
    /// The elements that its pieces of marked content are part of, in their order.
    pub marked: Vec<u32>,
    pub images: Vec<(Arc<PathBuf>, Area, Tag)>,
}

/// The content stream of a page.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Content {
    /// Compressed.
    Packed(Packed),
    /// As long as some of its codes are not known.
    Open(Drawn),
}

impl Content {
    /// With all of its codes, where some were not known.
    pub fn completed(&self, codes: &[u16]) -> Option<Vec<u8>> {
        let Content::Open(drawn) = self else { return None };
        let mut content = Vec::new();
        drawn.append_to(&mut content, codes);
        Some(content)
    }
}

impl<'a> Press<'a> {
    /// For a book.
    pub fn new(loaded: &Loaded, style: &Style, fonts: &'a Fonts) -> Press<'a> {
        let sheet = Sheet::of(loaded, style);
        Press { coder: Coder::new(fonts), fonts, sheet, vertical: style.is_vertical(), area: style.page.area() }
    }

    /// Takes what can be drawn off the pages of a flow, and leaves links and places. A page with an image that stands out of the type
    /// area keeps everything: how much of the image is seen hangs on where the page stands.
    pub fn take(&self, pages: &mut [&mut Vec<Item>], elements: &[Element]) -> Early {
        let mut shown = Shown::default();
        let pages = pages.iter_mut().map(|items| self.page(items, elements, &mut shown)).collect();
        Early { pages, shown }
    }

    fn page(&self, items: &mut Vec<Item>, elements: &[Element], shown: &mut Shown) -> Option<EarlyPage> {
        // In a book of columns the area is that of lines across, which is turned.
        let (width, height) = if self.vertical { (self.area.1, self.area.0) } else { self.area };
        let within = |area: &Area| area.x.min(area.y) >= Length::ZERO && area.x + area.width <= width && area.y + area.height <= height;
        if items.iter().any(|item| matches!(item, Item::Image(area, ..) if !within(area))) {
            return None;
        }
        let (rest, mut taken): (Vec<Item>, Vec<Item>) =
            items.drain(..).partition(|item| matches!(item, Item::Link(..) | Item::Anchor { .. }));
        *items = rest;
        if self.vertical {
            taken.iter_mut().for_each(|item| item.turn_to_columns(self.area.0, Length::ZERO));
        }
        let tools = Tools { coder: &self.coder, faces: self.fonts, elements, sheet: &self.sheet, height: self.area.1 };
        let mut drawn = draw(tools, &taken, 0, false, shown);
        let marked = std::mem::take(&mut drawn.marked);
        let packed = if drawn.late.is_empty() { part(Level::Text, &drawn.content, false).ok() } else { None };
        let content = packed.map_or(Content::Open(drawn), Content::Packed);
        let images =
            taken.into_iter().filter_map(|item| if let Item::Image(area, path, tag) = item { Some((path, area, tag)) } else { None });
        Some(EarlyPage { content, marked, images: images.collect() })
    }
}
