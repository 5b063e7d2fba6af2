//! A page of HTML as blocks of Markdown.

use super::html::{Element, Node, is_block, is_dropped};
use super::markdown::escapes;
use super::notes::Notes;
use std::collections::BTreeMap;

/// A block of Markdown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Block {
    /// A heading: its level, and its text.
    Heading(u8, String),
    /// Anything else.
    Text(String),
}

/// The blocks of an element's content.
/// `picture` gives the path of a picture in the book by its address; the texts of notes go to `notes`.
pub(super) fn blocks(element: &Element, notes: &mut Notes, picture: &mut dyn FnMut(&str) -> Option<String>) -> Vec<Block> {
    let mut out = Vec::new();
    let mut writer = Writer { notes, picture };
    writer.children(element, &mut out);
    out
}

struct Writer<'a> {
    notes: &'a mut Notes,
    picture: &'a mut dyn FnMut(&str) -> Option<String>,
}

impl Writer<'_> {
    /// Blocks as they stand; text and phrases between them are paragraphs.
    fn children(&mut self, element: &Element, out: &mut Vec<Block>) {
        let mut phrase = String::new();
        for child in &element.children {
            match child {
                Node::Element(child) if is_dropped(child) => {}
                Node::Element(child) if is_block(child) => {
                    paragraph(&mut phrase, out);
                    self.block(child, out);
                }
                Node::Element(child) => self.phrase(child, &mut phrase),
                Node::Text(text) => put_text(&mut phrase, text),
            }
        }
        paragraph(&mut phrase, out);
    }

    fn block(&mut self, element: &Element, out: &mut Vec<Block>) {
        if let Some(label) = self.notes.held_by(element) {
            let mut inner = Vec::new();
            let plain = Element { attributes: BTreeMap::new(), ..element.clone() };
            if matches!(element.name.as_str(), "li" | "dd") {
                self.children(&plain, &mut inner)
            } else {
                self.own_block(&plain, &mut inner)
            }
            let text = joined(&inner);
            self.notes.keep(label, text);
            return;
        }
        self.own_block(element, out);
    }

    fn own_block(&mut self, element: &Element, out: &mut Vec<Block>) {
        match element.name.as_str() {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                let level = element.name.as_bytes().get(1).map_or(1, |digit| digit - b'0');
                let text = self.inline(element).replace("\\\n", "\u{3000}");
                let text = text.trim().to_owned();
                if !text.is_empty() {
                    out.push(Block::Heading(level, text));
                }
            }
            "hr" => out.push(Block::Text("***".into())),
            "pre" => out.push(Block::Text(fenced(&element.text()))),
            "blockquote" => {
                let mut inner = Vec::new();
                self.children(element, &mut inner);
                if !inner.is_empty() {
                    out.push(Block::Text(prefixed(&joined(&inner), "> ", "> ")));
                }
            }
            "ul" | "ol" => {
                let first = element.attribute("start").parse().unwrap_or(1usize);
                let mut items = Vec::new();
                for child in &element.children {
                    let mut inner = Vec::new();
                    match child {
                        Node::Element(child) if child.name == "li" => {
                            if let Some(label) = self.notes.held_by(child) {
                                self.children(child, &mut inner);
                                self.notes.keep(label, joined(&inner));
                                continue;
                            }
                            self.children(child, &mut inner);
                        }
                        Node::Element(child) => self.block(child, &mut inner),
                        Node::Text(text) if !text.trim().is_empty() => inner.push(Block::Text(escaped(text.trim(), true))),
                        Node::Text(_) => continue,
                    }
                    if !inner.is_empty() {
                        let mark = if element.name == "ol" { format!("{}. ", first + items.len()) } else { "- ".into() };
                        items.push(prefixed(&item(&inner), &mark, &" ".repeat(mark.len())));
                    }
                }
                if !items.is_empty() {
                    let loose = items.iter().any(|item| item.contains("\n\n"));
                    out.push(Block::Text(items.join(if loose { "\n\n" } else { "\n" })));
                }
            }
            "dl" => {
                let mut text = String::new();
                for child in &element.children {
                    if let Node::Element(child) = child {
                        let own = self.inline(child);
                        if child.name == "dt" {
                            text += &format!("{}{own}\n", if text.is_empty() { "" } else { "\n" });
                        } else if !own.is_empty() {
                            text += &format!(": {own}\n");
                        }
                    }
                }
                if !text.is_empty() {
                    out.push(Block::Text(text.trim_end().to_owned()));
                }
            }
            "table" => self.table(element, out),
            "figure" => {
                let caption = element.find("figcaption").map(|caption| caption.text().split_whitespace().collect::<Vec<_>>().join(" "));
                match (element.find("img"), caption) {
                    (Some(image), Some(caption)) => out.extend(self.image(image, &caption).map(Block::Text)),
                    _ => self.children(element, out),
                }
            }
            _ => {
                let start = out.len();
                self.children(element, out);
                // Pages that know no headings have paragraphs of such classes.
                let align = element.attribute("style").replace(' ', "");
                let centred = element.name == "center" || align.contains("text-align:center") || element.attribute("align") == "center";
                if centred
                    && out.len() == start + 1
                    && let Some(Block::Text(text)) = out.last_mut()
                    && !text.starts_with("![")
                {
                    *text = format!("::: center\n{text}\n:::");
                }
            }
        }
    }

    fn inline(&mut self, element: &Element) -> String {
        let mut phrase = String::new();
        self.inline_children(element, &mut phrase);
        phrase.trim().to_owned()
    }

    fn inline_children(&mut self, element: &Element, out: &mut String) {
        for child in &element.children {
            match child {
                Node::Text(text) => put_text(out, text),
                Node::Element(child) if is_dropped(child) => {}
                Node::Element(child) => {
                    if is_block(child) && !out.is_empty() && !out.ends_with([' ', '\n']) {
                        out.push(' ');
                    }
                    self.phrase(child, out);
                }
            }
        }
    }

    fn phrase(&mut self, element: &Element, out: &mut String) {
        let around = |writer: &mut Self, mark: &str, out: &mut String| {
            let text = writer.inline(element);
            // Marks of emphasis stand against text.
            if text.is_empty() || text.starts_with('*') && mark.starts_with('*') {
                out.push_str(&text)
            } else {
                out.push_str(&format!("{mark}{text}{mark}"))
            }
        };
        match element.name.as_str() {
            "br" => {
                if !out.is_empty() {
                    out.truncate(out.trim_end_matches(' ').len());
                    out.push_str("\\\n");
                }
            }
            "b" | "strong" => around(self, "**", out),
            "i" | "em" | "cite" | "dfn" | "var" => around(self, "*", out),
            "s" | "del" | "strike" => around(self, "~~", out),
            "sup" | "sub" => {
                let name = &element.name;
                let text = self.inline(element);
                if text.starts_with("[^") {
                    out.push_str(&text)
                } else if !text.is_empty() {
                    out.push_str(&format!("<{name}>{text}</{name}>"))
                }
            }
            "code" | "tt" | "kbd" | "samp" => {
                let text = element.text();
                let fence = if text.contains('`') { "``" } else { "`" };
                let blank = if text.contains('`') { " " } else { "" };
                if !text.trim().is_empty() {
                    out.push_str(&format!("{fence}{blank}{}{blank}{fence}", text.trim()));
                }
            }
            "math" => out.push_str(&formula(element)),
            "ruby" => self.ruby(element, out),
            "img" | "image" => {
                if let Some(image) = self.image(element, "") {
                    out.push_str(&image);
                }
            }
            "a" => {
                if self.notes.leads_back(element) {
                    return;
                }
                if let Some(label) = self.notes.marked_by(element) {
                    out.push_str(&format!("[^{label}]"));
                    return;
                }
                let text = self.inline(element);
                let address = element.attribute("href");
                let outside = ["http://", "https://", "mailto:"].iter().any(|scheme| address.starts_with(scheme));
                if outside && !text.is_empty() && !address.contains([' ', '(', ')', '<', '>']) {
                    out.push_str(&format!("[{text}]({address})"))
                } else {
                    out.push_str(&text)
                }
            }
            _ => self.inline_children(element, out),
        }
    }

    fn ruby(&mut self, element: &Element, out: &mut String) {
        let mut base = String::new();
        for child in &element.children {
            match child {
                Node::Element(child) if child.name == "rt" => {
                    let reading = child.text().trim().to_owned();
                    let plain = !base.is_empty() && !base.contains(['|', '{', '}']) && !reading.contains(['|', '{', '}']);
                    out.push_str(&if plain && !reading.is_empty() { format!("{{{base}|{reading}}}") } else { escaped(&base, false) });
                    base.clear();
                }
                Node::Element(child) if child.name != "rp" => base.push_str(child.text().trim()),
                Node::Element(_) => {}
                Node::Text(text) => base.push_str(text.trim()),
            }
        }
        out.push_str(&escaped(&base, false));
    }

    fn image(&mut self, element: &Element, caption: &str) -> Option<String> {
        let address = ["src", "xlink:href", "href"].iter().map(|name| element.attribute(name)).find(|address| !address.is_empty())?;
        let Some(path) = (self.picture)(address) else {
            // A picture that is not there still says what it showed.
            let alt = element.attribute("alt").trim();
            return (!alt.is_empty() || !caption.is_empty()).then(|| escaped(if caption.is_empty() { alt } else { caption }, false));
        };
        let alt = escaped(&element.attribute("alt").split_whitespace().collect::<Vec<_>>().join(" "), false);
        let title = if caption.is_empty() { String::new() } else { format!(" \"{}\"", caption.replace('"', "”")) };
        Some(format!("![{alt}]({}{title})", path.replace(' ', "%20")))
    }

    fn table(&mut self, element: &Element, out: &mut Vec<Block>) {
        let mut rows: Vec<Vec<&Element>> = Vec::new();
        element.walk(&mut |row| {
            if row.name == "tr" {
                let cells = row.children.iter().filter_map(|child| if let Node::Element(cell) = child { Some(cell) } else { None });
                rows.push(cells.filter(|cell| matches!(cell.name.as_str(), "td" | "th")).collect());
            }
        });
        rows.retain(|row| !row.is_empty());
        let width = rows.iter().map(Vec::len).max().unwrap_or(0);
        if width == 0 {
            return self.children(element, out);
        }
        if width == 1 {
            // A frame, not a table.
            return rows.into_iter().flatten().for_each(|cell| self.children(cell, out));
        }
        let spans = |cell: &&Element| ["colspan", "rowspan"].iter().any(|name| !matches!(cell.attribute(name), "" | "1"));
        if rows.iter().flatten().any(spans) {
            let mut text = String::from("<table>\n");
            for row in &rows {
                text += "<tr>";
                for cell in row {
                    let span = |name: &str| match cell.attribute(name).parse::<u32>() {
                        Ok(number) if number > 1 => format!(" {name}=\"{number}\""),
                        _ => String::new(),
                    };
                    let content = cell.text().split_whitespace().collect::<Vec<_>>().join(" ").replace('&', "&amp;").replace('<', "&lt;");
                    text += &format!("<{0}{1}{2}>{content}</{0}>", cell.name, span("colspan"), span("rowspan"));
                }
                text += "</tr>\n";
            }
            out.push(Block::Text(text + "</table>"));
            return;
        }
        let mut text = String::new();
        for (at, row) in rows.iter().enumerate() {
            let mut cells: Vec<String> = row.iter().map(|cell| self.inline(cell).replace("\\\n", " ").replace('\n', " ")).collect();
            cells.resize(width, String::new());
            text += &format!("| {} |\n", cells.join(" | "));
            if at == 0 {
                text += &format!("|{}\n", " --- |".repeat(width));
            }
        }
        out.push(Block::Text(text.trim_end().to_owned()));
        if let Some(caption) = element.find("caption") {
            let caption = self.inline(caption);
            out.push(Block::Text(format!("表：{caption}")));
        }
    }
}

