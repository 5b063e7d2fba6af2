//! Content documents: the model as XHTML.

use super::pages::PageBreak;
use super::text::is_lined;
use super::{Edition, math};
use crate::document::{
    Attrs, Block, BlockKind, Callout, ChapterKind, Container, Highlight, Image, Inline, InlineKind, Link, Panel, Tone, plain_text,
    split_number,
};
use crate::manifest::Matter;
use crate::script;
use crate::source::Span;
use std::fmt::Write;

/// Text in an element.
pub(super) fn escape(text: &str) -> String {
    // Most text has nothing to escape, nor the last two bytes of U+FFFE or U+FFFF. Looked at to its end, many bytes at a time.
    let escaped = |byte: u8| (byte < 0x20) | (byte == b'&') | (byte == b'<') | (byte == b'>') | (byte == b'"');
    let bytes = text.as_bytes();
    let pairs = bytes.iter().zip(bytes.get(1..).unwrap_or_default());
    if !bytes.iter().fold(false, |found, byte| found | escaped(*byte))
        && !pairs.fold(false, |found, (byte, next)| found | (*byte == 0xbf) & (*next & 0xfe == 0xbe))
    {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // Characters that XML does not allow.
            '\u{0}'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            _ => out.push(c),
        }
    }
    out
}

/// An id as XML allows it.
pub(super) fn xml_id(id: &str) -> String {
    let mut out: String = id.chars().map(|c| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '_' }).collect();
    if !out.starts_with(|c: char| c.is_alphabetic() || c == '_') {
        out.insert(0, '_');
    }
    // What the book itself calls pages, notes and sentences is its own.
    let counted = |rest: &str| rest.chars().all(|c| c.is_ascii_digit() || "ivxlcdm.".contains(c));
    if out == CHAPTER_ID || OWN.iter().any(|own| out.strip_prefix(own).is_some_and(counted)) {
        out.push('_');
    }
    out
}

/// How ids begin that the book itself gives, before a number.
const OWN: [&str; 4] = ["page-", "note-", "ref-", "kobo."];

/// Rows that a table has at the most to be kept together.
const SHORT: usize = 12;

/// The id of a chapter's own element, for a chapter without a heading.
pub(super) const CHAPTER_ID: &str = "chapter-start";

/// A whole document; its lines run `across` even in a book of columns, or as the book's.
pub(super) fn document(edition: &Edition<'_>, title: &str, body: &str, across: bool) -> String {
    let class = if across && edition.input.style.is_vertical() { " class=\"across\"" } else { "" };
    let language = escape(&edition.input.loaded.manifest.book.language);
    let title = escape(title);
    let own: String = edition.stylesheets().map(|name| format!("<link rel=\"stylesheet\" type=\"text/css\" href=\"{name}\"/>\n")).collect();
    let page = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" xmlns:epub=\"http://www.idpf.org/2007/ops\" \
         lang=\"{language}\" xml:lang=\"{language}\"{class}>\n<head>\n<meta charset=\"utf-8\"/>\n<title>{title}</title>\n\
         {own}</head>\n<body>\n{body}\n</body>\n</html>\n"
    );
    if edition.profile.spans { super::kobo::spanned(&page) } else { page }
}

/// The kind of a chapter as EPUB and ARIA name it.
#[expect(clippy::indexing_slicing, reason = "callers count over the manuscript's chapters, or over `files.parts`, one for each")]
pub(super) fn kind(edition: &Edition<'_>, chapter: usize) -> (&'static str, Option<&'static str>) {
    let chapter = &edition.input.manuscript.chapters[chapter];
    let matter = |other| {
        let known = edition.input.style.labels.matters.iter().find(|(words, ..)| words.iter().any(|word| chapter.title.contains(word)));
        known.map_or((other, None), |(_, kind, role)| (*kind, Some(*role)))
    };
    match (chapter.kind, chapter.matter) {
        (ChapterKind::Part, _) => ("part", Some("doc-part")),
        (ChapterKind::Dedication, _) => ("dedication", Some("doc-dedication")),
        (ChapterKind::Colophon, _) => ("colophon", Some("doc-colophon")),
        (ChapterKind::Text, Matter::Main) if chapter.depth > 0 => ("subchapter", None),
        (ChapterKind::Text, Matter::Main) => ("chapter", Some("doc-chapter")),
        (ChapterKind::Text, Matter::Front) => matter("frontmatter"),
        (ChapterKind::Text, Matter::Back) => matter("backmatter"),
    }
}

