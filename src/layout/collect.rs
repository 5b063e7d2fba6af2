//! First step of a line of text: the inlines of a paragraph as one sequence of characters, each with its style,
//! its link and its place in the source.

use super::Context;
use super::tags::Role;
use crate::diagnostic::{Code, Diagnostic};
use crate::document::{Image, Inline, InlineKind, Link, visit_inlines};
use crate::font::Role as FontRole;
use crate::length::Length;
use crate::manifest::Emphasis;
use crate::script;
use crate::source::{FileId, Span};
use crate::style::{Colour, Marks, TextStyle, primary};
use crate::text;
use std::path::PathBuf;
use std::sync::Arc;

/// Characters of its size that a note at the side is wide at the least.
const LEAST_SIDE: i64 = 4;

/// Stands for an object in the sequence of characters.
const OBJECT: char = '\u{FFFC}';

/// One character, or one object.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unit {
    pub c: char,
    /// Index into [`Collection::styles`].
    pub style: u16,
    /// Index into [`Collection::links`] plus one; 0 where it links nowhere.
    pub link: u16,
    /// Index into [`Collection::objects`] plus one; 0 for a character.
    pub object: u16,
    /// Byte in the source file.
    pub at: u32,
}

/// Something in a line that is no character.
#[derive(Clone, Debug)]
pub(super) enum Object {
    /// A note's mark: the index of the note.
    Note(usize),
    /// An image.
    Image { path: Arc<PathBuf>, width: Length, height: Length },
    /// A base with its reading.
    Ruby { base: String, reading: String },
    /// A note of two lines in one.
    DoubleLine(Box<Collection>),
    /// A place that links lead to.
    Anchor(String),
    /// A note for the side of its line.
    Side(Arc<Vec<Inline>>),
}

/// A paragraph as characters. A line break that is meant divides it into several.
#[derive(Clone, Debug, Default)]
pub(super) struct Collection {
    pub units: Vec<Unit>,
    pub styles: Vec<TextStyle>,
    pub links: Vec<Link>,
    pub objects: Vec<Object>,
    pub file: FileId,
}

/// Collects inlines set in `base`, one collection for each line that a meant break ends.
pub(super) fn collect(context: &Context<'_>, inlines: &[Inline], base: TextStyle) -> Vec<Collection> {
    let file = inlines.first().map(|inline| inline.span.file).unwrap_or_default();
    let now = Collection { styles: vec![base], file, ..Collection::default() };
    let mut collector = Collector { context, done: Vec::new(), now, base, spans: 0, telling: Vec::new() };
    collector.list(inlines, base, 0);
    collector.end_line();
    collector.done
}

/// Collects a plain string, for text that the program sets itself.
pub(super) fn collect_text(text: &str, base: TextStyle) -> Collection {
    let units = text.chars().map(|c| Unit { c, style: 0, link: 0, object: 0, at: 0 }).collect();
    Collection { units, styles: vec![base], ..Collection::default() }
}

struct Collector<'a> {
    context: &'a Context<'a>,
    done: Vec<Collection>,
    now: Collection,
    base: TextStyle,
    /// How many spans with a line have begun.
    spans: u16,
    /// The notes that are being told in brackets, the outermost first: none is told within itself.
    telling: Vec<usize>,
}

fn emphasised(style: TextStyle, look: Emphasis) -> TextStyle {
    let mut style = style;
    match look {
        Emphasis::Kai => style.want.italic = !style.want.italic,
        Emphasis::Bold => style.want.bold = true,
        Emphasis::Dots => {
            style.marks.dots = true;
            style.want.italic = false;
        }
    }
    style
}