/// A formula by its source, where the page has it; else its characters.
fn formula(element: &Element) -> String {
    let mut source = None;
    element.walk(&mut |inner| {
        if inner.name == "annotation" && inner.attribute("encoding").contains("tex") {
            source.get_or_insert_with(|| inner.text().trim().to_owned());
        }
    });
    let source = source.or_else(|| Some(element.attribute("alttext").to_owned()).filter(|text| text.contains('\\')));
    match source.filter(|source| !source.is_empty() && !source.contains('$')) {
        Some(source) if element.attribute("display") == "block" => format!("$${source}$$"),
        Some(source) => format!("${source}$"),
        None => escaped(&element.text().split_whitespace().collect::<Vec<_>>().join(" "), false),
    }
}

/// Text as it reads: blanks and line ends are one blank, and none between Chinese characters.
fn put_text(out: &mut String, text: &str) {
    let mut collapsed = String::with_capacity(text.len());
    let (mut blank, mut broken) = (false, false);
    for c in text.chars() {
        if matches!(c, ' ' | '\n' | '\t' | '\r') {
            blank = true;
            broken |= c == '\n';
            continue;
        }
        if std::mem::take(&mut blank) {
            let before = collapsed.chars().next_back().or_else(|| out.chars().next_back());
            let silent =
                before.is_none_or(|before| before == '\n' || std::mem::take(&mut broken) && crate::script::without_soft_break(before, c));
            if !silent {
                collapsed.push(' ');
            }
            broken = false;
        }
        collapsed.push(c);
    }
    if blank && !(collapsed.is_empty() && out.is_empty()) {
        collapsed.push(' ');
    }
    let begins = out.is_empty() || out.ends_with('\n');
    out.push_str(&escaped(&collapsed, begins));
}