/// The document of a chapter's part.
#[expect(clippy::indexing_slicing, reason = "`at` and `number` count over `files.parts`, whose ranges are of the chapter's blocks")]
pub(super) fn chapter(edition: &Edition<'_>, at: usize, number: usize) -> String {
    let chapter = &edition.input.manuscript.chapters[at];
    let parts = &edition.files.parts[at];
    let part = &parts[number];
    let blocks = &chapter.document.blocks;
    let mut writer = Writer::new(edition, at, edition.page_breaks(at, number));
    writer.blocks(&blocks[part.blocks.clone()]);
    let rest = writer.page_break(u32::MAX);
    writer.out.push_str(&rest);
    writer.notes(part);
    let labelled = blocks[part.blocks.clone()]
        .iter()
        .find(|block| matches!(block.kind, BlockKind::Heading { .. }))
        .filter(|_| number == 0)
        .and_then(|block| block.attrs.id.as_deref());
    let name = match labelled {
        Some(id) => format!("aria-labelledby=\"{}\"", escape(&xml_id(id))),
        None => format!("aria-label=\"{}\"", escape(&chapter.title)),
    };
    let class = match chapter.kind {
        ChapterKind::Text => "",
        ChapterKind::Part => " class=\"part\"",
        ChapterKind::Dedication => " class=\"dedication\"",
        ChapterKind::Colophon => " class=\"colophon\"",
    };
    let body = if number == 0 {
        let (kind, role) = kind(edition, at);
        let role = role.map_or(String::new(), |role| format!(" role=\"{role}\""));
        format!("<section id=\"{CHAPTER_ID}\"{class} epub:type=\"{kind}\"{role} {name}>\n{}</section>", writer.out)
    } else {
        // A chapter is one, however many files it takes.
        format!("<section{class} {name}>\n{}</section>", writer.out)
    };
    document(edition, &chapter.title, &body, false)
}

/// How large the blocks of a chapter and its notes become, bytes.
#[expect(clippy::indexing_slicing, reason = "`Files::divided` asks for chapters of the manuscript only")]
pub(super) fn measure(edition: &Edition<'_>, at: usize) -> super::files::Sizes {
    let document = &edition.input.manuscript.chapters[at].document;
    let size = |text: &str| if edition.profile.spans { super::kobo::spanned(text).len() } else { text.len() };
    let mut writer = Writer::new(edition, at, &[]);
    let blocks = document.blocks.iter().map(|block| {
        writer.out.clear();
        writer.block(block);
        size(&writer.out)
    });
    let blocks = blocks.collect();
    let notes = (0..document.notes.len()).map(|note| {
        writer.out.clear();
        writer.note(note);
        size(&writer.out)
    });
    (blocks, notes.collect())
}

pub(super) struct Writer<'a> {
    pub edition: &'a Edition<'a>,
    pub chapter: usize,
    pub out: String,
    /// How often each note was referred to so far.
    pub marks: Vec<usize>,
    /// The page breaks that are still to come.
    pub pages: &'a [PageBreak],
}

