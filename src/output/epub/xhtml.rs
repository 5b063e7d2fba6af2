//! Content documents: the model as XHTML.

use super::text::is_lined;
use super::{Names, math};
use crate::document::{
    Align, Attrs, Block, BlockKind, Callout, Cell, ChapterKind, Container, Highlight, Image, Inline, InlineKind, Link, Panel, Table, Tone,
    plain_text, split_number,
};
use crate::manifest::Matter;
use crate::output::Input;
use crate::script;
use std::fmt::Write;

/// Text in an element.
pub(super) fn escape(text: &str) -> String {
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
    out
}

/// The id of a chapter's own element, for a chapter without a heading.
pub(super) const CHAPTER_ID: &str = "chapter-start";

/// A whole document; its lines run `across` even in a book of columns, or as the book's.
fn document(input: &Input<'_>, title: &str, body: &str, across: bool) -> String {
    let class = if across && input.style.is_vertical() { " class=\"across\"" } else { "" };
    let language = escape(&input.loaded.manifest.book.language);
    let title = escape(title);
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" xmlns:epub=\"http://www.idpf.org/2007/ops\" \
         lang=\"{language}\" xml:lang=\"{language}\"{class}>\n<head>\n<meta charset=\"utf-8\"/>\n<title>{title}</title>\n\
         <link rel=\"stylesheet\" type=\"text/css\" href=\"stylesheet.css\"/>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )
}

/// The cover's page.
pub(super) fn cover(input: &Input<'_>, image: &str) -> String {
    let title = escape(input.loaded.manifest.book.title.get_ref());
    let body =
        format!("<section class=\"cover\" epub:type=\"cover\">\n<img src=\"{image}\" alt=\"{title}\" role=\"doc-cover\"/>\n</section>");
    document(input, input.style.labels.cover, &body, true)
}

/// The copyright page: what the manifest says of publisher, edition, rights and ISBN. `None` where it says nothing of these.
pub(super) fn copyright(input: &Input<'_>) -> Option<String> {
    let book = &input.loaded.manifest.book;
    let pdf_says_no = input.loaded.manifest.pdf.copyright_page == Some(false);
    if pdf_says_no || book.publisher.is_none() && book.edition.is_none() && book.isbn.is_none() && book.rights.is_none() {
        return None;
    }
    let labels = input.style.labels;
    let mut body = format!(
        "<section class=\"copyright\" epub:type=\"copyright-page\" aria-label=\"{}\">\n<p class=\"name\">{}</p>\n",
        labels.copyright,
        escape(book.title.get_ref())
    );
    for credit in labels.credits(&book.authors) {
        let _ = writeln!(body, "<p>{}</p>", escape(&credit));
    }
    let date = book.date.as_ref().map(|date| labels.date(date.get_ref()));
    for (fact, label) in [&book.publisher, &book.edition, &date, &book.isbn].into_iter().zip(labels.imprint) {
        if let Some(fact) = fact {
            let _ = writeln!(body, "<p>{label}　{}</p>", escape(fact));
        }
    }
    if let Some(rights) = &book.rights {
        let _ = writeln!(body, "<p class=\"rights\">{}</p>", escape(rights));
    }
    body.push_str("</section>");
    Some(document(input, labels.copyright, &body, true))
}

/// The title page.
pub(super) fn title_page(input: &Input<'_>) -> String {
    let book = &input.loaded.manifest.book;
    let labels = input.style.labels;
    let mut body = format!("<section class=\"titlepage\" epub:type=\"titlepage\">\n<h1>{}</h1>\n", escape(book.title.get_ref()));
    if let Some(subtitle) = &book.subtitle {
        let _ = writeln!(body, "<p class=\"subtitle\" role=\"doc-subtitle\">{}</p>", escape(subtitle));
    }
    for credit in labels.credits(&book.authors) {
        let _ = writeln!(body, "<p class=\"credit\">{}</p>", escape(&credit));
    }
    let imprint: Vec<String> =
        [book.publisher.clone(), book.date.as_ref().map(|date| labels.date(date.get_ref()))].into_iter().flatten().collect();
    if !imprint.is_empty() {
        let _ = writeln!(body, "<p class=\"imprint\">{}</p>", imprint.iter().map(|text| escape(text)).collect::<Vec<_>>().join("<br/>"));
    }
    body.push_str("</section>");
    document(input, book.title.get_ref(), &body, true)
}

