//! What stands before the text: cover, half title, title page, copyright page.

use super::Context;
use super::build::Body;
use super::flow::{Flow, Row, Setting, baseline, height_of};
use super::page::{Area, Item, Page, Start};
use super::tags::Role as Part;
use super::{barcode, collect, line};
use crate::font::Role;
use crate::length::Length;
use crate::manifest::Loaded;
use crate::style::{Alignment, Colour, Tag, TextStyle};
use std::sync::Arc;

/// The cover: the manifest's image over the whole page, or typeset on a field of one quiet colour.
pub(super) fn cover(context: &Context<'_>, loaded: &Loaded) -> Page {
    let page = &context.style.page;
    let section = context.tags.open(Tag::Decoration, Part::Section);
    let mut items = Vec::new();
    if let Some((path, media)) = context.manuscript.cover.as_ref().and_then(|path| Some((path, context.manuscript.media.get(path)?))) {
        let words = [context.style.labels.cover, loaded.manifest.book.title.get_ref()].join(" ");
        let tag = context.tags.open_worded(section, Part::Figure, &words);
        items.push(Item::Image(full_bleed(context, media.width, media.height), Arc::new(path.clone()), tag));
        return Page { items, ..Page::default() };
    }
    let book = &loaded.manifest.book;
    let field = page.height.mille(640);
    let bleed = context.style.bleed;
    let (width, height) = (page.width + bleed * 2, page.height + bleed * 2);
    items.push(Item::Rule(Area { x: -bleed, y: -bleed, width, height }, Colour::PAPER));
    items.push(Item::Rule(Area { x: -bleed, y: -bleed, width, height: field + bleed }, Colour::COVER));
    let margin = page.width.mille(110);
    let width = page.width - margin * 2;
    if context.is_vertical() {
        title_down(context, loaded, section, &mut items, field)
    } else {
        title_across(context, loaded, section, &mut items, field)
    }
    let across = context.across();
    let context = &across;
    let names = context.style.labels.credits(&book.authors);
    // Many names are set smaller, so that the publisher's keeps its place.
    let name_size = page.width.mille(if names.len() > 3 { 26 } else { 40 });
    let mut y = field + page.height.mille(70);
    for name in names {
        let lines = fitting(context, section, &name, context.style.voice(name_size), width, 2);
        y = stack(&mut items, lines, margin, y) + page.width.mille(8);
    }
    if let Some(publisher) = &book.publisher {
        let lines = fitting(context, section, publisher, TextStyle::new(Role::Serif, page.width.mille(30)), width, 2);
        let y = page.height - page.height.mille(60) - height_of(&lines);
        stack(&mut items, lines, margin, y);
    }
    Page { items, ..Page::default() }
}

/// Title and subtitle of a cover in columns, level at their heads, in the middle of the field.
fn title_down(context: &Context<'_>, loaded: &Loaded, section: Tag, items: &mut Vec<Item>, field: Length) {
    let (book, page) = (&loaded.manifest.book, &context.style.page);
    let length = field.mille(780);
    let title = fitting(
        context,
        section,
        book.title.get_ref(),
        TextStyle::new(Role::Serif, page.width.mille(105)).ink(Colour::PAPER).bold(),
        length,
        3,
    );
    let gap = page.width.mille(40);
    let subtitle = book.subtitle.as_deref().map(|text| {
        let voice = context.style.voice(page.width.mille(42)).ink(Colour::PAPER);
        (gap, fitting(context, section, text, voice, length, 2))
    });
    let depth = height_of(&title) + subtitle.as_ref().map_or(Length::ZERO, |(gap, rows)| *gap + height_of(rows));
    let mut columns = Vec::new();
    let y = stack(&mut columns, title, Length::ZERO, Length::ZERO);
    if let Some((gap, rows)) = subtitle {
        stack(&mut columns, rows, Length::ZERO, y + gap);
    }
    columns.iter_mut().for_each(|item| item.turn_to_columns((page.width + depth) / 2, (field - length) / 2));
    items.append(&mut columns);
}