/// The text as Markdown that says the same; `begins` where it begins a line.
#[expect(clippy::string_slice, reason = "`escapes` gives the places of characters of the same text, in order")]
pub(super) fn escaped(text: &str, begins: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for at in escapes(text) {
        let anywhere = super::markdown::is_special(text[at..].chars().next().unwrap_or(' '));
        if begins || anywhere {
            out.push_str(&text[done..at]);
            out.push('\\');
            done = at;
        }
    }
    out + &text[done..]
}

fn paragraph(phrase: &mut String, out: &mut Vec<Block>) {
    let text = std::mem::take(phrase);
    let text = text.trim_matches(|c: char| c.is_ascii_whitespace() || matches!(c, '\u{3000}' | '\u{a0}' | '\u{200b}' | '\u{feff}'));
    let text = text.trim_end_matches("\\\n").trim_end_matches('\\').trim();
    if !text.is_empty() {
        out.push(Block::Text(text.to_owned()));
    }
}

pub(super) fn joined(blocks: &[Block]) -> String {
    let texts: Vec<String> = blocks
        .iter()
        .map(|block| match block {
            Block::Heading(level, text) => format!("{} {text}", "#".repeat(usize::from(*level))),
            Block::Text(text) => text.clone(),
        })
        .collect();
    texts.join("\n\n")
}

/// The blocks of an item of a list: a list within it follows its text at once.
fn item(blocks: &[Block]) -> String {
    let is_list = |block: &Block| matches!(block, Block::Text(text) if text.starts_with("- ") || text.starts_with("1. "));
    let own = |block: &Block| joined(std::slice::from_ref(block));
    match blocks {
        [first, list] if is_list(list) && !own(list).contains("\n\n") => format!("{}\n{}", own(first), own(list)),
        _ => joined(blocks),
    }
}

pub(super) fn prefixed(text: &str, first: &str, others: &str) -> String {
    let lines = text.lines().enumerate().map(|(at, line)| {
        let mark = if at == 0 { first } else { others };
        if line.is_empty() { mark.trim_end().to_owned() } else { format!("{mark}{line}") }
    });
    lines.collect::<Vec<_>>().join("\n")
}

pub(super) fn fenced(text: &str) -> String {
    let mut fence = String::from("```");
    while text.contains(&fence) {
        fence.push('`');
    }
    format!("{fence}\n{}\n{fence}", text.trim_matches('\n'))
}
