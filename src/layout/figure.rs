//! Figures: images at their size or as wide as asked, side by side where there are several, the caption below, all on one
//! page.

use super::Context;
use super::flow::{Flow, Row, Setting, height_of};
use super::page::{Area, Item};
use super::tags::Role;
use crate::diagnostic::{Code, Diagnostic};
use crate::document::{Attrs, FloatPlace, Format, Image, Inline, InlineKind, Media, Panel, plain_text};
use crate::length::Length;
use crate::script;
use crate::source::{Span, shown};
use crate::style::Alignment;
use crate::text;
use std::path::Path;
use std::sync::Arc;

/// Pixels to the inch below which a picture is coarse in print.
const COARSE: i64 = 150;

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

/// Says where a picture is coarse at its printed size, `along` and `across` the line.
pub(super) fn judge(context: &Context<'_>, path: &Path, media: &Media, (along, across): (Length, Length), span: Span) {
    let width = if context.is_vertical() { across } else { along };
    let (pixels, points) = (i64::from(media.width), width.to_pt());
    let dots = (pixels as f64 * 72.0 / points).round() as i64;
    if media.format == Format::Svg || dots >= COARSE {
        return;
    }
    let (name, wanted) = (shown(path), (points / 72.0 * COARSE as f64).ceil() as i64);
    let report = Diagnostic::new(
        Code::LowResolution,
        text!("{name} has {dots} dots to the inch where it is printed", "{name} 按印出的大小只有每英寸 {dots} 点"),
    );
    context.sink.report(report.at(span).advise(text!(
        "use an image at least {wanted} pixels wide, or set it smaller with {{width=…%}}",
        "请换成宽度不少于 {wanted} 像素的图片，或用 {{width=…%}} 缩小"
    )));
}

/// Sets a figure, where it stands or at a page's head or foot.
pub(super) fn set(
    flow: &mut Flow<'_>,
    panels: &[Panel],
    caption: &[Inline],
    number: Option<&str>,
    attrs: &Attrs,
    setting: Setting,
    span: Span,
) {
    let context = flow.context;
    let setting = flow.part(setting, Role::Group);
    let whole = numbered(number, caption, span);
    let mut own = Flow::new(context);
    own.push(Row { keep: true, ..Row::space(setting.leading / 2) });
    // Room for the caption is left on the page.
    let deepest = context.style.page.leading * (context.style.page.lines - if whole.is_empty() { 1 } else { 4 }).max(2);
    if let [panel] = panels
        && panel.caption.is_empty()
    {
        one(&mut own, panel, attrs.width, caption, setting, deepest);
    } else {
        several(&mut own, panels, setting, deepest);
    }
    own.keep_last();
    set_caption(&mut own, &whole, setting, span);
    let start = own.place(span.start);
    own.rows.iter_mut().filter(|row| !row.blank).take(1).for_each(|row| row.start = Some(start));
    own.rows.iter_mut().for_each(|row| row.keep = true);
    own.unkeep();
    own.push(Row::space(setting.leading / 2));
    // What no page holds is divided where it stands.
    let holds = height_of(&own.rows) <= context.style.page.depth();
    if !holds {
        own.rows.iter_mut().for_each(|row| row.keep &= row.blank);
    }
    let may_move = setting.snap && setting.depth == 0 && holds;
    match attrs.place() {
        FloatPlace::Auto if number.is_some() && may_move => flow.float(FloatPlace::Auto, own.rows),
        place @ (FloatPlace::Head | FloatPlace::Foot) if may_move => flow.float(place, own.rows),
        _ => own.rows.into_iter().for_each(|row| flow.push(row)),
    }
}

fn found<'a>(context: &'a Context<'_>, image: &'a Image) -> Option<(&'a std::path::PathBuf, &'a Media)> {
    image.path.as_ref().and_then(|path| Some((path, context.manuscript.media.get(path)?)))
}

/// One image in the middle.
fn one(own: &mut Flow<'_>, panel: &Panel, share: Option<f64>, caption: &[Inline], setting: Setting, deepest: Length) {
    let context = own.context;
    let Some((path, media)) = found(context, &panel.image) else { return in_words(own, panel, setting) };
    let (width, height) = size(context, media, share, setting.width, deepest);
    judge(context, path, media, (width, height), panel.span);
    let tag = context.tags.open_worded(setting.text.tag, Role::Figure, &words(context, &panel.image, caption));
    let area = Area { x: setting.left + (setting.width - width) / 2, y: Length::ZERO, width, height };
    own.push(Row { height, items: vec![Item::Image(area, Arc::new(path.clone()), tag)], ..Row::default() });
}

/// The text of an image that is not there.
fn in_words(own: &mut Flow<'_>, panel: &Panel, setting: Setting) {
    let image = &panel.image;
    let alt = if image.alt.is_empty() { &image.source } else { &image.alt };
    let text = vec![Inline::new(InlineKind::Text(alt.clone()), Span { end: panel.span.start, ..panel.span })];
    let centred = own.part(Setting { alignment: Alignment::Center, indent: Length::ZERO, ..setting }, Role::Paragraph);
    own.paragraph(&text, centred, Some(panel.span));
}