/// Title and subtitle of a cover whose lines run across.
fn title_across(context: &Context<'_>, loaded: &Loaded, section: Tag, items: &mut Vec<Item>, field: Length) {
    let (book, page) = (&loaded.manifest.book, &context.style.page);
    let margin = page.width.mille(110);
    let width = page.width - margin * 2;
    let title = fitting(
        context,
        section,
        book.title.get_ref(),
        TextStyle::new(Role::Serif, page.width.mille(95)).ink(Colour::PAPER).bold(),
        width,
        4,
    );
    let subtitle = book
        .subtitle
        .as_deref()
        .map(|text| fitting(context, section, text, context.style.voice(page.width.mille(42)).ink(Colour::PAPER), width, 2));
    let gap = page.width.mille(45);
    let height: Length = height_of(&title) + subtitle.as_ref().map_or(Length::ZERO, |lines| height_of(lines) + gap);
    let mut y = (field.mille(900) - height) / 2;
    y = stack(items, title, margin, y);
    if let Some(subtitle) = subtitle {
        let rule = Area { x: page.width / 2 - page.width.mille(60), y: y + gap / 2, width: page.width.mille(120), height: Length::pt(0.6) };
        items.push(Item::Rule(rule, Colour::PAPER));
        stack(items, subtitle, margin, y + gap);
    }
}

/// The title page.
pub(super) fn title_page(context: &Context<'_>, loaded: &Loaded) -> Body {
    let book = &loaded.manifest.book;
    let page = &context.style.page;
    let size = |thousandths| context.style.body.size.mille(thousandths);
    // Where the title begins, and how far title, subtitle, names and imprint stand in from the line's start. Across they stand
    // in the middle; columns hang from the head, each lower than the one before.
    let (top, insets) = if context.is_vertical() { (280, [150, 200, 450, 550]) } else { (180, [20, 50, 0, 0]) };
    let section = context.tags.open(Tag::Decoration, Part::Section);
    let mut items = Vec::new();
    let mut y = page.depth().mille(top);
    let mut set = |text: &str, style: TextStyle, inset: i64, most: usize, y: Length| {
        let left = page.measure.mille(inset);
        let rows = fitting(context, section, text, style, page.measure - left - page.measure.mille(inset.min(50)), most);
        stack(&mut items, rows, left, y)
    };
    y = set(book.title.get_ref(), TextStyle::new(Role::Serif, size(2286)).bold(), insets[0], 4, y);
    if let Some(subtitle) = &book.subtitle {
        y = set(subtitle, context.style.voice(size(1333)), insets[1], 3, y + page.leading);
    }
    y += page.leading * 2;
    for name in context.style.labels.credits(&book.authors) {
        y = set(&name, context.style.voice(size(1333)), insets[2], 2, y);
    }
    let foot: Vec<String> =
        [book.publisher.clone(), book.date.as_ref().map(|date| context.style.labels.date(date.get_ref()))].into_iter().flatten().collect();
    let mut y = page.depth() - page.leading * (foot.len() as i64 + 1);
    for text in foot {
        y = set(&text, TextStyle::new(Role::Serif, size(1000)), insets[3], 2, y);
    }
    Body { items, opener: true, start: Some(Start::TitlePage), ..Body::default() }
}

/// The half title: the title by itself.
pub(super) fn half_title(context: &Context<'_>, loaded: &Loaded) -> Body {
    let page = &context.style.page;
    let section = context.tags.open(Tag::Decoration, Part::Section);
    let style = TextStyle::new(Role::Serif, context.style.body.size.mille(1524));
    let left = if context.is_vertical() { page.measure.mille(150) } else { Length::ZERO };
    let rows = fitting(context, section, loaded.manifest.book.title.get_ref(), style, page.measure - left, 3);
    let mut items = Vec::new();
    stack(&mut items, rows, left, page.depth().mille(280));
    Body { items, opener: true, start: Some(Start::TitlePage), ..Body::default() }
}

/// The area of an image that reaches over every edge of the page: its middle, cut at two sides. One of quite another shape is
/// shown whole.
fn full_bleed(context: &Context<'_>, wide: u32, high: u32) -> Area {
    let (page, bleed) = (&context.style.page, context.style.bleed);
    let (width, height) = (page.width + bleed * 2, page.height + bleed * 2);
    let (wide, high) = (i64::from(wide), i64::from(high));
    let (across, down) = (width.scale(high, wide), height.scale(wide, high));
    let covers = across >= height;
    let (cut, whole) = if covers { (across - height, across) } else { (down - width, down) };
    let keep = cut.0 * 1000 <= whole.0 * MOST_CUT;
    // As wide as the page, or as high.
    let by_width = covers == keep;
    let (width, height) = if by_width { (width, across) } else { (down, height) };
    Area { x: (page.width - width) / 2, y: (page.height - height) / 2, width, height }
}