/// A chapter's document.
pub(super) fn chapter(input: &Input<'_>, names: &Names, at: usize) -> String {
    let chapter = &input.manuscript.chapters[at];
    let matter = |other| {
        let known = input.style.labels.matters.iter().find(|(words, ..)| words.iter().any(|word| chapter.title.contains(word)));
        known.map_or((other, None), |(_, kind, role)| (*kind, Some(*role)))
    };
    let (kind, role) = match (chapter.kind, chapter.matter) {
        (ChapterKind::Part, _) => ("part", Some("doc-part")),
        (ChapterKind::Dedication, _) => ("dedication", Some("doc-dedication")),
        (ChapterKind::Colophon, _) => ("colophon", Some("doc-colophon")),
        (ChapterKind::Text, Matter::Main) if chapter.depth > 0 => ("subchapter", None),
        (ChapterKind::Text, Matter::Main) => ("chapter", Some("doc-chapter")),
        (ChapterKind::Text, Matter::Front) => matter("frontmatter"),
        (ChapterKind::Text, Matter::Back) => matter("backmatter"),
    };
    let role = role.map_or(String::new(), |role| format!(" role=\"{role}\""));
    let mut writer = Writer { input, names, chapter: at, out: String::new(), marks: vec![0; chapter.document.notes.len()] };
    writer.blocks(&chapter.document.blocks);
    writer.notes();
    let labelled = chapter
        .document
        .blocks
        .iter()
        .find(|block| matches!(block.kind, BlockKind::Heading { .. }))
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
    let body = format!("<section id=\"{CHAPTER_ID}\"{class} epub:type=\"{kind}\"{role} {name}>\n{}</section>", writer.out);
    document(input, &chapter.title, &body, false)
}

/// The number that stands for a note in the EPUB: counted through the chapter.
fn note_number(note: usize) -> String {
    script::circled(note + 1).map_or_else(|| format!("[{}]", note + 1), String::from)
}

pub(super) struct Writer<'a> {
    pub input: &'a Input<'a>,
    names: &'a Names,
    chapter: usize,
    out: String,
    /// How often each note was referred to so far.
    marks: Vec<usize>,
}