/// Images side by side, as many as the measure holds, level at their feet, each with its own caption below.
fn several(own: &mut Flow<'_>, panels: &[Panel], setting: Setting, deepest: Length) {
    let context = own.context;
    let gap = setting.text.size;
    let count = panels.len() as i64;
    let equal = (setting.width - gap * (count - 1)) / count;
    let width = |panel: &Panel| match panel.width {
        Some(share) => setting.width.mille((share * 1000.0).round() as i64).max(setting.text.size * 4).min(setting.width),
        None => equal.max(setting.text.size * 6).min(setting.width),
    };
    let mut rest: Vec<(usize, &Panel)> = panels.iter().enumerate().collect();
    // As many on each line, where they are of one width.
    let alike = ((setting.width + gap).0 / (equal.max(setting.text.size * 6) + gap).0).max(1) as usize;
    let even =
        if panels.iter().all(|panel| panel.width.is_none()) { panels.len().div_ceil(panels.len().div_ceil(alike)) } else { panels.len() };
    while !rest.is_empty() {
        if rest.len() < panels.len() {
            own.push(Row { height: setting.leading / 2, ..Row::default() });
        }
        let mut taken = Length::ZERO;
        let fitting = rest
            .iter()
            .take_while(|(_, panel)| {
                let needed = width(panel) + if taken == Length::ZERO { Length::ZERO } else { gap };
                taken += needed;
                taken <= setting.width + Length::pt(0.5)
            })
            .count()
            .clamp(1, even);
        let line: Vec<(usize, &Panel)> = rest.drain(..fitting).collect();
        let total: Length = line.iter().map(|(_, panel)| width(panel)).sum::<Length>() + gap * (line.len() as i64 - 1);
        let mut x = setting.left + (setting.width - total).max(Length::ZERO) / 2;
        let mut pictures = Row::default();
        let mut columns: Vec<Vec<Row>> = Vec::new();
        for (at, panel) in line {
            let room = width(panel);
            let inner = Setting { left: x, width: room, indent: Length::ZERO, ..setting };
            let mut below = Flow::new(context);
            match found(context, &panel.image) {
                Some((path, media)) => {
                    let (wide, high) = size(context, media, Some(1.0), room, deepest.mille(800));
                    let (wide, high) = if context.is_vertical() && wide > room { (room, high.scale(room.0, wide.0)) } else { (wide, high) };
                    judge(context, path, media, (wide, high), panel.span);
                    let tag = context.tags.open_worded(setting.text.tag, Role::Figure, &words(context, &panel.image, &panel.caption));
                    let area = Area { x: x + (room - wide) / 2, y: -high, width: wide, height: high };
                    pictures.height = pictures.height.max(high);
                    pictures.items.push(Item::Image(area, Arc::new(path.clone()), tag));
                }
                None => in_words(&mut below, panel, inner),
            }
            let label = Inline::new(InlineKind::Text(script::panel_label(at)), Span { end: panel.span.start, ..panel.span });
            let mut caption = vec![label];
            caption.extend_from_slice(&panel.caption);
            set_caption(&mut below, &caption, Setting { text: setting.text, ..inner }, panel.span);
            columns.push(below.rows);
            x += room + gap;
        }
        let high = pictures.height;
        pictures.items.iter_mut().for_each(|item| item.shift(Length::ZERO, high));
        let deepest_caption = columns.iter().map(height_of).max().unwrap_or(Length::ZERO);
        if high + deepest_caption > context.style.page.depth() {
            // Captions that no page holds beside the pictures follow them, one after the other.
            own.push(pictures);
            columns.into_iter().flatten().for_each(|line| own.push(line));
            continue;
        }
        for column in columns {
            pictures.take_in_all(column, high);
        }
        pictures.height = high + deepest_caption;
        own.push(pictures);
    }
}

/// What a picture says to who does not see it: its words, else its caption, else that it is one.
pub(super) fn words<'a>(context: &Context<'_>, image: &'a Image, caption: &[Inline]) -> std::borrow::Cow<'a, str> {
    if !image.alt.trim().is_empty() {
        return image.alt.as_str().into();
    }
    let caption = plain_text(caption);
    if caption.is_empty() { context.style.labels.figure.to_owned().into() } else { caption.into() }
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
    let inset = if setting.width > setting.text.size * 8 { setting.text.size } else { Length::ZERO };
    let small = Setting { alignment: Alignment::Center, indent: Length::ZERO, ..setting.small(flow.context).inset(inset, inset) };
    flow.push(Row { height: setting.leading / 4, keep: true, ..Row::default() });
    flow.paragraph(caption, flow.part(small, Role::Caption), Some(span));
}
