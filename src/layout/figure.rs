//! Figures: the image at its size or as wide as asked, its caption below, both on one page.

use super::Context;
use super::flow::{Flow, Row, Setting};
use super::page::{Area, Item};
use crate::document::{Attrs, Image, Inline, InlineKind, Media};
use crate::length::Length;
use crate::script;
use crate::source::Span;
use crate::style::Alignment;
use std::sync::Arc;

/// The size of an image along the line and across it: a share of the type area's width where asked, else 96 pixels to
/// the inch; never longer than the measure nor deeper than `deepest`. In a column it stands upright as well, so that
/// its height runs along.
pub(super) fn size(context: &Context<'_>, media: &Media, share: Option<f64>, measure: Length, deepest: Length) -> (Length, Length) {
    let (pixels_wide, pixels_high) = (i64::from(media.width), i64::from(media.height));
    let (widest, highest) = if context.is_vertical() { (deepest, measure) } else { (measure, deepest) };
    let natural = Length::pt(f64::from(media.width) * 0.75);
    let whole = if context.is_vertical() { context.style.page.depth() } else { measure };
    let mut width = share.map_or(natural, |share| whole.mille((share * 1000.0).round() as i64)).min(widest);
    let mut height = width.scale(pixels_high, pixels_wide);
    if height > highest {
        height = highest;
        width = height.scale(pixels_wide, pixels_high);
    }
    if context.is_vertical() { (height, width) } else { (width, height) }
}

/// Sets a figure.
pub(super) fn set(
    flow: &mut Flow<'_>,
    image: &Image,
    caption: &[Inline],
    number: Option<&str>,
    attrs: &Attrs,
    setting: Setting,
    span: Span,
) {
    let context = flow.context;
    let leading = setting.leading;
    let found = image.path.as_ref().and_then(|path| Some((path, context.manuscript.media.get(path)?)));
    let caption = numbered(number, caption, span);
    match found {
        Some((path, media)) => {
            // Room for the caption is left on the page.
            let highest = context.style.page.leading * (context.style.page.lines - if caption.is_empty() { 1 } else { 4 }).max(2);
            let (width, height) = size(context, media, attrs.width, setting.width, highest);
            let area = Area { x: setting.left + (setting.width - width) / 2, y: Length::ZERO, width, height };
            flow.push(Row { height: leading / 2, blank: true, keep: true, ..Row::default() });
            flow.push(Row { height, items: vec![Item::Image(area, Arc::new(path.clone()))], keep: !caption.is_empty(), ..Row::default() });
        }
        None => {
            let alt = if image.alt.is_empty() { &image.source } else { &image.alt };
            let text = vec![Inline::new(InlineKind::Text(alt.clone()), Span { end: span.start, ..span })];
            flow.paragraph(&text, Setting { alignment: Alignment::Center, indent: Length::ZERO, ..setting }, Some(span));
        }
    }
    set_caption(flow, &caption, setting, span);
    flow.push(Row { height: leading / 2, blank: true, ..Row::default() });
}

/// The caption with its number before it: 图 3-2　….
pub(super) fn numbered(number: Option<&str>, caption: &[Inline], span: Span) -> Vec<Inline> {
    let mut text: Vec<Inline> = Vec::new();
    if let Some(number) = number {
        let lead = if caption.is_empty() { number.to_owned() } else { format!("{number}{}", script::IDEOGRAPHIC_SPACE) };
        text.push(Inline::new(InlineKind::Text(lead), Span { end: span.start, ..span }));
    }
    text.extend_from_slice(caption);
    text
}

/// Sets a caption in the middle, in the small type.
pub(super) fn set_caption(flow: &mut Flow<'_>, caption: &[Inline], setting: Setting, span: Span) {
    if caption.is_empty() {
        return;
    }
    let small = Setting {
        alignment: Alignment::Center,
        indent: Length::ZERO,
        ..setting.small(flow.context).inset(setting.text.size, setting.text.size)
    };
    flow.push(Row { height: setting.leading / 4, keep: true, ..Row::default() });
    flow.paragraph(caption, small, Some(span));
}