impl Collector<'_> {
    fn end_line(&mut self) {
        // A link that goes on in the next line keeps its number.
        let next = Collection { styles: vec![self.base], file: self.now.file, links: self.now.links.clone(), ..Collection::default() };
        self.done.push(std::mem::replace(&mut self.now, next));
    }

    fn style(&mut self, style: TextStyle) -> u16 {
        let styles = &mut self.now.styles;
        let at = styles.iter().rposition(|known| *known == style).unwrap_or_else(|| {
            styles.push(style);
            styles.len() - 1
        });
        at as u16
    }

    fn text(&mut self, text: &str, style: TextStyle, link: u16, span: Span) {
        if text.contains(script::is_private) {
            return self.private(text, style, link, span);
        }
        let style = self.style(style);
        self.now.units.extend(text.char_indices().map(|(at, c)| Unit { c, style, link, object: 0, at: span.at(at) }));
    }

    /// Text with characters that only its font knows: each run of them says itself (ISO 19005-2, 6.2.11.7.3).
    #[expect(clippy::string_slice, reason = "`from` grows by lengths that `find` gave in `rest`, so both cut between characters")]
    fn private(&mut self, text: &str, style: TextStyle, link: u16, span: Span) {
        let mut from = 0;
        while from < text.len() {
            let rest = &text[from..];
            let private = rest.starts_with(script::is_private);
            let length = rest.find(|c| script::is_private(c) != private).unwrap_or(rest.len());
            let piece = &rest[..length];
            let start = span.at(from);
            let place = Span { start, end: span.at(from + length), ..span };
            if private {
                let tag = self.context.tags.open_worded(style.tag, Role::Span, piece);
                let style = self.style(style.part_of(tag));
                self.now.units.extend(piece.chars().map(|c| Unit { c, style, link, object: 0, at: start }));
            } else {
                self.text(piece, style, link, place);
            }
            from += length;
        }
    }

    fn object(&mut self, object: Object, style: TextStyle, link: u16, span: Span) {
        if self.now.objects.len() >= usize::from(u16::MAX) {
            // More than a paragraph can number: it goes on as another.
            self.end_line();
        }
        let style = self.style(style);
        self.now.objects.push(object);
        self.now.units.push(Unit { c: OBJECT, style, link, object: self.now.objects.len() as u16, at: span.start });
    }

    fn list(&mut self, inlines: &[Inline], style: TextStyle, link: u16) {
        for inline in inlines {
            if let Some(id) = &inline.attrs.id {
                self.object(Object::Anchor(id.clone()), style, link, inline.span);
            }
            let style = match inline.attrs.language.as_deref() {
                Some(tag) => {
                    let own = self.context.tags.open_in(style.tag, Role::Span, tag);
                    TextStyle { language: primary(tag), ..style.part_of(own) }
                }
                None => style,
            };
            self.inline(inline, style, link);
        }
    }

    fn inline(&mut self, inline: &Inline, style: TextStyle, link: u16) {
        use InlineKind::*;
        let span = inline.span;
        match &inline.kind {
            Text(text) => self.text(text, style, link, span),
            Emphasis(inner) => {
                let look = self.context.style.emphasis(inline.attrs.has("em"));
                self.list(inner, emphasised(style, look), link)
            }
            Strong(inner) => self.list(inner, style.bold(), link),
            Strike(inner) => {
                let mut struck = style;
                struck.marks.strike = self.span();
                self.list(inner, struck, link);
            }
            Underline(inner) => {
                let mut lined = style;
                lined.marks.underline = self.span();
                self.list(inner, lined, link);
            }
            Subscript(inner) => {
                self.list(inner, TextStyle { rise: style.rise - style.size.mille(150), ..style.at(style.size.mille(650)) }, link)
            }
            Superscript(inner) => {
                self.list(inner, TextStyle { rise: style.rise + style.size.mille(350), ..style.at(style.size.mille(650)) }, link)
            }
            Code(text) => {
                let code = self.context.style.code(style.size).ink(style.colour);
                let want = crate::font::Want { bold: style.want.bold, ..code.want };
                let tag = self.context.tags.open(style.tag, Role::Code);
                self.text(text, TextStyle { want, marks: style.marks, rise: style.rise, tag, ..code }, link, span);
            }
            Math(source) => {
                self.context.warn_math(span);
                let tag = self.context.tags.open_worded(style.tag, Role::Formula, source);
                self.text(source, self.context.style.code(style.size).part_of(tag), link, span);
            }
            Link(to, inner) => {
                let (style, link) = self.link(to, style);
                self.list(inner, style, link);
            }
            Reference { to, page, text } => {
                // A number stays with its word.
                let text = if *page { self.context.folio_of(to) } else { text.replace(' ', "\u{a0}") };
                let (style, link) = self.link(to, style);
                self.text(&text, style, link, crate::source::Span { end: span.start, ..span });
            }
            Image(image) => self.image(image, inline, style, link),
            Ruby(pairs) => {
                let mut offset = 0;
                for (base, reading) in pairs {
                    let span = crate::source::Span { start: span.at(offset), ..span };
                    offset += base.len();
                    if reading.is_empty() {
                        self.text(base, style, link, span);
                    } else {
                        let style = style.part_of(self.context.tags.open_ruby(style.tag));
                        self.object(Object::Ruby { base: base.clone(), reading: reading.clone() }, style, link, span);
                    }
                }
            }
            Span(inner) if inline.attrs.has("warichu") => {
                let style = self.classed(inline, style);
                self.double_line(inner, style, link, span);
            }
            Span(inner) if inline.attrs.has("sidenote") && !self.context.beside => self.side(inner, style, link, span),
            Span(inner) => {
                let style = self.classed(inline, style);
                self.list(inner, style, link)
            }
            Note(note) if self.context.beside => self.told(*note, style, link, span),
            Note(note) => {
                let reference = self.context.tags.open(style.tag, Role::Reference);
                let style = style.part_of(self.context.tags.open(reference, Role::Link));
                self.object(Object::Note(*note), style, link, span)
            }
            Break => self.end_line(),
        }
    }

    /// A note that is marked in a note at the side: it is told there, in brackets.
    fn told(&mut self, note: usize, style: TextStyle, link: u16, span: Span) {
        if self.telling.contains(&note) {
            return;
        }
        let chapter = self.context.manuscript.chapters.get(self.context.chapter);
        let Some(told) = chapter.and_then(|chapter| chapter.document.notes.get(note)) else { return };
        self.telling.push(note);
        let none = Span { end: span.start, ..span };
        self.text(script::BRACKETS[0], style, link, none);
        visit_inlines(&told.blocks, &mut |_, list| self.list(list, style, link));
        self.text(script::BRACKETS[1], style, link, none);
        self.telling.pop();
    }

    /// A note for the side; among the text in small letters where the margin is too narrow for it.
    fn side(&mut self, inner: &[Inline], style: TextStyle, link: u16, span: Span) {
        let tag = self.context.tags.open(style.tag, Role::Note);
        let small = self.context.style.side();
        if self.context.style.page.side().1 >= small.size * LEAST_SIDE {
            return self.object(Object::Side(Arc::new(inner.to_vec())), style.part_of(tag), link, span);
        }
        let report = Diagnostic::new(
            Code::Overfull,
            text!("the margin is too narrow for a note at the side; it is set in the line", "页边太窄，放不下旁注，改排在行内"),
        );
        let advice = text!("widen the outer margin: fewer chars-per-line, or a wider page", "请减少 chars-per-line 或改用更宽的页面");
        self.context.sink.report(report.at(span).advise(advice));
        let small = TextStyle { tag, ..style.at(style.size.mille(762)) };
        let none = Span { end: span.start, ..span };
        self.text(script::BRACKETS[0], small, link, none);
        self.list(inner, small, link);
        self.text(script::BRACKETS[1], small, link, none);
    }

    /// The number of a new span.
    fn span(&mut self) -> u16 {
        self.spans = self.spans.wrapping_add(1).max(1);
        self.spans
    }

    /// The look of a span by its classes.
    fn classed(&mut self, inline: &Inline, style: TextStyle) -> TextStyle {
        let mut style = style;
        for class in &inline.attrs.classes {
            match class.as_str() {
                "dots" => style.marks.dots = true,
                "frame" => style.marks.frame = self.span(),
                "spaced" => style.spaced = 250,
                "proper" => style.marks.underline = self.span(),
                "title" => style.marks.wave = self.span(),
                "small" => style = style.at(style.size.mille(700)),
                "kai" => style.want.role = FontRole::Kai,
                "hei" | "sans" => style.want.role = FontRole::Sans,
                "bold" => style.want.bold = true,
                "fangsong" => style.want.role = FontRole::FangSong,
                _ => {}
            }
        }
        style
    }

    /// A note of two lines in one. One that holds more than text is set small on one line.
    fn double_line(&mut self, inner: &[Inline], style: TextStyle, link: u16, span: Span) {
        let warichu = self.context.tags.open(style.tag, Role::Warichu);
        let small = style.at(style.size / 2).part_of(self.context.tags.open(warichu, Role::WarichuText));
        let now = Collection { styles: vec![small], file: self.now.file, ..Collection::default() };
        let (spans, telling) = (self.spans, self.telling.clone());
        let mut own = Collector { context: self.context, done: Vec::new(), now, base: small, spans, telling };
        own.list(inner, small, 0);
        let text: String = own.now.units.iter().map(|unit| unit.c).collect();
        let only_text = own.done.is_empty() && own.now.objects.is_empty() && own.now.links.is_empty();
        if only_text && script::may_be_divided(&text) && own.now.units.len() < usize::from(u16::MAX) {
            // Its text has the lines and dots; the columns that hold it have none.
            self.spans = own.spans;
            self.object(Object::DoubleLine(Box::new(own.now)), TextStyle { marks: Marks::default(), ..style }, link, span);
        } else {
            self.list(inner, style.at(style.size.mille(700)), link);
        }
    }

    fn link(&mut self, to: &Link, style: TextStyle) -> (TextStyle, u16) {
        if *to == Link::Dead {
            return (style, 0);
        }
        let at = self.now.links.iter().position(|known| known == to).unwrap_or_else(|| {
            self.now.links.push(to.clone());
            self.now.links.len() - 1
        });
        let tag = self.context.tags.open(style.tag, Role::Link);
        (style.ink(Colour::LINK).part_of(tag), u16::try_from(at + 1).unwrap_or(0))
    }

    /// An image among text: as high as it is, at most as wide as the measure; its alternative text where there is none.
    fn image(&mut self, image: &Image, inline: &Inline, style: TextStyle, link: u16) {
        let found = image.path.as_ref().and_then(|path| Some((path, self.context.manuscript.media.get(path)?)));
        let Some((path, media)) = found else {
            let text = if image.alt.is_empty() { image.source.clone() } else { image.alt.clone() };
            return self.text(&text, style, link, Span { end: inline.span.start, ..inline.span });
        };
        let (width, height) = super::figure::size(
            self.context,
            media,
            inline.attrs.width,
            self.context.style.page.measure,
            self.context.style.page.leading * 8,
        );
        if !image.title.is_empty() {
            let report = Diagnostic::new(
                Code::InlineCaption,
                text!("an image among text has no caption: its title is not shown", "文字中的图片没有图注，其标题不会排出"),
            );
            let advice = text!("put the image in a paragraph of its own", "请让图片独占一段");
            self.context.sink.report(report.at(inline.span).advise(advice));
        }
        super::figure::judge(self.context, path, media, (width, height), inline.span);
        let tag = self.context.tags.open_worded(style.tag, Role::Figure, &super::figure::words(self.context, image, &[]));
        self.object(Object::Image { path: Arc::new(path.clone()), width, height }, style.part_of(tag), link, inline.span);
    }
}

/// Whether a character says nothing about the line's height or edges.
pub(super) fn is_invisible(c: char) -> bool {
    script::Class::of(c) == script::Class::Extend
}