impl<'a> Writer<'a> {
    #[expect(clippy::indexing_slicing, reason = "callers have looked up the chapter of the same number before")]
    fn new(edition: &'a Edition<'a>, chapter: usize, pages: &'a [PageBreak]) -> Writer<'a> {
        let notes = edition.input.manuscript.chapters[chapter].document.notes.len();
        Writer { edition, chapter, out: String::new(), marks: vec![0; notes], pages }
    }

    /// The breaks of the pages that begin at a place or before it, as far as they are still to come.
    pub fn page_break(&mut self, at: u32) -> String {
        let mut out = String::new();
        while let Some((first, rest)) = self.pages.split_first().filter(|(first, _)| first.at <= at) {
            out.push_str(&first.element());
            self.pages = rest;
        }
        out
    }

    /// The page breaks within a text: before which byte of it each stands.
    pub fn page_breaks(&mut self, text: &str, span: Span) -> Vec<(usize, String)> {
        let last = text.char_indices().next_back().map_or(0, |(last, _)| last);
        let mut found = Vec::new();
        while let Some(page) = self.pages.first().filter(|page| page.at <= span.at(last)) {
            let from = page.at.saturating_sub(span.start) as usize;
            let at = (from..=last).find(|at| text.is_char_boundary(*at)).unwrap_or(last);
            found.push((at, self.page_break(span.at(at))));
        }
        found
    }

    /// Id, classes and language as attributes, with classes of the program's own first.
    fn attributes(attrs: &Attrs, own: &[&str]) -> String {
        let mut out = String::new();
        if let Some(id) = &attrs.id {
            let _ = write!(out, " id=\"{}\"", escape(&xml_id(id)));
        }
        let clean = |class: &str| class.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-' || *c == '_').collect::<String>();
        let mut classes: Vec<String> = own.iter().map(|class| (*class).to_owned()).collect();
        for class in &attrs.classes {
            let class = clean(class);
            if !class.is_empty() && !classes.contains(&class) {
                classes.push(class);
            }
        }
        if !classes.is_empty() {
            let _ = write!(out, " class=\"{}\"", classes.join(" "));
        }
        if let Some(language) = &attrs.language {
            let language = escape(language);
            let _ = write!(out, " lang=\"{language}\" xml:lang=\"{language}\"");
        }
        out
    }

    /// Blocks, one after the other.
    pub fn blocks(&mut self, blocks: &[Block]) {
        blocks.iter().for_each(|block| self.block(block));
    }

    fn element(&mut self, name: &str, attributes: &str, blocks: &[Block]) {
        let _ = writeln!(self.out, "<{name}{attributes}>");
        self.blocks(blocks);
        let _ = writeln!(self.out, "</{name}>");
    }

    #[expect(clippy::indexing_slicing, reason = "`self.chapter` was looked up when the writer was made; five labels for five callouts")]
    fn block(&mut self, block: &Block) {
        let attributes = |own: &[&str]| Self::attributes(&block.attrs, own);
        // A page that begins with a block begins before it; with a paragraph, in it.
        let begins = match &block.kind {
            BlockKind::Paragraph(_)
            | BlockKind::Quote(_)
            | BlockKind::List { .. }
            | BlockKind::Definitions(_)
            | BlockKind::Container(..) => None,
            BlockKind::Heading { content, .. } => content.first().map(|inline| inline.span.start),
            _ => Some(block.span.start),
        };
        if let Some(at) = begins {
            let page = self.page_break(at);
            self.out.push_str(&page);
        }
        match &block.kind {
            BlockKind::Heading { level, number, content } => {
                let inner = self.heading(*level, number.as_deref(), content);
                let depth = self.edition.input.manuscript.chapters[self.chapter].depth;
                let level = (usize::from(*level) + depth).min(6);
                let _ = writeln!(self.out, "<h{level}{}>{inner}</h{level}>", attributes(&[]));
            }
            BlockKind::Paragraph(content) => {
                let inner = self.inlines(content);
                let _ = writeln!(self.out, "<p{}>{inner}</p>", attributes(&[]));
            }
            BlockKind::Quote(blocks) => self.element("blockquote", &attributes(&[]), blocks),
            BlockKind::Callout(kind, blocks) => {
                let label = self.edition.input.style.labels.callouts[*kind as usize];
                let class = match kind {
                    Callout::Note => "note-callout",
                    Callout::Tip => "tip",
                    Callout::Important => "important",
                    Callout::Warning => "warning",
                    Callout::Caution => "caution",
                };
                let _ = writeln!(self.out, "<div{} role=\"note\">\n<p class=\"name\">{label}</p>", attributes(&["callout", class]));
                self.blocks(blocks);
                self.out.push_str("</div>\n");
            }
            BlockKind::List { start, tight, items } => {
                let (name, from) = match start {
                    Some(1) => ("ol", String::new()),
                    Some(start) => ("ol", format!(" start=\"{start}\"")),
                    None => ("ul", String::new()),
                };
                let _ = writeln!(self.out, "<{name}{from}{}>", attributes(&[]));
                for item in items {
                    let mark = item.task.map_or(String::new(), |done| self.generated(&format!("{} ", script::task_mark(done))));
                    let class = if item.task.is_some() { " class=\"task\"" } else { "" };
                    let _ = write!(self.out, "<li{class}>{mark}");
                    match item.blocks.split_first() {
                        Some((Block { kind: BlockKind::Paragraph(content), attrs, .. }, rest)) if *tight && attrs.is_empty() => {
                            let inner = self.inlines(content);
                            self.out.push_str(&inner);
                            self.blocks(rest);
                        }
                        _ => self.blocks(&item.blocks),
                    }
                    self.out.push_str("</li>\n");
                }
                let _ = writeln!(self.out, "</{name}>");
            }
            BlockKind::Definitions(entries) => {
                let _ = writeln!(self.out, "<dl{}>", attributes(&[]));
                for entry in entries {
                    let term = self.inlines(&entry.term);
                    let _ = writeln!(self.out, "<dt>{term}</dt>");
                    for meaning in &entry.meanings {
                        self.element("dd", "", meaning);
                    }
                }
                self.out.push_str("</dl>\n");
            }
            BlockKind::Code { text, highlights, .. } => {
                let code = self.code(text, highlights, block.attrs.lines_from, block.span);
                let own = if block.attrs.lines_from.is_some() { &["numbered"][..] } else { &[] };
                let _ = writeln!(self.out, "<pre{}><code>{code}</code></pre>", attributes(own));
            }
            BlockKind::Table(table) => {
                // A short one stays on one screen with its caption.
                let short = table.head.len() + table.body.len() <= SHORT;
                self.table(table, &attributes(if short { &["table", "short"] } else { &["table"] }));
            }
            BlockKind::Figure { panels, caption, number } => {
                let words = plain_text(caption);
                let caption = self.caption(number.as_deref(), caption);
                let _ = write!(self.out, "<figure{}>", attributes(&[]));
                match panels.as_slice() {
                    [panel] if panel.caption.is_empty() => {
                        let picture = self.worded(&panel.image, &words, block.attrs.width);
                        let _ = writeln!(self.out, "{picture}");
                    }
                    _ => self.panels(panels),
                }
                if !caption.is_empty() {
                    let _ = writeln!(self.out, "<figcaption>{caption}</figcaption>");
                }
                self.out.push_str("</figure>\n");
            }
            BlockKind::Math(source) => {
                let math = math::display(source).filter(|_| self.edition.profile.math);
                let _ = match math {
                    Some(math) => writeln!(self.out, "<div{}>{math}</div>", attributes(&["math"])),
                    None => writeln!(self.out, "<p{}><code>{}</code></p>", attributes(&["center", "math"]), escape(source)),
                };
            }
            BlockKind::Rule => {
                let _ = writeln!(self.out, "<hr{}/>", attributes(&[]));
            }
            BlockKind::NewPage => self.out.push_str("<hr class=\"newpage\" aria-hidden=\"true\"/>\n"),
            BlockKind::Container(kind, blocks) => {
                let class = match kind {
                    Container::Verse => &["verse"][..],
                    Container::Epigraph => &["epigraph"],
                    Container::Center => &["center"],
                    Container::Right => &["right"],
                    Container::Even => &["even"],
                    Container::Hanging => &["hanging"],
                    Container::Continued => &["continued"],
                    Container::Plain => &[],
                };
                self.element("div", &attributes(class), blocks);
            }
        }
    }

    /// A heading's content; a chapter's number stands on a line of its own.
    #[expect(clippy::indexing_slicing, reason = "`Writer::new` has looked up the chapter of the same number")]
    fn heading(&mut self, level: u8, number: Option<&str>, content: &[Inline]) -> String {
        let stacked = usize::from(level) + self.edition.input.manuscript.chapters[self.chapter].depth == 1;
        if let Some(number) = number {
            let gap = if stacked { " " } else { "　" };
            return format!("<span class=\"label\">{}</span>{gap}{}", escape(number), self.inlines(content));
        }
        if stacked && let Some((label, title)) = split_number(content) {
            return format!("<span class=\"label\">{}</span> {}", self.inline(&label), self.inlines(&title));
        }
        self.inlines(content)
    }

    /// An image; one without words of its own says its caption's.
    fn worded(&self, image: &Image, caption: &str, width: Option<f64>) -> String {
        if image.alt.trim().is_empty() && !caption.trim().is_empty() {
            return self.image(&Image { alt: caption.to_owned(), ..image.clone() }, width);
        }
        self.image(image, width)
    }

    /// Images side by side, each with its own caption after (a), (b).
    fn panels(&mut self, panels: &[Panel]) {
        self.out.push_str("<div class=\"panels\">\n");
        // Two on a line where there are four or more.
        let equal = if panels.len() > 3 { 0.46 } else { 0.92 / panels.len() as f64 };
        for (at, panel) in panels.iter().enumerate() {
            let picture = self.worded(&panel.image, &plain_text(&panel.caption), None);
            let caption = format!("{}{}", script::panel_label(at), self.inlines(&panel.caption));
            let width = (panel.width.unwrap_or(equal) * 1000.0).floor() / 10.0;
            let _ =
                writeln!(self.out, "<div class=\"panel\" style=\"width: {width}%\">{picture}\n<p class=\"caption\">{caption}</p></div>");
        }
        self.out.push_str("</div>\n");
    }

    /// A caption with its number before it.
    pub fn caption(&mut self, number: Option<&str>, caption: &[Inline]) -> String {
        let text = self.inlines(caption);
        match number {
            Some(number) if text.is_empty() => escape(number),
            Some(number) => format!("{}　{text}", escape(number)),
            None => text,
        }
    }

    fn image(&self, image: &Image, width: Option<f64>) -> String {
        let alt = escape(&image.alt);
        let found = image.path.as_ref().and_then(|path| Some((self.edition.files.images.get(path)?, self.edition.images.get(path)?)));
        let Some((name, prepared)) = found else {
            let text = if image.alt.is_empty() { escape(&image.source) } else { alt };
            return format!("<span class=\"missing\">{text}</span>");
        };
        // In a column a share of the line is a share of its height: that of the page's width is meant.
        let share = width.map(|share| (share * 1000.0).round() / 10.0);
        let style = match share {
            Some(share) if self.edition.input.style.is_vertical() => format!(" style=\"width: {share}%; width: {share}vw\""),
            Some(share) => format!(" style=\"width: {share}%\""),
            None => String::new(),
        };
        // An image without words is a picture that says nothing, as far as the book tells.
        let role = if image.alt.is_empty() { " role=\"presentation\"" } else { "" };
        // What is drawn on nothing has white paper behind it, also at night.
        let class = if prepared.transparent { " class=\"on-paper\"" } else { "" };
        format!("<img src=\"{name}\" alt=\"{alt}\"{class}{style}{role}/>")
    }

    #[expect(clippy::indexing_slicing, reason = "links inside lead to chapters that `document::links` found, and `parts` has each")]
    fn href(&self, to: &Link) -> Option<String> {
        match to {
            Link::Web(url) => Some(escape(&web(url))),
            Link::Inside { chapter, id } => {
                // A chapter of several files is told by file even from within.
                let alone = *chapter == self.chapter && self.edition.files.parts[*chapter].len() == 1;
                Some(match id {
                    Some(id) if alone => format!("#{}", escape(&xml_id(id))),
                    _ => escape(&self.edition.files.href(*chapter, id.as_deref())),
                })
            }
            Link::Written(_) | Link::Dead => None,
        }
    }

    /// Inlines, one after the other.
    pub fn inlines(&mut self, inlines: &[Inline]) -> String {
        let mut out = String::new();
        for (at, inline) in inlines.iter().enumerate() {
            // Two lines that face each other stay two.
            let faces = is_lined(inline) && inlines.get(at + 1).is_some_and(is_lined);
            let piece = if faces { format!("<span class=\"facing\">{}</span>", self.inline(inline)) } else { self.inline(inline) };
            // A note's mark never begins a line: it holds on to the character before it.
            let before = out
                .chars()
                .next_back()
                .filter(|c| matches!(inline.kind, InlineKind::Note(_)) && !matches!(c, '>' | ';') && !c.is_whitespace());
            match before {
                Some(c) => {
                    out.truncate(out.len() - c.len_utf8());
                    let _ = write!(out, "<span class=\"nowrap\">{c}{piece}</span>");
                }
                None => out.push_str(&piece),
            }
        }
        out
    }

    fn wrap(&mut self, name: &str, inline: &Inline, inner: &[Inline]) -> String {
        let inner = self.inlines(inner);
        format!("<{name}{}>{inner}</{name}>", Self::attributes(&inline.attrs, &[]))
    }

    fn inline(&mut self, inline: &Inline) -> String {
        use InlineKind::*;
        // What no page divides begins after the page that begins with it.
        let before = match &inline.kind {
            Image(_) | Math(_) | Note(_) | Reference { .. } => self.page_break(inline.span.start),
            _ => String::new(),
        };
        before + &self.inline_itself(inline)
    }

    fn inline_itself(&mut self, inline: &Inline) -> String {
        use InlineKind::*;
        match &inline.kind {
            Text(text) => self.text(text, inline.span),
            Emphasis(inner) => self.wrap("em", inline, inner),
            Strong(inner) => self.wrap("strong", inline, inner),
            Strike(inner) => self.wrap("del", inline, inner),
            Underline(inner) => self.wrap("u", inline, inner),
            Subscript(inner) => self.wrap("sub", inline, inner),
            Superscript(inner) => self.wrap("sup", inline, inner),
            Span(inner) if inline.attrs.has("warichu") => {
                let (classes, text) = match self.double_line(inner) {
                    Some(note) => (&[][..], note),
                    None => (&["small"][..], self.bracketed(inner)),
                };
                format!("<span{}>{text}</span>", Self::attributes(&inline.attrs, classes))
            }
            Span(inner) if inline.attrs.has("sidenote") => {
                let inner = self.inlines(inner);
                format!("<span{} role=\"note\">{inner}</span>", Self::attributes(&inline.attrs, &[]))
            }
            Span(inner) => self.wrap("span", inline, inner),
            Code(text) => format!("<code{}>{}</code>", Self::attributes(&inline.attrs, &[]), self.plain(text, inline.span)),
            Math(source) => math::inline(source)
                .filter(|_| self.edition.profile.math)
                .unwrap_or_else(|| format!("<code class=\"math\">{}</code>", escape(source))),
            Link(to, inner) => {
                let text = self.inlines(inner);
                match self.href(to) {
                    Some(href) if !text.contains("<a ") => format!("<a href=\"{href}\"{}>{text}</a>", Self::attributes(&inline.attrs, &[])),
                    _ => text,
                }
            }
            Reference { to, text, page } => {
                // The page is told where the pages are.
                let text = self.edition.pages.folio_of(to).filter(|_| *page).unwrap_or(text);
                match self.href(to) {
                    Some(href) => format!("<a href=\"{href}\">{}</a>", escape(text)),
                    None => escape(text),
                }
            }
            Image(image) => self.image(image, inline.attrs.width),
            Ruby(pairs) => {
                let (mut out, mut offset) = (String::new(), 0);
                for (base, reading) in pairs {
                    out.push_str(&self.page_break(inline.span.at(offset)));
                    offset += base.len();
                    if reading.is_empty() {
                        out.push_str(&escape(base));
                        continue;
                    }
                    let zhuyin = reading.chars().all(|c| script::is_zhuyin(c) || c.is_whitespace());
                    let class = if zhuyin { " class=\"zhuyin\"" } else { "" };
                    let _ = write!(out, "<ruby{class}>{}<rp>（</rp><rt>{}</rt><rp>）</rp></ruby>", escape(base), escape(reading));
                }
                out
            }
            Note(note) => self.note_mark(*note),
            Break => "<br/>".into(),
        }
    }

    /// A listing line by line: parts in their colours, lines with their numbers where they have any.
    #[expect(clippy::string_slice, reason = "ends of lines and highlights of this very text; a highlight at `at` ends after it")]
    fn code(&mut self, text: &str, highlights: &[Highlight], numbers: Option<usize>, span: Span) -> String {
        let mut out = String::new();
        let mut start = 0;
        for (count, line) in text.split('\n').enumerate() {
            if count > 0 {
                out.push('\n');
            }
            if let Some(from) = numbers {
                let _ = write!(out, "<span class=\"line\" data-line=\"{}\">", from + count);
            }
            let end = start + line.len();
            let mut at = start;
            while at < end {
                let tone = highlights.iter().find(|highlight| highlight.range.contains(&at));
                let next = match tone {
                    Some(highlight) => highlight.range.end,
                    None => highlights.iter().map(|highlight| highlight.range.start).filter(|start| *start > at).min().unwrap_or(end),
                };
                let next = next.min(end);
                let piece = self.plain(&text[at..next], Span { start: span.at(at), ..span });
                match tone {
                    Some(highlight) => {
                        let _ = write!(out, "<span class=\"{}\">{piece}</span>", class_of(highlight.tone));
                    }
                    None => out.push_str(&piece),
                }
                at = next;
            }
            if numbers.is_some() {
                out.push_str("</span>");
            }
            start = end + 1;
        }
        out
    }
}

fn class_of(tone: Tone) -> &'static str {
    match tone {
        Tone::Comment => "hl-comment",
        Tone::Keyword => "hl-keyword",
        Tone::String => "hl-string",
        Tone::Constant => "hl-constant",
        Tone::Name => "hl-name",
    }
}

/// A URL without the characters that no URL holds (RFC 3986); a per cent sign that escapes nothing is escaped.
fn web(url: &str) -> String {
    let mut out = String::with_capacity(url.len());
    for (at, c) in url.char_indices() {
        let escapes = || url.get(at + 1..at + 3).is_some_and(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()));
        if c == '%' && !escapes() || c.is_whitespace() || c.is_control() || "\"<>\\^`{|}[]".contains(c) {
            let mut bytes = [0; 4];
            c.encode_utf8(&mut bytes).bytes().for_each(|byte| out.push_str(&format!("%{byte:02X}")));
        } else {
            out.push(c);
        }
    }
    out
}