/// How much of a cover image may be cut, thousandths.
const MOST_CUT: i64 = 150;

/// The copyright page: what the manifest says of publisher, edition, rights, and the ISBN with its bar code, at the foot. `None`
/// where there is none.
pub(super) fn copyright(context: &Context<'_>, loaded: &Loaded) -> Option<Body> {
    let book = &loaded.manifest.book;
    if !loaded.manifest.has_copyright_page() {
        return None;
    }
    let across = context.across();
    let (page, labels) = (&context.style.page, context.style.labels);
    let section = context.tags.open(Tag::Decoration, Part::Section);
    let small = context.style.small;
    let leading = context.style.small_leading();
    let (width, height) = page.area();
    let setting = Setting {
        left: Length::ZERO,
        width,
        text: small,
        leading,
        indent: Length::ZERO,
        alignment: Alignment::Start,
        snap: false,
        strict: false,
        ..Setting::body(&across, 0)
    };
    let mut flow = Flow::new(&across);
    let paragraph = |setting: Setting| Setting { text: setting.text.part_of(across.tags.open(section, Part::Paragraph)), ..setting };
    let title = TextStyle::new(Role::Sans, small.size.mille(1150)).bold();
    flow.text_line(book.title.get_ref(), paragraph(Setting { text: title, leading: leading.mille(1200), ..setting }));
    for name in labels.credits(&book.authors) {
        flow.text_line(&name, paragraph(setting));
    }
    flow.push(Row { height: leading / 2, ..Row::default() });
    // Labels of one length, and what they say level beside them.
    let facts = labels.facts(book);
    let longest = facts.iter().map(|(label, _)| line::alone(&across, label, small).1).max().unwrap_or(Length::ZERO) + small.size;
    for (label, fact) in facts {
        let own = paragraph(setting);
        let first = flow.rows.len();
        flow.text_line(&fact, Setting { left: longest, width: width - longest, ..own });
        let (mut items, _) = line::alone(&across, label, own.text);
        let base = baseline(leading, small.size);
        items.iter_mut().for_each(|item| item.shift(Length::ZERO, base));
        if let Some(row) = flow.rows.get_mut(first) {
            row.prepend(items);
        }
    }
    if let Some(rights) = &book.rights {
        flow.push(Row { height: leading / 2, ..Row::default() });
        flow.text_line(rights, paragraph(Setting { alignment: Alignment::Justify, ..setting }));
    }
    let mut items = Vec::new();
    let mut foot = height;
    if let Some(isbn) = &book.isbn
        && let Some(mut code) = barcode::set(&across, isbn, section)
    {
        foot -= code.height;
        code.items.iter_mut().for_each(|item| item.shift(Length::ZERO, foot));
        items = code.items;
        foot -= leading;
    }
    let mut text = Vec::new();
    let top = (foot - height_of(&flow.rows)).max(Length::ZERO);
    stack(&mut text, flow.rows, Length::ZERO, top);
    text.append(&mut items);
    // It runs across in every book.
    if context.is_vertical() {
        text.iter_mut().for_each(|item| item.turn_back(width));
    }
    Some(Body { items: text, opener: true, start: Some(Start::Copyright), ..Body::default() })
}

/// A text in centred, balanced lines, made smaller until it takes no more than so many lines.
fn fitting(context: &Context<'_>, section: Tag, text: &str, style: TextStyle, width: Length, lines: usize) -> Vec<Row> {
    let mut style = style.part_of(context.tags.open(section, Part::Paragraph));
    loop {
        let setting = Setting {
            width,
            text: style,
            leading: style.size.mille(1450),
            indent: Length::ZERO,
            // Columns are level at their heads.
            alignment: if context.is_vertical() { Alignment::Start } else { Alignment::Center },
            snap: false,
            strict: false,
            ..Setting::body(context, 0)
        };
        let mut flow = Flow::new(context);
        flow.balanced(&collect::collect_text(text, style), setting, None);
        if flow.rows.len() <= lines || style.size < Length::pt(9.0) {
            return flow.rows;
        }
        style = style.at(style.size.mille(930));
    }
}

/// Puts rows one below the other; gives the lower edge.
fn stack(items: &mut Vec<Item>, rows: Vec<Row>, left: Length, top: Length) -> Length {
    let mut y = top;
    for row in rows {
        for mut item in row.items {
            item.shift(left, y);
            items.push(item);
        }
        y += row.height;
    }
    y
}