impl Writer<'_> {
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

    fn blocks(&mut self, blocks: &[Block]) {
        blocks.iter().for_each(|block| self.block(block));
    }

    fn element(&mut self, name: &str, attributes: &str, blocks: &[Block]) {
        let _ = writeln!(self.out, "<{name}{attributes}>");
        self.blocks(blocks);
        let _ = writeln!(self.out, "</{name}>");
    }

    fn block(&mut self, block: &Block) {
        let attributes = |own: &[&str]| Self::attributes(&block.attrs, own);
        match &block.kind {
            BlockKind::Heading { level, number, content } => {
                let inner = self.heading(*level, number.as_deref(), content);
                let level = (*level).min(6);
                let _ = writeln!(self.out, "<h{level}{}>{inner}</h{level}>", attributes(&[]));
            }
            BlockKind::Paragraph(content) => {
                let inner = self.inlines(content);
                let _ = writeln!(self.out, "<p{}>{inner}</p>", attributes(&[]));
            }
            BlockKind::Quote(blocks) => self.element("blockquote", &attributes(&[]), blocks),
            BlockKind::Callout(kind, blocks) => {
                let label = self.input.style.labels.callouts[*kind as usize];
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
                    let mark = item.task.map_or(String::new(), |done| format!("{} ", script::task_mark(done)));
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
                let code = highlighted(text, highlights);
                let (own, code) = match block.attrs.lines_from {
                    Some(from) => (&["numbered"][..], numbered(&code, from)),
                    None => (&[][..], code),
                };
                let _ = writeln!(self.out, "<pre{}><code>{code}</code></pre>", attributes(own));
            }
            BlockKind::Table(table) => self.table(table, &attributes(&["table"])),
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
                let _ = match math::display(source) {
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
    fn heading(&mut self, level: u8, number: Option<&str>, content: &[Inline]) -> String {
        let stacked = level == 1;
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

    fn caption(&mut self, number: Option<&str>, caption: &[Inline]) -> String {
        let text = self.inlines(caption);
        match number {
            Some(number) if text.is_empty() => escape(number),
            Some(number) => format!("{}　{text}", escape(number)),
            None => text,
        }
    }

    fn table(&mut self, table: &Table, attributes: &str) {
        let _ = writeln!(self.out, "<div{attributes}>\n<table>");
        let caption = self.caption(table.number.as_deref(), &table.caption);
        if !caption.is_empty() {
            let _ = writeln!(self.out, "<caption>{caption}</caption>");
        }
        for (name, rows, head) in [("thead", &table.head, true), ("tbody", &table.body, false)] {
            if rows.is_empty() {
                continue;
            }
            let _ = writeln!(self.out, "<{name}>");
            for row in rows {
                self.out.push_str("<tr>");
                row.iter().enumerate().for_each(|(column, cell)| self.cell(cell, column, head, table));
                self.out.push_str("</tr>\n");
            }
            let _ = writeln!(self.out, "</{name}>");
        }
        self.out.push_str("</table>\n</div>\n");
    }

    fn cell(&mut self, cell: &Cell, column: usize, head: bool, table: &Table) {
        let empty = cell.blocks.is_empty();
        let header = (head || cell.header) && !empty;
        let name = if header { "th" } else { "td" };
        let mut attributes = String::new();
        if header {
            let scope = if head { "col" } else { "row" };
            let _ = write!(attributes, " scope=\"{scope}\"");
        }
        if cell.columns > 1 {
            let _ = write!(attributes, " colspan=\"{}\"", cell.columns);
        }
        if cell.rows > 1 {
            let _ = write!(attributes, " rowspan=\"{}\"", cell.rows);
        }
        match table.aligns.get(column) {
            Some(Align::Center) => attributes.push_str(" class=\"center\""),
            Some(Align::Right) => attributes.push_str(" class=\"right\""),
            Some(Align::Left) => attributes.push_str(" class=\"left\""),
            _ => {}
        }
        let _ = write!(self.out, "<{name}{attributes}>");
        match cell.blocks.as_slice() {
            [Block { kind: BlockKind::Paragraph(content), attrs, .. }] if attrs.is_empty() => {
                let inner = self.inlines(content);
                self.out.push_str(&inner);
            }
            blocks => self.blocks(blocks),
        }
        let _ = write!(self.out, "</{name}>");
    }

    fn image(&self, image: &Image, width: Option<f64>) -> String {
        let alt = escape(&image.alt);
        let Some(name) = image.path.as_ref().and_then(|path| self.names.images.get(path)) else {
            let text = if image.alt.is_empty() { escape(&image.source) } else { alt };
            return format!("<span class=\"missing\">{text}</span>");
        };
        // In a column a share of the line is a share of its height: that of the page's width is meant.
        let share = width.map(|share| (share * 1000.0).round() / 10.0);
        let style = match share {
            Some(share) if self.input.style.is_vertical() => format!(" style=\"width: {share}%; width: {share}vw\""),
            Some(share) => format!(" style=\"width: {share}%\""),
            None => String::new(),
        };
        // An image without words is a picture that says nothing, as far as the book tells.
        let role = if image.alt.is_empty() { " role=\"presentation\"" } else { "" };
        format!("<img src=\"{name}\" alt=\"{alt}\"{style}{role}/>")
    }

    fn href(&self, to: &Link) -> Option<String> {
        match to {
            Link::Web(url) => Some(escape(&web(url))),
            Link::Inside { chapter, id } => {
                let fragment = id.as_deref().map_or(String::new(), |id| format!("#{}", escape(&xml_id(id))));
                if *chapter == self.chapter && !fragment.is_empty() {
                    Some(fragment)
                } else {
                    Some(format!("{}{fragment}", self.names.chapters[*chapter]))
                }
            }
            Link::Written(_) | Link::Dead => None,
        }
    }

    fn inlines(&mut self, inlines: &[Inline]) -> String {
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
        match &inline.kind {
            Text(text) => self.text(text),
            Emphasis(inner) => self.wrap("em", inline, inner),
            Strong(inner) => self.wrap("strong", inline, inner),
            Strike(inner) => self.wrap("del", inline, inner),
            Underline(inner) => self.wrap("u", inline, inner),
            Subscript(inner) => self.wrap("sub", inline, inner),
            Superscript(inner) => self.wrap("sup", inline, inner),
            Span(inner) if inline.attrs.has("warichu") => {
                let (classes, text) = match self.double_line(inner) {
                    Some(note) => (&[][..], note),
                    None => (&["small"][..], self.inlines(inner)),
                };
                format!("<span{}>{text}</span>", Self::attributes(&inline.attrs, classes))
            }
            Span(inner) if inline.attrs.has("sidenote") => {
                let inner = self.inlines(inner);
                format!("<span{} role=\"note\">{inner}</span>", Self::attributes(&inline.attrs, &[]))
            }
            Span(inner) => self.wrap("span", inline, inner),
            Code(text) => format!("<code{}>{}</code>", Self::attributes(&inline.attrs, &[]), escape(text)),
            Math(source) => math::inline(source).unwrap_or_else(|| format!("<code class=\"math\">{}</code>", escape(source))),
            Link(to, inner) => {
                let text = self.inlines(inner);
                match self.href(to) {
                    Some(href) if !text.contains("<a ") => format!("<a href=\"{href}\"{}>{text}</a>", Self::attributes(&inline.attrs, &[])),
                    _ => text,
                }
            }
            Reference { to, text, .. } => match self.href(to) {
                Some(href) => format!("<a href=\"{href}\">{}</a>", escape(text)),
                None => escape(text),
            },
            Image(image) => self.image(image, inline.attrs.width),
            Ruby(pairs) => {
                let pairs: String = pairs
                    .iter()
                    .map(|(base, reading)| {
                        if reading.is_empty() {
                            escape(base)
                        } else {
                            let zhuyin = reading.chars().all(|c| script::is_zhuyin(c) || c.is_whitespace());
                            let class = if zhuyin { " class=\"zhuyin\"" } else { "" };
                            format!("<ruby{class}>{}<rp>（</rp><rt>{}</rt><rp>）</rp></ruby>", escape(base), escape(reading))
                        }
                    })
                    .collect();
                pairs
            }
            Note(note) => self.note_mark(*note),
            Break => "<br/>".into(),
        }
    }

    fn note_mark(&mut self, note: usize) -> String {
        self.marks[note] += 1;
        let id = if self.marks[note] == 1 { format!(" id=\"ref-{}\"", note + 1) } else { String::new() };
        let number = note_number(note);
        format!("<a class=\"noteref\" epub:type=\"noteref\" role=\"doc-noteref\" href=\"#note-{}\"{id}>{number}</a>", note + 1)
    }

    /// The chapter's notes, each an aside that a reader may show beside its mark.
    fn notes(&mut self) {
        let notes = &self.input.manuscript.chapters[self.chapter].document.notes;
        if notes.is_empty() {
            return;
        }
        let labels = self.input.style.labels;
        let _ =
            writeln!(self.out, "<section class=\"notes\" epub:type=\"footnotes\" role=\"doc-endnotes\" aria-label=\"{}\">", labels.notes);
        for (at, note) in notes.iter().enumerate() {
            let number = note_number(at);
            let _ = writeln!(self.out, "<aside class=\"note\" epub:type=\"footnote\" role=\"doc-footnote\" id=\"note-{}\">", at + 1);
            let back = if note.marks > 0 {
                format!("<a class=\"back\" role=\"doc-backlink\" href=\"#ref-{}\" title=\"{}\">{number}</a> ", at + 1, labels.back)
            } else {
                format!("{number} ")
            };
            match note.blocks.split_first() {
                Some((Block { kind: BlockKind::Paragraph(content), .. }, rest)) => {
                    let inner = self.inlines(content);
                    let _ = writeln!(self.out, "<p>{back}{inner}</p>");
                    self.blocks(rest);
                }
                _ => {
                    let _ = writeln!(self.out, "<p>{back}</p>");
                    self.blocks(&note.blocks);
                }
            }
            self.out.push_str("</aside>\n");
        }
        self.out.push_str("</section>\n");
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

/// Each line of a listing in an element that shows its number. A highlight that goes over a line's end is closed there and
/// opened again.
fn numbered(code: &str, from: usize) -> String {
    let mut open: Option<String> = None;
    let mut lines = Vec::new();
    for line in code.split('\n') {
        let mut whole = open.clone().unwrap_or_default();
        whole.push_str(line);
        let last_open = line.rfind("<span");
        match (last_open, line.rfind("</span>")) {
            (Some(start), close) if close.is_none_or(|close| close < start) => {
                let end = line[start..].find('>').map_or(line.len(), |end| start + end + 1);
                open = Some(line[start..end].to_owned());
            }
            (_, Some(_)) => open = None,
            _ => {}
        }
        if open.is_some() {
            whole.push_str("</span>");
        }
        lines.push(whole);
    }
    let line = |(at, line): (usize, &String)| format!("<span class=\"line\" data-line=\"{}\">{line}</span>", from + at);
    lines.iter().enumerate().map(line).collect::<Vec<_>>().join("\n")
}

fn highlighted(text: &str, highlights: &[Highlight]) -> String {
    let mut out = String::new();
    let mut at = 0;
    for highlight in highlights {
        let class = match highlight.tone {
            Tone::Comment => "hl-comment",
            Tone::Keyword => "hl-keyword",
            Tone::String => "hl-string",
            Tone::Constant => "hl-constant",
            Tone::Name => "hl-name",
        };
        out.push_str(&escape(&text[at..highlight.range.start]));
        let _ = write!(out, "<span class=\"{class}\">{}</span>", escape(&text[highlight.range.clone()]));
        at = highlight.range.end;
    }
    out.push_str(&escape(&text[at..]));
    out
}
